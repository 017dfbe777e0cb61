// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How raw numbers are written in the units people use, digit by digit.

import TelemetryCodec

/// How a raw number is written in the unit of its JSON member: `(raw + shift) / 10^decimals`.
///
/// Whole-number arithmetic, so that the text has exactly the digits of the wire and nothing is
/// lost on the way back.
struct DecimalScale {
  let shift: Int64
  let decimals: Int

  init(_ shift: Int64, _ decimals: Int) {
    self.shift = shift
    self.decimals = decimals
  }

  static func of(_ kind: FieldKind) -> DecimalScale {
    switch kind {
    case .speed2016, .speed2025, .odometer, .packVoltage2016, .packVoltage2025,
      .controllerVoltage, .fuelCellVoltage, .fuelCellCurrent, .hydrogenPressure,
      .supercapacitorVoltage:
      DecimalScale(0, 1)
    case .packCurrent2016, .controllerCurrent: DecimalScale(-10_000, 1)
    case .packCurrent2025: DecimalScale(-30_000, 1)
    case .temperature, .fuelCellTemperature: DecimalScale(-40, 0)
    case .motorSpeed2016: DecimalScale(-20_000, 0)
    case .motorSpeed2025: DecimalScale(-32_000, 0)
    case .motorTorque2016: DecimalScale(-20_000, 1)
    case .motorTorque2025: DecimalScale(-200_000, 1)
    case .hydrogenConsumption, .fuelConsumption: DecimalScale(0, 2)
    case .hydrogenTemperature: DecimalScale(-400, 1)
    case .stackPressure: DecimalScale(-1_000, 1)
    case .longitude, .latitude: DecimalScale(0, 6)
    case .cellVoltage: DecimalScale(0, 3)
    case .stateOfCharge, .insulationResistance, .accelerator, .brake, .hydrogenConcentration,
      .hydrogenRemaining, .sensorNumber, .crankshaftSpeed, .number8, .number16, .cellTotal,
      .alarmLevel2016, .alarmLevel2025:
      DecimalScale(0, 0)
    }
  }

  /// The digits of a raw number, without zeros at the end.
  func text(_ raw: UInt32) -> String {
    var value = Int64(raw) + shift
    var decimals = decimals
    while decimals > 0, value % 10 == 0 {
      value /= 10
      decimals -= 1
    }
    guard decimals > 0 else { return String(value) }
    var digits = String(value.magnitude)
    while digits.utf8.count <= decimals { digits = "0" + digits }
    return (value < 0 ? "-" : "") + digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  /// The nearest raw number of a text; nil when the field cannot carry it.
  func raw(_ text: String, allOnes: UInt32) -> UInt32? {
    guard var value = Double(text) else { return nil }
    for _ in 0..<decimals { value *= 10 }
    let steps = value.rounded() - Double(shift)
    guard steps >= 0, steps < Double(allOnes) - 1 else { return nil }
    return UInt32(steps)
  }
}
