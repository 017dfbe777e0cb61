// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Set points and gains of the thermal control.

/// Set points and gains of the thermal control; temperatures in kelvin.
public struct ThermalSettings<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Lowest temperature below which a charge is preceded by heating.
  public var preheatCharge: Real = 288.15
  /// Lowest temperature below which driving is accompanied by heating.
  public var preheatDrive: Real = 273.15
  /// How far above its threshold heating ends.
  public var heatingHysteresis: Real = 3
  /// Highest temperature above which the heater is never on.
  public var heaterCeiling: Real = 308.15
  /// Highest temperature the cooling aims at.
  public var coolingTarget: Real = 303.15
  /// How far below its target cooling ends.
  public var coolingHysteresis: Real = 2
  /// Cooling duty for each kelvin above the target.
  public var proportional: Real = 0.1
  /// Cooling duty for each kelvin second above the target.
  public var integral: Real = 0.0005
  /// Coolant temperature above which the chiller helps.
  public var chillerCoolant: Real = 298.15
  /// Smallest duty at which the pump turns.
  public var leastPump: Real = 0.2

  /// The defaults: target of 20–30 °C, charging above 15 °C.
  public init() {}

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &preheatCharge, "preheat_charge", unit: "K", in: 200...400,
      "lowest temperature below which a charge is preceded by heating")
    visitor.number(
      &preheatDrive, "preheat_drive", unit: "K", in: 200...400,
      "lowest temperature below which driving is accompanied by heating")
    visitor.number(
      &heatingHysteresis, "heating_hysteresis", unit: "K", in: 0.1...50,
      "how far above its threshold heating ends")
    visitor.number(
      &heaterCeiling, "heater_ceiling", unit: "K", in: 200...400,
      "highest temperature above which the heater is never on")
    visitor.number(
      &coolingTarget, "cooling_target", unit: "K", in: 200...400,
      "highest temperature the cooling aims at")
    visitor.number(
      &coolingHysteresis, "cooling_hysteresis", unit: "K", in: 0.1...50,
      "how far below its target cooling ends")
    visitor.number(
      &proportional, "proportional", unit: "1/K", in: 0...10, "cooling duty for each kelvin")
    visitor.number(
      &integral, "integral", unit: "1/(K.s)", in: 0...1, "cooling duty for each kelvin second")
    visitor.number(
      &chillerCoolant, "chiller_coolant", unit: "K", in: 200...400,
      "coolant temperature above which the chiller helps")
    visitor.number(
      &leastPump, "least_pump", unit: "", in: 0...1, "smallest duty at which the pump turns")
  }
}
