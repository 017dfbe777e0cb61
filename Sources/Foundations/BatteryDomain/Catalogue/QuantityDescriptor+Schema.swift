// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// JSON schema fragments and help lines out of the quantity catalogue.

extension QuantityDescriptor {
  /// The JSON schema of a value of this quantity, as compact JSON text.
  ///
  /// A scalar is a number between the ends of the valid range; a per-cell or per-probe quantity
  /// is an array of such numbers, in which `null` stands for a value that is missing. The unit is
  /// carried by `x-unit`. The schema follows JSON Schema draft 2020-12.
  public var jsonSchema: String {
    let range =
      #""minimum":\#(Self.json(validRange.lowerBound)),"maximum":\#(Self.json(validRange.upperBound))"#
    let head =
      #""title":\#(Self.json(name)),"description":\#(Self.json(description)),"x-unit":\#(Self.json(unit))"#
    switch shape {
    case .scalar: return #"{"type":"number",\#(head),\#(range)}"#
    case .perCell, .perProbe:
      return #"{"type":"array",\#(head),"items":{"type":["number","null"],\#(range)}}"#
    }
  }

  /// One line for help texts: machine name, unit, valid range in display units, meaning.
  public var helpLine: String {
    let display = displayUnit
    let bounds = [validRange.lowerBound, validRange.upperBound].map { bound in
      let number = display.number(fromSI: bound)
      // Whole bounds without a fraction; `1e+11` rather than twelve digits.
      return number.magnitude < 1e7 && number == number.rounded()
        ? DecimalText.fixed(number, fractionDigits: 0) : "\(number)"
    }
    let unit = display.symbol.isEmpty ? "" : " \(display.symbol)"
    let each = shape == .scalar ? "" : shape == .perCell ? ", one per cell" : ", one per probe"
    return "\(key.rawValue) (\(bounds[0])…\(bounds[1])\(unit)\(each)): \(description)"
  }

  private static func json(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 9e15 ? "\(Int64(number))" : "\(number)"
  }

  static func json(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }
}

extension QuantityCatalogue {
  /// The JSON schema definitions of all quantities, by machine name, as compact JSON text: the
  /// value of `$defs` in a schema that refers to `#/$defs/cell_voltage` and the like.
  public static var jsonSchemaDefinitions: String {
    let rows = all.map { "\(QuantityDescriptor.json($0.key.rawValue)):\($0.jsonSchema)" }
    return "{\(rows.joined(separator: ","))}"
  }

  /// The help text of all quantities, one line each, in the order of the catalogue.
  public static var helpText: String { all.map(\.helpLine).joined(separator: "\n") }
}
