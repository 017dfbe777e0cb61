// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The onboard core of a configuration file as the controller that the testbed judges.

public import BMSCore
import BatteryDomain
public import OnboardConfiguration

/// Makes controllers from a configuration image, one a vehicle.
///
/// A configuration is for one size of pack; scenarios of another size have to be refused before a run.
public struct CoreControllerFactory: ConfiguredWork {
  /// A factory; give it to `PackImage.open`.
  public init() {}

  /// What makes a controller.
  public func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) -> @Sendable (DetectorContext) -> any TestbedController {
    { _ in CoreController(configuration) }
  }
}

/// The onboard core between the readings and the switches of the testbed.
///
/// The testbed steps in seconds to minutes, the contactor machine of the core in milliseconds: when the
/// vehicle is switched on, cycles of ten milliseconds on the same reading close the contactors, with
/// switches that read as commanded. While parked the core is asked for nothing and looks at the cells.
/// From the recommended level on a trip is a verdict.
struct CoreController<let cells: Int, let probes: Int>: TestbedController {
  private var core: PackController<cells, probes, Double>
  private var last = RawSample<cells, probes, Double>()
  private var seenTrips: UInt32 = 0
  private var shift: UInt64 = 0

  init(_ configuration: PackConfiguration<cells, probes, Double>) {
    var open = configuration
    // The testbed's inverter is connected already when a drive begins.
    open.control.contactors.prechargeCurrentFactor = 1e9
    core = PackController(open)
  }

  mutating func cycle(
    _ reading: PackReading, output: inout ControllerOutput, verdicts: inout [Verdict]
  ) {
    last = sample(reading)
    _ = core.step(last)
    let isOn = reading.mode != .parked
    if isOn { close(reading) }
    command(isOn: isOn, output: &output)
    judge(reading.time, &verdicts)
  }

  mutating func silent(
    at time: Double, output: inout ControllerOutput, verdicts: inout [Verdict]
  ) {
    var raw = RawSample<cells, probes, Double>(timeMilliseconds: milliseconds(time))
    raw.feedback = last.feedback
    raw.request = last.request
    raw.link = .frontEndSilent
    _ = core.step(raw)
    command(isOn: last.request != .off, output: &output)
    judge(time, &verdicts)
  }

  private func milliseconds(_ time: Double) -> UInt64 {
    UInt64(max(0, min(time, 1e12)) * 1_000) &+ shift
  }

  /// Closes the contactors by short cycles, unless something forbids it.
  private mutating func close(_ reading: PackReading) {
    for _ in 0..<60 {
      switch core.commands.state {
      case .opened, .asleep, .closingNegative, .precharging, .closingPositive: break
      default: return
      }
      shift &+= 10
      var raw = sample(reading)
      raw.current = 0
      _ = core.step(raw)
    }
  }

  private func sample(_ reading: PackReading) -> RawSample<cells, probes, Double> {
    var raw = RawSample<cells, probes, Double>(timeMilliseconds: milliseconds(reading.time))
    for cell in 0..<min(cells, reading.cellVoltage.count) {
      raw.cellVoltage[cell] = reading.cellVoltage[cell]
    }
    for probe in 0..<min(probes, reading.probeTemperature.count) {
      raw.probeTemperature[probe] = reading.probeTemperature[probe]
    }
    raw.current = reading.current
    raw.packVoltage = reading.packVoltage
    raw.insulationResistance = reading.insulation
    raw.coolantTemperature = reading.coolant
    raw.ambientTemperature = reading.ambient
    // Gauge pressure of the testbed over the standard atmosphere.
    raw.pressure = 101_325 + reading.pressure
    raw.gas = reading.gas
    let command = core.commands.contactors
    let isLinked = command.contains(.precharge) || command.contains(.positive)
    raw.linkVoltage = isLinked ? reading.packVoltage : 0
    var feedback: SwitchFeedback = [.fuseIntact, .interlockClosed]
    if command.contains(.negative) { feedback.insert(.negativeClosed) }
    if command.contains(.precharge) { feedback.insert(.prechargeClosed) }
    let isStuck = reading.mode == .parked && reading.contactorsClosed
    if command.contains(.positive) || isStuck { feedback.insert(.positiveClosed) }
    if isStuck { raw.linkVoltage = reading.packVoltage }
    raw.feedback = feedback
    switch reading.mode {
    case .parked: raw.request = .off
    case .active: raw.request = .drive
    case .charging: raw.request = .charge
    }
    return raw
  }

  private func command(isOn: Bool, output: inout ControllerOutput) {
    let commands = core.commands
    let isClosed = commands.state == .closed || commands.state == .unloading
    let isFaulty: Bool
    switch commands.state {
    case .faulted, .welded, .severed: isFaulty = true
    default: isFaulty = false
    }
    // Open while parked is the rule, and no command to the testbed, which never closes again.
    output.contactorsClosed = !isFaulty && (!isOn || isClosed)
    output.firesFuse = commands.firePyroFuse
    if isOn {
      output.chargeLimit = commands.chargeCurrentLimit
      output.dischargeLimit = commands.dischargeCurrentLimit
    }
    for cell in 0..<min(cells, output.bleeds.count) {
      output.bleeds[cell] = commands.balancing[cell] > 0
    }
    output.pump = commands.pump > 0.1
    output.heater = commands.heater > 0.1
    output.warns = commands.warning >= .recommended
    output.chargeEstimate = core.estimate.stateOfCharge
  }

  private mutating func judge(_ time: Double, _ verdicts: inout [Verdict]) {
    let state = core.diagnosis.state
    guard state.tripCount > seenTrips else { return }
    let count = min(16, state.tripCount - seenTrips)
    for number in (state.tripCount - count)..<state.tripCount {
      let trip = state.trips[Int(number % 16)]
      guard trip.level >= .recommended, let (fault, subject) = Self.name(trip) else { continue }
      verdicts.append(
        Verdict(
          fault, at: subject, time: time,
          evidence: [
            VerdictEvidence(trip.fault.title, trip.value, trip.fault.unit),
            VerdictEvidence("limit", trip.limit, trip.fault.unit),
            VerdictEvidence("limit version", Double(trip.limitVersion), ""),
          ]))
    }
    seenTrips = state.tripCount
  }

  /// The testbed's words for a trip; nil for what is no fault of its list.
  private static func name(_ trip: Trip<Double>) -> (FaultClass, Subject)? {
    let index = Int(trip.index)
    let cell: Subject = index >= 0 ? .cell(index + 1) : .pack
    switch trip.fault {
    case .internalShort, .selfDischarge, .restDrift, .balancingSurplus, .suddenDrop:
      return (.internalShort, cell)
    case .externalShort: return (.externalShort, .pack)
    case .looseConnection: return (.looseConnection, cell)
    case .lithiumPlating: return (.plating, .pack)
    case .coolingFailure: return (.coolingFailure, .pack)
    case .stuckActuator: return index == 0 ? (.heaterStuck, .pack) : nil
    case .contactorWeld: return (.contactorWeld, .pack)
    case .openWire, .sensorFrozen, .sensorOutOfRange, .channelSwapped, .redundantDisagreement:
      if index < cells { return (.voltageSensor, cell) }
      if index < cells + probes { return (.temperatureSensor, .probe(index - cells + 1)) }
      return index == cells + probes ? (.currentSensor, .pack) : nil
    case .sensorStuck: return (.voltageSensor, cell)
    case .sumDisagreement: return (.voltageSensor, .pack)
    case .currentOffset: return (.currentSensor, .pack)
    case .insulation: return (.insulationLoss, .pack)
    case .cellOverVoltage: return (.overcharge, .pack)
    case .packOverVoltage, .chargeOverCurrent, .currentLimitIgnored: return (.overcharge, .pack)
    case .communicationLoss: return (.communicationLoss, .pack)
    case .clockJump: return (.clockJump, .pack)
    case .thermalEvent, .temperatureRise: return (.thermalRunaway, .pack)
    default: return nil
    }
  }
}
