// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How each quantity is named and counted in the Battery Data Format.

import BatteryDomain
import Quantities

/// How each quantity is named and counted in the Battery Data Format 1.1.
///
/// BDF counts charge current, and signed charge and energy counters, as positive: the opposite of
/// this project. Quantities that BDF does not define get a label in its style.
enum ExportColumns {
  /// Label without unit, unit, and the mapping `exported = (SI − offset) / scale`.
  struct Export {
    var name: String
    var unit: String
    var scale: Double
    var offset: Double
    /// Decimals that a shifted value is rounded to, so that 298.15 K is 25 and not 24.9999… °C.
    var decimals: Int?
  }

  /// The export of a quantity.
  static func export(of quantity: QuantityKey) -> Export {
    let hour = PhysicalConstants.secondsPerHour
    func plain(_ name: String, _ unit: String, _ scale: Double = 1) -> Export {
      Export(name: name, unit: unit, scale: scale, offset: 0, decimals: nil)
    }
    switch quantity {
    case .time: return plain("Test Time", "s")
    case .stepTime: return plain("Step Time", "s")
    case .cycleIndex: return plain("Cycle Count", "1")
    case .stepIndex: return plain("Step ID", "1")
    case .voltage: return plain("Voltage", "V")
    case .current: return plain("Current", "A", -1)
    case .power: return plain("Power", "W", -1)
    case .chargeCapacity: return plain("Charging Capacity", "Ah", hour)
    case .dischargeCapacity: return plain("Discharging Capacity", "Ah", hour)
    case .netCapacity: return plain("Net Capacity", "Ah", -hour)
    case .chargeEnergy: return plain("Charging Energy", "Wh", hour)
    case .dischargeEnergy: return plain("Discharging Energy", "Wh", hour)
    case .netEnergy: return plain("Net Energy", "Wh", -hour)
    case .capacity: return plain("Capacity", "Ah", hour)
    case .internalResistance: return plain("Internal Resistance", "ohm")
    case .impedanceReal: return plain("Real Impedance", "ohm")
    case .impedanceImaginary: return plain("Imaginary Impedance", "ohm")
    case .cellTemperature: return celsius("Temperature T1")
    default:
      let row = QuantityCatalogue.descriptor(of: quantity)
      let name = row.name.split(separator: " ")
        .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
      if row.unit == "K" { return celsius(name) }
      return plain(name, row.unit.isEmpty ? "1" : row.unit == "Ω" ? "ohm" : row.unit)
    }
  }

  private static func celsius(_ name: String) -> Export {
    Export(
      name: name, unit: "degC", scale: 1, offset: PhysicalConstants.celsiusZero, decimals: 9)
  }

  /// The label of a column, with the number of the cell or probe from 1.
  static func label(of column: ColumnSchema, _ reference: TimeReference) -> String {
    guard let quantity = column.quantity else {
      return column.sourceUnit.isEmpty || column.sourceName.contains(column.sourceUnit)
        ? column.sourceName : "\(column.sourceName) / \(column.sourceUnit)"
    }
    if quantity == .time, reference == .unixEpoch { return "Unix Time / s" }
    let export = export(of: quantity)
    let shape = QuantityCatalogue.descriptor(of: quantity).shape
    let number = shape == .scalar ? "" : " \(column.element + 1)"
    return "\(export.name)\(number) / \(export.unit)"
  }

  /// The exported number of an SI value.
  static func value(_ value: Double, _ export: Export?) -> Double {
    guard let export else { return value }
    if export.scale == 1, export.offset == 0 { return value }
    let result = (value - export.offset) / export.scale
    guard let decimals = export.decimals, result.magnitude < 1e6 else { return result }
    let factor = DecimalParser.exactPowers[decimals]
    return (result * factor).rounded() / factor
  }

  /// Rules by which files of these labels are read back.
  static let readingRules: [ColumnRule] = QuantityKey.allCases.map { key in
    let export = export(of: key)
    let shape = QuantityCatalogue.descriptor(of: key).shape
    let name = HeaderName.folded(export.name) + (shape == .scalar ? "" : " #")
    // The current convention of the format flips current and power.
    let flipped = export.scale < 0 && key != .current && key != .power
    return ColumnRule([name], key, export.unit == "1" ? "" : export.unit, flipped: flipped)
  }
}
