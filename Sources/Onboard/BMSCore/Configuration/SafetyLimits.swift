// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The limits of the pack in three levels, filled from the chemistry's tables and the data sheet.

/// The limits of the pack in three levels, in coherent SI; currents are magnitudes.
///
/// The values of a fresh `SafetyLimits` suit no particular cell: they are those of an NMC cell of
/// 50 A·h so that tests and examples start somewhere. A file names the chemistry, and its limits
/// come from the domain's tables.
public struct SafetyLimits<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Highest cell voltage.
  public var cellVoltageUpper = LevelLimits<Real>(operating: 4.2, recommended: 4.23, safety: 4.28)
  /// Lowest cell voltage.
  public var cellVoltageLower = LevelLimits<Real>(operating: 2.8, recommended: 2.75, safety: 2.7)
  /// Highest cell temperature while charging.
  public var chargeTemperatureUpper = LevelLimits<Real>(
    operating: 308.15, recommended: 313.15, safety: 318.15)
  /// Lowest cell temperature while charging.
  public var chargeTemperatureLower = LevelLimits<Real>(
    operating: 283.15, recommended: 278.15, safety: 273.15)
  /// Highest cell temperature while discharging and at rest.
  public var dischargeTemperatureUpper = LevelLimits<Real>(
    operating: 323.15, recommended: 328.15, safety: 333.15)
  /// Lowest cell temperature while discharging and at rest.
  public var dischargeTemperatureLower = LevelLimits<Real>(
    operating: 263.15, recommended: 258.15, safety: 253.15)
  /// Highest charge current.
  public var chargeCurrent = LevelLimits<Real>(operating: 50, recommended: 52, safety: 55)
  /// Highest discharge current.
  public var dischargeCurrent = LevelLimits<Real>(operating: 150, recommended: 155, safety: 160)
  /// Highest rate at which a cell warms.
  public var warmingRate = LevelLimits<Real>(operating: 0.05, recommended: 0.2, safety: 1)
  /// Highest difference between the cell voltages.
  public var voltageSpread = LevelLimits<Real>(operating: 0.1, recommended: 0.2, safety: 0.3)
  /// Highest difference between the cell temperatures.
  public var temperatureSpread = LevelLimits<Real>(operating: 5, recommended: 10, safety: 15)
  /// Lowest insulation resistance, in ohms a volt of the pack (ISO 6469-3: 100 Ω/V for direct
  /// current, 500 Ω/V for alternating current systems).
  public var insulationPerVolt = LevelLimits<Real>(operating: 1000, recommended: 500, safety: 100)

  /// Limits to start from.
  public init() {}

  /// Shows every limit.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    cellVoltageUpper.visit(
      &visitor, "cell_voltage_upper", unit: "V", in: 0...10, "highest cell voltage")
    cellVoltageLower.visit(
      &visitor, "cell_voltage_lower", unit: "V", in: -1...10, "lowest cell voltage")
    chargeTemperatureUpper.visit(
      &visitor, "charge_temperature_upper", unit: "K", in: 200...500,
      "highest cell temperature while charging")
    chargeTemperatureLower.visit(
      &visitor, "charge_temperature_lower", unit: "K", in: 200...500,
      "lowest cell temperature while charging")
    dischargeTemperatureUpper.visit(
      &visitor, "discharge_temperature_upper", unit: "K", in: 200...500,
      "highest cell temperature while discharging and at rest")
    dischargeTemperatureLower.visit(
      &visitor, "discharge_temperature_lower", unit: "K", in: 200...500,
      "lowest cell temperature while discharging and at rest")
    chargeCurrent.visit(
      &visitor, "charge_current", unit: "A", in: 0...100_000, "highest charge current, magnitude")
    dischargeCurrent.visit(
      &visitor, "discharge_current", unit: "A", in: 0...100_000, "highest discharge current")
    warmingRate.visit(
      &visitor, "warming_rate", unit: "K/s", in: 0...1000, "highest rate at which a cell warms")
    voltageSpread.visit(
      &visitor, "voltage_spread", unit: "V", in: 0...10, "highest minus lowest cell voltage")
    temperatureSpread.visit(
      &visitor, "temperature_spread", unit: "K", in: 0...300,
      "highest minus lowest cell temperature")
    insulationPerVolt.visit(
      &visitor, "insulation_per_volt", unit: "ohm/V", in: 0...1e7,
      "lowest insulation resistance a volt of the pack")
  }

  /// The levels of every limit lie outside one another, and lower limits below upper ones.
  public func inconsistency() -> ConfigurationRule? {
    let upper =
      cellVoltageUpper.risesOutward && chargeTemperatureUpper.risesOutward
      && dischargeTemperatureUpper.risesOutward && chargeCurrent.risesOutward
      && dischargeCurrent.risesOutward && warmingRate.risesOutward && voltageSpread.risesOutward
      && temperatureSpread.risesOutward
    let lower =
      cellVoltageLower.fallsOutward && chargeTemperatureLower.fallsOutward
      && dischargeTemperatureLower.fallsOutward && insulationPerVolt.fallsOutward
    guard upper && lower else { return .levelsOutOfOrder }
    let apart =
      cellVoltageLower.operating < cellVoltageUpper.operating
      && chargeTemperatureLower.operating < chargeTemperatureUpper.operating
      && dischargeTemperatureLower.operating < dischargeTemperatureUpper.operating
    return apart ? nil : .boundsOutOfOrder
  }
}
