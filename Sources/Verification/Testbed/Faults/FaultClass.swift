// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The faults that scenarios put in and detectors name.

/// What can be wrong: the words that scenarios and detectors share.
public enum FaultClass: String, CaseIterable, Codable, Hashable, Sendable {
  /// A conducting path inside a cell.
  case internalShort = "internal-short"
  /// A path of low resistance outside the pack.
  case externalShort = "external-short"
  /// A weld or bolt that has come loose.
  case looseConnection = "loose-connection"
  /// A cell of less capacity than its siblings.
  case capacityOutlier = "capacity-outlier"
  /// A cell of more resistance than its siblings.
  case resistanceOutlier = "resistance-outlier"
  /// Lithium plates while a cell is charged.
  case plating
  /// Coolant does not reach a module or the pack.
  case coolingFailure = "cooling-failure"
  /// The heater does not switch off.
  case heaterStuck = "heater-stuck"
  /// A main contactor does not open.
  case contactorWeld = "contactor-weld"
  /// A cell voltage reading is frozen, shifted or swapped.
  case voltageSensor = "voltage-sensor"
  /// A temperature reading is frozen or shifted.
  case temperatureSensor = "temperature-sensor"
  /// The current reading is shifted.
  case currentSensor = "current-sensor"
  /// The insulation between pack and chassis falls.
  case insulationLoss = "insulation-loss"
  /// A cell makes gas, swells and opens its vent while cold.
  case swelling
  /// The charger does not follow the limit.
  case overcharge
  /// Readings do not arrive for long.
  case communicationLoss = "communication-loss"
  /// The clock of the readings leaps.
  case clockJump = "clock-jump"
  /// A cell runs away, whatever the cause.
  case thermalRunaway = "thermal-runaway"

  /// Time from the beginning of the danger to the protective action, in seconds.
  ///
  /// Choices of the testbed for a vehicle: 0.5 s for a short outside (spec: decision within 5 ms, plus
  /// the switch), 4 s for an overcharged cell (published example of a fault-tolerant time interval for
  /// over-voltage), 300 s for the warning of a thermal event (GB 38031-2020, GTR 20), a day for slow
  /// faults that only need service.
  public var deadline: Double {
    switch self {
    case .externalShort: 0.5
    case .overcharge: 4
    case .contactorWeld, .communicationLoss: 10
    case .thermalRunaway: 300
    case .internalShort: 0
    default: 86_400
    }
  }
}
