// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The diagnosis of one cycle: indicators, table, levels, reactions, evidence.

/// Judges a sample and an estimate by the diagnosis table.
///
/// Detectors turn the sample, the estimate and the commands of the last cycle into one indicator for
/// every row; the table turns indicators into levels; levels into reactions with deadlines. Every
/// change to a higher level is a Trip, and from the recommended level on it freezes evidence.
/// Nothing here acts: `Control` does.
///
/// This is not a certified safety function.
public struct Diagnosis<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// Levels, indicators, reactions and trips.
  public var state = DiagnosisState<Real>()
  /// Frozen rings around trips.
  public var evidence = EvidenceRecorder<cells, probes, Real>()
  /// Extremes of the last sample.
  public var features = PackFeatures<Real>()
  @usableFromInline var rows: FaultTable<RowState> = InlineArray(repeating: RowState())
  @usableFromInline var slope = TemperatureSlope<probes, Real>()
  @usableFromInline var stuck = StuckChannel<cells, Real>()
  @usableFromInline var loose = LooseConnection<cells, Real>()
  @usableFromInline var short = ExternalShort<Real>()
  @usableFromInline var event = ThermalEvent<cells, Real>()
  @usableFromInline var heat = HeatWatch<Real>()
  @usableFromInline var drop = SiblingDrop<cells, Real>()
  @usableFromInline var rest = RestWatch<cells, Real>()
  @usableFromInline var estimator = EstimatorWatch<Real>()
  @usableFromInline var remainder: Real = 0
  @usableFromInline var openMilliseconds: UInt32 = 0
  @usableFromInline var offset: Real = 0
  @usableFromInline var hasStarted = false

  /// Before the first cycle.
  @inlinable
  public init() {}

  /// Judges one cycle.
  ///
  /// - Parameters:
  ///   - sample: The judged measurements.
  ///   - estimate: The estimate after the same sample.
  ///   - commands: The commands of the cycle before.
  ///   - configuration: The table.
  /// - Complexity: O(cells + probes + rows); no allocation.
  @inlinable
  public mutating func step(
    _ sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>,
    commands: inout ActuatorCommands<cells, Real>,
    configuration: inout DiagnosisConfiguration<Real>
  ) {
    let milliseconds = advanceTime(&sample, configuration: &configuration)
    let interval = Real(milliseconds) / 1000
    features = PackFeatures(&sample)
    fillMeasured(&sample, commands: &commands, configuration: &configuration)
    fillSensors(&sample, commands: &commands, interval: interval, configuration: &configuration)
    fillSwitches(&sample, commands: &commands)
    fillDetected(
      &sample, estimate: &estimate, commands: &commands, milliseconds: milliseconds,
      configuration: &configuration)
    let conditions = enabled(&sample, estimate: &estimate, commands: &commands, &configuration)
    judge(&sample, estimate: &estimate, commands: &commands, conditions, &configuration)
    gather(&sample, configuration: &configuration)
    evidence.record(
      &sample, features: features, stateOfCharge: estimate.stateOfCharge,
      contactors: commands.contactors, worst: state.worst, at: state.uptimeMilliseconds)
    hasStarted = true
  }

  /// Clears every latched level, the log and the evidence: only for a service tool.
  ///
  /// A fault that persists trips again after its debounce.
  @inlinable
  public mutating func clearByService() {
    for row in rows.indices { rows[row].clear() }
    state.trips = InlineArray(repeating: Trip())
    state.tripCount = 0
    state.latched = 0
    evidence.clear()
  }

  /// Duration of this cycle in whole milliseconds; the rest is carried over.
  @inlinable
  mutating func advanceTime(
    _ sample: inout PackSample<cells, probes, Real>,
    configuration: inout DiagnosisConfiguration<Real>
  ) -> UInt32 {
    var milliseconds = configuration.facts.cycleMilliseconds
    if sample.interval > 0, sample.interval.isFinite {
      let exact = min(sample.interval, 3_000_000) * 1000 + remainder
      let whole = exact.rounded(.down)
      remainder = exact - whole
      milliseconds = UInt32(whole.clamped(0, 4_000_000_000))
    } else if !hasStarted {
      milliseconds = 0
    }
    state.cycleMilliseconds = milliseconds
    state.uptimeMilliseconds = state.uptimeMilliseconds &+ UInt64(milliseconds)
    return milliseconds
  }

  @inlinable
  mutating func enabled(
    _ sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>,
    commands: inout ActuatorCommands<cells, Real>,
    _ configuration: inout DiagnosisConfiguration<Real>
  ) -> EnableCondition {
    var conditions: EnableCondition = EnableCondition()
    let least = configuration.settings.restRate * configuration.facts.capacityAmpereHours
    let flowsIn = sample.current.isUsable && sample.current.value < -least
    let isCharging = flowsIn || sample.request == .charge
    conditions.insert(isCharging ? .charging : .notCharging)
    if commands.contactors.contains(.negative | .positive) { conditions.insert(.connected) }
    if openMilliseconds >= configuration.settings.disconnectedMilliseconds {
      conditions.insert(.disconnected)
    }
    var balances = false
    for cell in 0..<cells where commands.balancing[cell] != 0 { balances = true }
    if !balances { conditions.insert(.notBalancing) }
    if estimate.isConverged { conditions.insert(.converged) }
    return conditions
  }

  @inlinable
  mutating func judge(
    _ sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>,
    commands: inout ActuatorCommands<cells, Real>,
    _ conditions: EnableCondition, _ configuration: inout DiagnosisConfiguration<Real>
  ) {
    let isOff = sample.request == .off || sample.request == .sleep
    for row in rows.indices {
      let isEnabled = configuration.rows[row].enable.isSubset(of: conditions)
      let rises = rows[row].advance(
        state.indicator[row].value, by: configuration.rows[row],
        milliseconds: state.cycleMilliseconds, isEnabled: isEnabled, isOff: isOff)
      if rises {
        log(row, &sample, estimate: &estimate, commands: &commands, &configuration)
      }
    }
  }

  @inlinable
  mutating func log(
    _ row: Int, _ sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>,
    commands: inout ActuatorCommands<cells, Real>,
    _ configuration: inout DiagnosisConfiguration<Real>
  ) {
    let entry = configuration.rows[row]
    let level = rows[row].level
    let isDriving = sample.request == .drive
    let grace = isDriving ? entry.driveGraceMilliseconds : 0
    // What opens at standstill has no deadline while driving: it counts from the standstill.
    let waits = isDriving && entry.reaction[level].contains(.openAtStandstill)
    let deadline =
      waits ? .max : state.uptimeMilliseconds &+ UInt64(entry.reactMilliseconds) &+ UInt64(grace)
    rows[row].deadlineMilliseconds = deadline
    state.tripCount = state.tripCount == .max ? 17 : state.tripCount + 1
    var trip = Trip<Real>()
    trip.number = state.tripCount
    trip.fault = entry.fault
    trip.level = level
    trip.index = state.indicator[row].index
    trip.timeMilliseconds = state.uptimeMilliseconds
    trip.value = state.indicator[row].value
    trip.limit = entry.limit[level]
    trip.limitVersion = configuration.version
    trip.reaction = entry.reaction[level]
    trip.deadlineMilliseconds = deadline
    state.trips[Int((state.tripCount &- 1) % 16)] = trip
    guard level >= .recommended else { return }
    let moment = EvidenceSample(
      &sample, stateOfCharge: estimate.stateOfCharge, contactors: commands.contactors, worst: level,
      at: state.uptimeMilliseconds)
    evidence.freeze(trip, row: entry, votes: event.votes, moment: moment)
  }

  /// Union of reactions, earliest deadline, cause.
  @inlinable
  mutating func gather(
    _ sample: inout PackSample<cells, probes, Real>,
    configuration: inout DiagnosisConfiguration<Real>
  ) {
    var worst = FaultLevel.within
    var reaction: Reaction = Reaction()
    var deadline = UInt64.max
    var causeDeadline = UInt64.max
    var grace = UInt32.max
    state.isolateIndex = -1
    state.latched = 0
    for row in rows.indices {
      let level = rows[row].level
      state.level[row] = level
      guard level > .within else { continue }
      let asked = configuration.rows[row].reaction[level]
      reaction.formUnion(asked)
      if level == .safety { state.latched |= 1 << UInt64(row) }
      if level > worst || (level == worst && rows[row].deadlineMilliseconds < causeDeadline) {
        worst = level
        causeDeadline = rows[row].deadlineMilliseconds
        state.cause = configuration.rows[row].fault
      }
      // Of a thermal event only the vote of a voltage names a cell.
      let namesCell = row != FaultClass.thermalEvent.row || event.votes.contains(.voltage)
      if asked.contains(.isolate), namesCell {
        state.isolateIndex = state.indicator[row].index
      }
      if !asked.isDisjoint(with: .open | .disconnect) {
        deadline = min(deadline, rows[row].deadlineMilliseconds)
        grace = min(grace, configuration.rows[row].driveGraceMilliseconds)
      }
    }
    state.worst = worst
    state.reaction = reaction
    state.openDeadlineMilliseconds = deadline
    state.driveGraceMilliseconds = grace == .max ? 0 : grace
  }
}
