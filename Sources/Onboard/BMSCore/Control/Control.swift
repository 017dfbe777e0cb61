// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The control of one cycle: contactors, limits, thermal control, balancing, sleep.

/// Turns estimate, diagnosis and request into commands.
///
/// Graded: reactions first reduce current, then cool, then take out the module concerned where the
/// hardware can, then open. Without trustworthy input the commands are those of the declared safe
/// state: nothing allowed, nothing heated or balanced, contactors opened by the deadline.
///
/// This is not a certified safety function.
public struct Control<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// The commands of the last cycle.
  public var commands = ActuatorCommands<cells, Real>()
  @usableFromInline var contactors = ContactorSequencer<Real>()
  @usableFromInline var limits = LimitPlanner<Real>()
  @usableFromInline var thermal = ThermalPlanner<Real>()
  @usableFromInline var balancing = BalancingPlanner<cells, Real>()
  @usableFromInline var sleep = SleepPlanner<Real>()
  @usableFromInline var isolated: UInt64 = 0

  /// Open and off.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - sample: The judged measurements.
  ///   - estimate: The estimate after the same sample.
  ///   - diagnosis: The diagnosis after the same sample.
  ///   - table: The diagnosis table, for limits and facts.
  ///   - configuration: The configuration of the control.
  /// - Complexity: O(cells + probes), more in cycles that plan balancing; no allocation.
  @inlinable
  public mutating func step(
    _ sample: inout PackSample<cells, probes, Real>, estimate: inout PackEstimate<cells, Real>,
    diagnosis: inout Diagnosis<cells, probes, Real>, table: inout DiagnosisConfiguration<Real>,
    configuration: inout ControlConfiguration<Real>
  ) {
    let features = diagnosis.features
    var reaction = diagnosis.state.reaction
    isolate(diagnosis.state.isolateIndex, &reaction, &configuration)
    let current = sample.current.isUsable ? sample.current.value : .nan
    let inputs = ContactorInputs<Real>(
      current: current.magnitude,
      packVoltage: sample.packVoltage.isUsable ? sample.packVoltage.value : .nan,
      linkVoltage: sample.linkVoltage.isUsable ? sample.linkVoltage.value : .nan,
      feedback: sample.feedback, request: sample.request, reaction: reaction,
      deadline: diagnosis.state.openDeadlineMilliseconds,
      uptime: diagnosis.state.uptimeMilliseconds,
      milliseconds: diagnosis.state.cycleMilliseconds)
    commands.contactorFault = contactors.step(
      inputs, facts: table.facts, settings: configuration.contactors)
    let machine = contactors.machine
    commands.contactors = machine.command
    commands.state = machine.state
    if machine.state == .severed { commands.firePyroFuse = true }
    limit(
      &sample, features, &estimate, reaction, milliseconds: diagnosis.state.cycleMilliseconds,
      &table,
      &configuration)
    condition(
      &sample, &diagnosis, &estimate, reaction, milliseconds: diagnosis.state.cycleMilliseconds,
      &table,
      &configuration)
    commands.isolate = isolated
    commands.warning = diagnosis.state.worst
    sleep.step(
      isAsleep: machine.state == .asleep, isSuspicious: diagnosis.state.worst > .within,
      milliseconds: diagnosis.state.cycleMilliseconds, settings: configuration.sleep)
    commands.wakeAfterSeconds = sleep.wakeAfterSeconds
    commands.livenessCounter = commands.livenessCounter &+ 1
  }

  /// A service tool declared contactors and fuse repaired.
  @inlinable
  public mutating func clearByService() {
    contactors.service()
    commands.firePyroFuse = false
    isolated = 0
    limits.platingFactor = 1
  }

  /// Takes out the module concerned where the hardware can; else the contactors open at standstill.
  @inlinable
  mutating func isolate(
    _ isolateIndex: Int16, _ reaction: inout Reaction,
    _ configuration: inout ControlConfiguration<Real>
  ) {
    guard reaction.contains(.isolate) else { return }
    let modules = Int(configuration.modules)
    let index = Int(isolateIndex)
    if modules > 0, cells > 0, index >= 0, index < cells {
      isolated |= 1 << UInt64(index * modules / cells)
    } else {
      reaction.insert(.openAtStandstill)
    }
  }

  @inlinable
  mutating func limit(
    _ sample: inout PackSample<cells, probes, Real>, _ features: PackFeatures<Real>,
    _ estimate: inout PackEstimate<cells, Real>, _ reaction: Reaction, milliseconds: UInt32,
    _ table: inout DiagnosisConfiguration<Real>, _ configuration: inout ControlConfiguration<Real>
  ) {
    let state = contactors.machine.state
    let current = sample.current.isUsable ? sample.current.value : .nan
    limits.step(
      features, current: current, estimate: &estimate, reaction: reaction,
      isConnected: state == .closed, isCharging: sample.request == .charge,
      milliseconds: milliseconds, configuration: &table, settings: &configuration.limits)
    let isOpening = !reaction.isDisjoint(with: .opening)
    // About to open while driving: the driver keeps some torque until the deadline comes close.
    let limp = isOpening && state == .closed
    let factor: Real = state == .closed ? (limp ? configuration.limpTorque : 1) : 0
    let standing = limp && sample.request != .drive
    commands.dischargeCurrentLimit = standing ? 0 : limits.dischargeCurrent * factor
    commands.chargeCurrentLimit = limp ? 0 : limits.chargeCurrent
    let largest = table[.dischargeOverCurrent].limit.operating
    let share = commands.dischargeCurrentLimit / largest
    commands.torqueLimit = share.clamped(0, factor)
    let volts = sample.packVoltage.isUsable ? sample.packVoltage.value.finite(or: 0) : 0
    commands.dischargePowerLimit = min(
      commands.dischargeCurrentLimit * volts, max(0, estimate.dischargePower[1].finite(or: 0)))
    commands.chargePowerLimit = min(
      commands.chargeCurrentLimit * volts, max(0, estimate.chargePower[1].finite(or: 0)))
    commands.chargeVoltageLimit =
      commands.chargeCurrentLimit > 0 ? configuration.limits.chargeVoltage * Real(cells) : 0
  }

  @inlinable
  mutating func condition(
    _ sample: inout PackSample<cells, probes, Real>,
    _ diagnosis: inout Diagnosis<cells, probes, Real>,
    _ estimate: inout PackEstimate<cells, Real>, _ reaction: Reaction, milliseconds: UInt32,
    _ table: inout DiagnosisConfiguration<Real>, _ configuration: inout ControlConfiguration<Real>
  ) {
    let isAwake = contactors.machine.state != .asleep
    let features = diagnosis.features
    let current = sample.current.isUsable ? sample.current.value : .nan
    let usable = { (reading: Measured<Real>) -> Real in reading.isUsable ? reading.value : .nan }
    thermal.step(
      ThermalPlanner<Real>.Inputs(
        highest: features.highestTemperature.value, lowest: features.lowestTemperature.value,
        coolant: usable(sample.coolantTemperature), ambient: usable(sample.ambientTemperature),
        current: current, resistance: table.facts.cellResistance * Real(cells),
        request: sample.request, reaction: reaction, isAwake: isAwake,
        seconds: Real(milliseconds) / 1000), facts: table.facts, settings: configuration.thermal)
    commands.heater = thermal.heater
    commands.pump = thermal.pump
    commands.fan = thermal.fan
    commands.chiller = thermal.chiller
    balancing.step(
      BalancingPlanner<cells, Real>.Inputs(
        current: current, highestTemperature: features.highestTemperature.value,
        reaction: reaction, isSettled: diagnosis.rest.isSettled(table.settings),
        isCharging: sample.request == .charge, isAwake: isAwake, milliseconds: milliseconds),
      sample: &sample, estimate: &estimate, facts: table.facts, settings: configuration.balancing)
    commands.balancing = balancing.current
    commands.balancingHeat = balancing.heat
  }
}
