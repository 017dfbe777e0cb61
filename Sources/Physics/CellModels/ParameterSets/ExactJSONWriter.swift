// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// JSON whose numbers read back to the last bit.

/// Writes JSON whose numbers read back to the last bit, keys sorted, arrays on one line.
///
/// Foundation's writer rounds some numbers in their last digit.
struct ExactJSONWriter {
  /// What was written so far.
  private(set) var text = ""

  /// Writes an object, array, text or number.
  ///
  /// - Parameters:
  ///   - value: A dictionary by text, an array of numbers, a text, an integer or a number.
  ///   - key: Its key, for messages.
  ///   - depth: Of the object it stands in.
  /// - Throws: ``ParameterError`` for a number that is not finite or a value of another type.
  mutating func write(_ value: Any, key: String, depth: Int) throws(ParameterError) {
    if let object = value as? [String: Any] {
      try write(object, depth: depth)
    } else if let numbers = value as? [Double] {
      text += "["
      for (place, number) in numbers.enumerated() {
        if place > 0 { text += "," }
        try write(number, key)
      }
      text += "]"
    } else if let string = value as? String {
      text += Self.quoted(string)
    } else if let integer = value as? Int {
      text += "\(integer)"
    } else if let number = value as? Double {
      try write(number, key)
    } else {
      throw .unsupported(key: key, reason: "cannot be written as JSON")
    }
  }

  private mutating func write(_ object: [String: Any], depth: Int) throws(ParameterError) {
    let indent = String(repeating: "  ", count: depth + 1)
    text += "{"
    for (place, pair) in object.sorted(by: { $0.key < $1.key }).enumerated() {
      text += (place > 0 ? ",\n" : "\n") + indent + Self.quoted(pair.key) + ": "
      try write(pair.value, key: pair.key, depth: depth + 1)
    }
    text += object.isEmpty ? "}" : "\n" + indent.dropLast(2) + "}"
  }

  private mutating func write(_ number: Double, _ key: String) throws(ParameterError) {
    guard number.isFinite else { throw .outOfRange(key: key, value: number, allowed: "finite") }
    text += "\(number)"
  }

  private static func quoted(_ string: String) -> String {
    var out = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
