// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The quantity catalogue: one table that validation, help, schemas and labels use.

/// The quantity catalogue: name, unit, valid range, shape, description and source of every
/// quantity that can be read, configured or exported.
///
/// Validation, help texts, JSON schemas and page labels read this table, so that a quantity is
/// changed in one place.
public enum QuantityCatalogue {
  /// The row of a quantity.
  ///
  /// - Complexity: O(1).
  public static func descriptor(of key: QuantityKey) -> QuantityDescriptor {
    guard let row = byKey[key] else {
      preconditionFailure("the catalogue has no row for \(key.rawValue)")
    }
    return row
  }

  private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

  private static let convention = "Sign and unit conventions of this project"
  private static let gbt = "GB/T 32960.3-2016 and -2025, raw ranges of the real-time items"
  private static let gbtTemperature = "GB/T 32960.3-2016, temperatures: 1 °C, offset −40, 0–250"
  private static let cellWindow =
    "Any single cell, reversed to fully charged, with margin for the instrument"
  private static let cellGroup =
    "One cell or parallel group in a working pack; 0 V and sentinels lie outside"
  private static let anyCurrent =
    "Beyond both editions of GB/T 32960.3 (−3,000 to 3,000 A) and any cell tester"
  private static let abuse = "From cryogenic storage to the flame of a burning cell"

  /// All rows, in the order of ``QuantityKey``.
  public static let all: [QuantityDescriptor] = [
    .init(
      key: .time, name: "time", unit: "s", validRange: -100000000000.0...100000000000.0,
      shape: .scalar,
      description:
        "Time of the sample; seconds since the Unix epoch or since the start of the test, as the schema says.",
      source: convention),
    .init(
      key: .stepTime, name: "step time", unit: "s", validRange: 0...1000000000.0, shape: .scalar,
      description: "Time since the start of the present test step.",
      source: convention),
    .init(
      key: .cycleIndex, name: "cycle index", unit: "", validRange: 0...10000000.0, shape: .scalar,
      description: "Number of the charge/discharge cycle, from the source.",
      source: convention),
    .init(
      key: .stepIndex, name: "step index", unit: "", validRange: 0...10000000.0, shape: .scalar,
      description: "Number of the step in the test schedule, from the source.",
      source: convention),
    .init(
      key: .voltage, name: "voltage", unit: "V", validRange: -1...10, shape: .scalar,
      description: "Terminal voltage of one cell under test.",
      source: cellWindow),
    .init(
      key: .current, name: "current", unit: "A", validRange: -10_000...10_000, shape: .scalar,
      description: "Current of the cell or pack; discharge positive.",
      source: anyCurrent),
    .init(
      key: .power, name: "power", unit: "W", validRange: -10000000.0...10000000.0, shape: .scalar,
      description: "Electrical power delivered; discharge positive.",
      source: convention),
    .init(
      key: .chargeCapacity, name: "charge capacity", unit: "C", validRange: 0...100000000.0,
      shape: .scalar,
      description: "Charge put in, as the source counts it.",
      source: convention),
    .init(
      key: .dischargeCapacity, name: "discharge capacity", unit: "C", validRange: 0...100000000.0,
      shape: .scalar,
      description: "Charge taken out, as the source counts it.",
      source: convention),
    .init(
      key: .netCapacity, name: "net capacity", unit: "C", validRange: -100000000.0...100000000.0,
      shape: .scalar,
      description: "Charge taken out minus charge put in, as the source counts it.",
      source: convention),
    .init(
      key: .chargeEnergy, name: "charge energy", unit: "J", validRange: 0...10000000000.0,
      shape: .scalar,
      description: "Energy put in, as the source counts it.",
      source: convention),
    .init(
      key: .dischargeEnergy, name: "discharge energy", unit: "J", validRange: 0...10000000000.0,
      shape: .scalar,
      description: "Energy taken out, as the source counts it.",
      source: convention),
    .init(
      key: .netEnergy, name: "net energy", unit: "J", validRange: -10000000000.0...10000000000.0,
      shape: .scalar,
      description: "Energy taken out minus energy put in, as the source counts it.",
      source: convention),
    .init(
      key: .capacity, name: "capacity", unit: "C", validRange: 0...100000000.0, shape: .scalar,
      description: "Capacity of a cycle, as the source states it.",
      source: convention),
    .init(
      key: .internalResistance, name: "internal resistance", unit: "Ω", validRange: 0...1000,
      shape: .scalar,
      description: "Internal resistance, as the source measures it.",
      source: convention),
    .init(
      key: .cellTemperature, name: "cell temperature", unit: "K", validRange: 173.15...1773.15,
      shape: .scalar,
      description: "Surface temperature of one cell under test.",
      source: abuse),
    .init(
      key: .ambientTemperature, name: "ambient temperature", unit: "K",
      validRange: 173.15...1773.15, shape: .scalar,
      description: "Temperature of the chamber or surroundings.",
      source: abuse),
    .init(
      key: .stateOfCharge, name: "state of charge", unit: "", validRange: -0.1...1.1,
      shape: .scalar,
      description: "State of charge as the source reports it, as a fraction.",
      source: convention),
    .init(
      key: .stateOfHealth, name: "state of health", unit: "", validRange: 0...1.5, shape: .scalar,
      description: "State of health as the source reports it, as a fraction.",
      source: convention),
    .init(
      key: .packVoltage, name: "pack voltage", unit: "V", validRange: 0...6000, shape: .scalar,
      description: "Total voltage of a pack.",
      source: gbt),
    .init(
      key: .cellVoltage, name: "cell voltage", unit: "V", validRange: 0.5...5, shape: .perCell,
      description: "Voltage of one cell or parallel group of a pack.",
      source: cellGroup),
    .init(
      key: .cellVoltageMaximum, name: "cell voltage maximum", unit: "V", validRange: 0.5...5,
      shape: .scalar,
      description: "Highest cell voltage as the vehicle reports it.",
      source: cellGroup),
    .init(
      key: .cellVoltageMinimum, name: "cell voltage minimum", unit: "V", validRange: 0.5...5,
      shape: .scalar,
      description: "Lowest cell voltage as the vehicle reports it.",
      source: cellGroup),
    .init(
      key: .cellVoltageMean, name: "cell voltage mean", unit: "V", validRange: 0.5...5,
      shape: .scalar,
      description: "Mean cell voltage as the vehicle reports it.",
      source: cellGroup),
    .init(
      key: .probeTemperature, name: "probe temperature", unit: "K", validRange: 233.15...483.15,
      shape: .perProbe,
      description: "Temperature at one probe of a pack.",
      source: gbtTemperature),
    .init(
      key: .probeTemperatureMaximum, name: "probe temperature maximum", unit: "K",
      validRange: 233.15...483.15, shape: .scalar,
      description: "Highest probe temperature as the vehicle reports it.",
      source: gbtTemperature),
    .init(
      key: .probeTemperatureMinimum, name: "probe temperature minimum", unit: "K",
      validRange: 233.15...483.15, shape: .scalar,
      description: "Lowest probe temperature as the vehicle reports it.",
      source: gbtTemperature),
    .init(
      key: .probeTemperatureMean, name: "probe temperature mean", unit: "K",
      validRange: 233.15...483.15, shape: .scalar,
      description: "Mean probe temperature as the vehicle reports it.",
      source: gbtTemperature),
    .init(
      key: .vehicleSpeed, name: "vehicle speed", unit: "m/s", validRange: 0...83.34, shape: .scalar,
      description: "Speed of the vehicle.",
      source: gbt),
    .init(
      key: .odometer, name: "odometer", unit: "m", validRange: 0...999_999_900, shape: .scalar,
      description: "Distance driven since manufacture.",
      source: gbt),
    .init(
      key: .insulationResistance, name: "insulation resistance", unit: "Ω",
      validRange: 0...60000000.0, shape: .scalar,
      description:
        "Insulation resistance between the high-voltage system and the body, as the vehicle reports it.",
      source: gbt),
    .init(
      key: .alarmLevel, name: "alarm level", unit: "", validRange: 0...4, shape: .scalar,
      description:
        "Highest alarm level of the vehicle: 0 none, 1 drive on, 2 limit driving, 3 stop, 4 thermal event.",
      source: gbt),
    .init(
      key: .alarmFlags, name: "alarm flags", unit: "", validRange: 0...4_294_967_295,
      shape: .scalar,
      description: "General alarm flags of the vehicle, one bit an alarm.",
      source: gbt),
    .init(
      key: .chargeState, name: "charge state", unit: "", validRange: 1...4, shape: .scalar,
      description:
        "Charge state: 1 parked charging, 2 charging while driving, 3 not charging, 4 charge complete.",
      source: gbt),
    .init(
      key: .frequency, name: "frequency", unit: "Hz", validRange: 1e-06...100000000.0,
      shape: .scalar,
      description: "Frequency of an impedance measurement.",
      source: convention),
    .init(
      key: .impedanceReal, name: "impedance real", unit: "Ω", validRange: -1000...1000000.0,
      shape: .scalar,
      description: "Real part of the cell impedance.",
      source: convention),
    .init(
      key: .impedanceImaginary, name: "impedance imaginary", unit: "Ω",
      validRange: -1000000.0...1000000.0, shape: .scalar,
      description: "Imaginary part of the cell impedance; capacitive is negative.",
      source: convention),
    .init(
      key: .force, name: "force", unit: "N", validRange: -10000000.0...10000000.0, shape: .scalar,
      description: "Force on the cell, for example of an indenter.",
      source: convention),
    .init(
      key: .displacement, name: "displacement", unit: "m", validRange: -1...1, shape: .scalar,
      description: "Displacement of an indenter or of the cell surface.",
      source: convention),
    .init(
      key: .pressure, name: "pressure", unit: "Pa", validRange: 0...100000000.0, shape: .scalar,
      description: "Gas pressure inside a cell or enclosure.",
      source: convention),
  ]
}
