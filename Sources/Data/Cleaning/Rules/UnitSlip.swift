// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values that arrive in a neighbouring unit: the table of unit slips.

public import BatteryDomain

/// A way in which a value can arrive in a neighbouring unit.
///
/// A slip is only undone when the number as it stands lies outside the valid range of the
/// quantity catalogue and the corrected one lies inside `plausible`, and only when it agrees
/// with the last good value of the column within `agreement`, where there is one.
public struct UnitSlip: Codable, Hashable, Sendable {
  /// Name for reports, for example `mV for V`.
  public var name: String
  /// The quantities it occurs in.
  public var quantities: [QuantityKey]
  /// Factor of the correction `SI = value × factor + offset`.
  public var factor: Double
  /// Offset of the correction, in SI.
  public var offset: Double
  /// Range in which the corrected value must lie, in SI.
  public var plausible: ClosedRange<Double>
  /// Largest distance of the corrected value from the last good one, in SI.
  public var agreement: Double

  /// Creates a row of the table.
  public init(
    name: String, quantities: [QuantityKey], factor: Double, offset: Double = 0,
    plausible: ClosedRange<Double>, agreement: Double
  ) {
    self.name = name
    self.quantities = quantities
    self.factor = factor
    self.offset = offset
    self.plausible = plausible
    self.agreement = agreement
  }

  private static let cells: [QuantityKey] = [
    .cellVoltage, .cellVoltageMaximum, .cellVoltageMinimum, .cellVoltageMean, .voltage,
  ]
  private static let temperatures: [QuantityKey] = [
    .probeTemperature, .probeTemperatureMaximum, .probeTemperatureMinimum, .probeTemperatureMean,
    .cellTemperature, .ambientTemperature,
  ]

  /// The slips known for battery data.
  ///
  /// The plausible ranges are those of a working battery (cells 1–5 V, −40…80 °C), narrower than
  /// the catalogue, because a slip must be unmistakable.
  public static let known: [UnitSlip] = [
    UnitSlip(
      name: "mV for V", quantities: cells, factor: 1e-3, plausible: 1...5, agreement: 1),
    UnitSlip(
      name: "mV for V", quantities: [.packVoltage], factor: 1e-3, plausible: 10...1500,
      agreement: 100),
    UnitSlip(
      name: "mA for A", quantities: [.current], factor: 1e-3, plausible: -1000...1000,
      agreement: 2000),
    UnitSlip(
      name: "°C for K", quantities: temperatures, factor: 1, offset: 273.15,
      plausible: 233.15...353.15, agreement: 30),
    UnitSlip(
      name: "K for °C", quantities: temperatures, factor: 1, offset: -273.15,
      plausible: 233.15...353.15, agreement: 30),
    UnitSlip(
      name: "percent for fraction", quantities: [.stateOfCharge, .stateOfHealth], factor: 0.01,
      plausible: 0.02...1.05, agreement: 1.1),
  ]
}
