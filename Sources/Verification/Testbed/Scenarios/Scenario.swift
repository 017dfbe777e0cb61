// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A scenario: pack, use, weather, instruments, faults and oddities, with ranges that seeds draw from.

/// A healthy state or event that looks odd and must not alarm.
public enum Oddity: String, CaseIterable, Codable, Hashable, Sendable {
  /// Cells of wide spread in charge and capacity.
  case wideSpread = "wide-spread"
  /// An aged pack: a fifth of the capacity gone, resistance up by half.
  case aged
  /// One module was replaced: fuller, larger and less resistive than the rest.
  case replacedModule = "replaced-module"
  /// One module sits beside a warm part and runs some kelvin hotter.
  case warmModule = "warm-module"
  /// One module's channels shift by three millivolts when a connector is seated again.
  case reseatedConnector = "reseated-connector"
  /// One cycle in twenty is lost, and hours at a time.
  case poorRadio = "poor-radio"
  /// The clock is corrected by seconds to half a minute.
  case clockCorrections = "clock-corrections"
  /// Some cells self-discharge three times as fast as the rest.
  case leakySiblings = "leaky-siblings"
  /// The current sensor is off by half an ampere.
  case currentOffset = "current-offset"
  /// The inverter's capacitor is charged through a worn precharge: bursts of high current.
  case inrush
  /// A second inverter is precharged while the pack is in use.
  case precharge
  /// Short full-power accelerations.
  case fullPower = "full-power"
}

/// A fault of a scenario, with the ranges that seeds draw from.
public struct FaultPlan: Codable, Hashable, Sendable {
  /// What is wrong.
  public var kind: FaultClass
  /// Onset in hours from the start.
  public var onsetHours: ClosedRange<Double>
  /// Time to full size in hours, drawn log-uniformly where it spans a range.
  public var growthHours: ClosedRange<Double>
  /// How it grows.
  public var law: GrowthLaw
  /// Severity at the onset.
  public var initial: ClosedRange<Double>
  /// Severity at full size, drawn log-uniformly where both ends are positive.
  public var final: ClosedRange<Double>
  /// What a faulty sensor does.
  public var sensor: PlantFault.SensorFault

  /// Creates a plan.
  public init(
    kind: FaultClass, onsetHours: ClosedRange<Double>, growthHours: ClosedRange<Double> = 0...0,
    law: GrowthLaw = .step, initial: ClosedRange<Double> = 0...0,
    final: ClosedRange<Double> = 0...0, sensor: PlantFault.SensorFault = .offset
  ) {
    self.kind = kind
    self.onsetHours = onsetHours
    self.growthHours = growthHours
    self.law = law
    self.initial = initial
    self.final = final
    self.sensor = sensor
  }
}

/// One scenario; a seed makes a vehicle of it.
public struct Scenario: Sendable {
  /// Name, unique in a suite.
  public var name: String
  /// Type of the cells.
  public var cell: PlantCell
  /// Arrangement and spread.
  public var layout = PlantLayout()
  /// Use.
  public var duty = DutyKind.commuter
  /// Weather.
  public var season = Season.spring
  /// Longest duration in seconds; a runaway ends a run a minute later.
  public var duration = 86_400.0
  /// Step while awake and while parked, in seconds.
  public var step = 10.0
  /// Step while parked, in seconds.
  public var parkedStep = 300.0
  /// Whether the instruments are fine instead of those of telemetry.
  public var hasFineInstruments = false
  /// State of charge at the start.
  public var charge = 0.5...0.9
  /// Capacity of the pack relative to new.
  public var health = 0.85...1.0
  /// Resistance of the pack relative to new.
  public var resistance = 1.0...1.3
  /// Faults.
  public var faults: [FaultPlan] = []
  /// Oddities of a healthy pack.
  public var oddities: Set<Oddity> = []
  /// Seeds to run, from 1.
  public var seeds = 5

  /// Creates a scenario of a healthy pack.
  public init(name: String, cell: PlantCell) {
    self.name = name
    self.cell = cell
  }
}
