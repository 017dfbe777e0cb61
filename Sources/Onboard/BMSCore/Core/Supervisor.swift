// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The last line: input, clock and parts are alive, or nothing is allowed.

/// Watches input, clock and parts, and replaces commands that cannot be trusted.
///
/// The diagnosis judges faults of the battery and of single sensors by its table. What is left here
/// are the cases in which its judgement has no ground: then, and whatever the table says, first
/// nothing is allowed any more (limits and torque zero, a warning); after a grace, longer while
/// driving, the control is asked to open at zero current; and if it has not after a while, the
/// contactors are commanded open all the same. A stopped clock does not stop these times. Once asked
/// for, opening is taken back only when the request is off: nothing re-engages by itself.
public struct Supervisor<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Why the safe state is commanded now; empty while it is not.
  public var reason = SafeStateReason()
  /// Every reason since the start.
  public var seen = SafeStateReason()
  /// Times the safe state was entered, saturating.
  public var entries: UInt32 = 0
  /// Whether the control is asked to open.
  public var asksToOpen = false
  /// Whether the contactors are commanded open whatever the control says.
  public var forcesOpen = false

  @usableFromInline var untrusted: UInt32 = 0
  @usableFromInline var stoppedCycles: UInt32 = 0
  @usableFromInline var estimation = Heartbeat()
  @usableFromInline var control = Heartbeat()
  @usableFromInline var inSafeState: UInt32 = 0

  /// Nothing seen yet.
  @inlinable
  public init() {}

  /// Judges one cycle.
  ///
  /// - Parameters:
  ///   - sample: The judged measurements.
  ///   - estimationCounter: Liveness counter of the estimators.
  ///   - controlCounter: Liveness counter of the control.
  ///   - cycle: Nominal period of the control cycle, in milliseconds; stands in for a stopped clock.
  ///   - configuration: Times and shares.
  @inlinable
  public mutating func step<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, estimationCounter: UInt32,
    controlCounter: UInt32,
    cycle: UInt32, _ configuration: SupervisionConfiguration<Real>
  ) {
    var milliseconds = cycle
    if sample.interval > 0 {
      stoppedCycles = 0
      milliseconds = UInt32((sample.interval * 1000).clamped(0, 4_000_000))
    } else if stoppedCycles < .max {
      stoppedCycles += 1
    }
    untrusted = isTrusted(&sample, configuration) ? 0 : Self.sum(untrusted, milliseconds)
    var found = SafeStateReason()
    if untrusted > configuration.toleratedMilliseconds { found.formUnion(.inputNotTrusted) }
    if stoppedCycles > configuration.stoppedClockCycles { found.formUnion(.clockStopped) }
    if estimation.isSilent(
      estimationCounter, milliseconds: milliseconds, configuration.silentMilliseconds)
    {
      found.formUnion(.estimationSilent)
    }
    if control.isSilent(
      controlCounter, milliseconds: milliseconds, configuration.silentMilliseconds)
    {
      found.formUnion(.controlSilent)
    }
    enter(found)
    guard !reason.isEmpty else {
      inSafeState = 0
      if sample.request == .off || sample.request == .sleep {
        asksToOpen = false
        forcesOpen = false
      }
      return
    }
    inSafeState = Self.sum(inSafeState, milliseconds)
    let grace =
      sample.request == .drive
      ? configuration.driveGraceMilliseconds : configuration.graceMilliseconds
    if inSafeState > grace { asksToOpen = true }
    if inSafeState > Self.sum(grace, configuration.forceMilliseconds) { forcesOpen = true }
  }

  /// Asks the control, through the diagnosis it obeys, for what the reasons demand.
  @inlinable
  func ask(_ diagnosis: inout DiagnosisState<Real>) {
    if !reason.isEmpty {
      diagnosis.reaction.formUnion(.warn | .stopCharge | .stopDischarge)
      diagnosis.reaction.formUnion(.blockClosing | .balancingOff | .heaterOff)
      diagnosis.worst = .safety
    }
    if asksToOpen {
      diagnosis.reaction.formUnion(.open | .blockClosing)
      let now = diagnosis.uptimeMilliseconds
      if now < diagnosis.openDeadlineMilliseconds { diagnosis.openDeadlineMilliseconds = now }
    }
  }

  @inlinable
  mutating func enter(_ found: SafeStateReason) {
    if reason.isEmpty && !found.isEmpty && entries < .max { entries += 1 }
    reason = found
    seen.formUnion(found)
  }

  @inlinable
  func isTrusted<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, _ configuration: SupervisionConfiguration<Real>
  ) -> Bool {
    var usable = 0
    for index in sample.cellVoltage.indices where sample.cellVoltage[index].isUsable { usable += 1 }
    var warm = 0
    for index in sample.probeTemperature.indices where sample.probeTemperature[index].isUsable {
      warm += 1
    }
    return Real(usable) >= configuration.usableCells * Real(cells) && usable > 0
      && sample.current.isUsable && (warm > 0 || probes == 0)
  }

  @inlinable
  static func sum(_ left: UInt32, _ right: UInt32) -> UInt32 {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }

  /// Replaces commands that must not go out.
  ///
  /// Zero limits and torque, balancing, heater off; cooling stays as the control wants it. A fired
  /// pyro fuse stays fired. A command that is not a number counts as no command.
  @inlinable
  public mutating func restrict<let cells: Int>(_ commands: inout ActuatorCommands<cells, Real>) {
    if !Self.isFinite(&commands) {
      enter(reason.union(.commandNotFinite))
      commands.pump = 1
      commands.fan = 1
      commands.chiller = 0
      asksToOpen = true
      forcesOpen = true
    }
    guard !reason.isEmpty || forcesOpen else { return }
    var safe = ActuatorCommands<cells, Real>()
    safe.firePyroFuse = commands.firePyroFuse
    safe.contactors = forcesOpen ? ContactorCommand() : commands.contactors
    safe.state = forcesOpen && commands.state == .closed ? .faulted : commands.state
    safe.contactorFault = commands.contactorFault
    safe.pump = commands.pump
    safe.fan = commands.fan
    safe.chiller = commands.chiller
    safe.isolate = commands.isolate
    safe.warning = .safety
    safe.livenessCounter = commands.livenessCounter
    commands = safe
  }

  @inlinable
  static func isFinite<let cells: Int>(_ commands: inout ActuatorCommands<cells, Real>) -> Bool {
    var sum = commands.heater + commands.pump + commands.fan + commands.chiller
    sum += commands.dischargeCurrentLimit + commands.chargeCurrentLimit
    sum += commands.dischargePowerLimit + commands.chargePowerLimit
    sum += commands.chargeVoltageLimit + commands.torqueLimit + commands.balancingHeat
    for index in commands.balancing.indices { sum += commands.balancing[index] }
    return sum.isFinite
  }
}

/// Whether a counter still counts.
@usableFromInline
struct Heartbeat: Sendable, BitwiseCopyable {
  @usableFromInline var last: UInt32 = 0
  @usableFromInline var still: UInt32 = 0

  @inlinable
  init() {}

  @inlinable
  mutating func isSilent(_ counter: UInt32, milliseconds: UInt32, _ limit: UInt32) -> Bool {
    if counter != last {
      still = 0
    } else {
      let (sum, overflow) = still.addingReportingOverflow(milliseconds)
      still = overflow ? .max : sum
    }
    // One long interval between two samples is no silence: the counter had no chance to count.
    let isSilent = still > limit && still > milliseconds
    last = counter
    return isSilent
  }
}
