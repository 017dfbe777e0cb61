// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Self-discharge, drift from rest to rest and balancing surplus of every cell against its siblings.

/// What the cells do while the pack rests, and what balancing had to do to keep them together.
///
/// Every number is a difference from the mean of the other cells, so that temperature and the common
/// part of relaxation drop out.
public struct RestWatch<let cells: Int, Real: CoreReal>: Sendable {
  /// Time at rest, in seconds.
  public var restSeconds: Real = 0
  @usableFromInline var voltageReference: InlineArray<cells, Real> = InlineArray(repeating: 0)
  @usableFromInline var voltageSeconds: Real = -1
  /// Charge taken from each cell by balancing since the start of the record, in ampere-hours.
  public var bled: InlineArray<cells, Real> = InlineArray(repeating: 0)
  @usableFromInline var bledDays: Real = 0
  @usableFromInline var driftReference: InlineArray<cells, Real> = InlineArray(repeating: 0)
  @usableFromInline var driftDays: Real = -1
  @usableFromInline var drift = Indicator<Real>.unknown
  @usableFromInline var sinceSurplus: Real = 0
  @usableFromInline var surplus = Indicator<Real>(0)

  /// No history.
  @inlinable
  public init() {}

  /// Whether the pack has rested long enough for its voltages to be settled.
  @inlinable
  public mutating func isSettled(_ settings: DetectorSettings<Real>) -> Bool {
    restSeconds >= settings.restSettlingSeconds
  }

  /// The three indicators of one cycle.
  public struct Verdict: Sendable, BitwiseCopyable {
    /// Fall of a cell against its siblings, in volts a day.
    public var selfDischarge: Indicator<Real>
    /// Missing balancing of a cell against its siblings, as a share of the capacity a day.
    public var balancingSurplus: Indicator<Real>
    /// Fall of the charge of a cell against its siblings, as a share of the capacity a day.
    public var restDrift: Indicator<Real>

    @inlinable
    init(
      selfDischarge: Indicator<Real>, balancingSurplus: Indicator<Real>, restDrift: Indicator<Real>
    ) {
      self.selfDischarge = selfDischarge
      self.balancingSurplus = balancingSurplus
      self.restDrift = restDrift
    }
  }

  /// Advances by one cycle.
  ///
  /// - Complexity: O(cells).
  @inlinable
  public mutating func advance<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, features: PackFeatures<Real>,
    estimate: inout PackEstimate<cells, Real>,
    commands: inout ActuatorCommands<cells, Real>,
    interval: Real, configuration: inout DiagnosisConfiguration<Real>
  ) -> Verdict {
    let facts = configuration.facts
    let settings = configuration.settings
    let days = interval / 86_400
    bledDays += days
    if driftDays >= 0 { driftDays += days }
    let isBalancing = bleed(&commands, interval: interval)
    let rests =
      sample.current.isUsable
      && sample.current.value.magnitude <= settings.restRate * facts.capacityAmpereHours
    restSeconds = rests ? min(restSeconds + interval, 1e8) : 0
    var verdict = Verdict(
      selfDischarge: .unknown, balancingSurplus: surplus, restDrift: drift)
    sinceSurplus += interval
    if sinceSurplus >= 60 {
      sinceSurplus = 0
      findSurplus(capacity: facts.capacityAmpereHours)
      verdict.balancingSurplus = surplus
    }
    guard isSettled(settings), features.usableCells > 2 else {
      voltageSeconds = -1
      return verdict
    }
    if isBalancing {
      voltageSeconds = -1
      return verdict
    }
    verdict.selfDischarge = fall(&sample, features: features, interval: interval)
    if estimate.isConverged { findDrift(&estimate, capacity: facts.capacityAmpereHours) }
    verdict.restDrift = drift
    return verdict
  }

  /// Adds what balancing took from each cell; whether any cell is balanced.
  @inlinable
  mutating func bleed(
    _ commands: inout ActuatorCommands<cells, Real>, interval: Real
  ) -> Bool {
    var isBalancing = false
    for cell in 0..<cells where commands.balancing[cell] != 0 {
      isBalancing = true
      bled[cell] += (commands.balancing[cell] * interval / 3600).finite(or: 0)
    }
    return isBalancing
  }

  /// The largest fall of a cell against the others since the rest settled, in volts a day.
  @inlinable
  mutating func fall<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, features: PackFeatures<Real>,
    interval: Real
  ) -> Indicator<Real> {
    let others = Real(features.usableCells - 1)
    let starts = voltageSeconds < 0
    voltageSeconds = starts ? 0 : voltageSeconds + interval
    var largest = Indicator<Real>(0)
    // Below the noise of the channel, and of the end of relaxation in the first hours: nothing.
    let hours = voltageSeconds / 3600
    let floor: Real = hours < 6 ? 0.01 : 0.003
    for cell in 0..<cells {
      let reading = sample.cellVoltage[cell]
      guard reading.isUsable, reading.value.isFinite else {
        if starts { voltageReference[cell] = .nan }
        continue
      }
      let distance = reading.value - (features.voltageSum - reading.value) / others
      if starts { voltageReference[cell] = distance }
      let fallen = voltageReference[cell] - distance
      guard fallen > floor, hours >= 1 / 6 else { continue }
      let rate = fallen * 24 / hours
      if rate > largest.value { largest = Indicator(rate, at: cell) }
    }
    return largest
  }

  /// A cell that is bled less than the others while they are brought down to it.
  @inlinable
  mutating func findSurplus(capacity: Real) {
    guard bledDays >= 3, capacity > 0, cells > 2 else { return }
    var sum: Real = 0
    var least = Real.infinity
    var at = -1
    for cell in 0..<cells {
      sum += bled[cell]
      if bled[cell] < least { (least, at) = (bled[cell], cell) }
    }
    let missing = ((sum - least) / Real(cells - 1) - least) / capacity
    surplus = missing > 0.01 ? Indicator(missing / bledDays, at: at) : Indicator(0)
  }

  /// The charge a cell lost against the others since the first settled rest, balancing returned.
  @inlinable
  mutating func findDrift(_ estimate: inout PackEstimate<cells, Real>, capacity: Real) {
    guard capacity > 0, cells > 2 else { return }
    var sum: Real = 0
    for cell in 0..<cells {
      sum += estimate.cellStateOfCharge[cell] + bled[cell] / capacity
    }
    guard sum.isFinite else { return }
    let starts = driftDays < 0
    if starts { driftDays = 0 }
    var largest = Indicator<Real>(0)
    for cell in 0..<cells {
      let own = estimate.cellStateOfCharge[cell] + bled[cell] / capacity
      let distance = own - (sum - own) / Real(cells - 1)
      if starts { driftReference[cell] = distance }
      let lost = driftReference[cell] - distance
      guard lost > 0.01, driftDays >= 0.5 else { continue }
      if lost / driftDays > largest.value { largest = Indicator(lost / driftDays, at: cell) }
    }
    drift = largest
  }
}
