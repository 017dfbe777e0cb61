// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The explicit mapping of source columns to quantities, and its grammar.

public import BatteryDomain

/// One explicitly mapped column: which source column holds which quantity, in which unit and sign.
///
/// A list of mappings is written as
///
///     list     = mapping { "," mapping }
///     mapping  = quantity "=" [ "-" ] column [ "[" unit "]" ]
///     quantity = machine name of the quantity catalogue, "_" or "-" between its words
///     column   = header title | "#" position from 1 | text in double quotes
///
/// For example `time=t[min],voltage=Ucell[mV],current=-I[A]`. Without a unit the unit printed in
/// the header counts, and without that the SI unit. A minus before the column flips the sign:
/// write it before a current that counts charge as positive. A `*` in a title stands for the
/// number of a cell or probe: `cell_voltage=V_*[mV]`.
public struct ColumnMapping: Sendable, Hashable {
  /// The quantity the column holds.
  public var quantity: QuantityKey
  /// Title of the source column, `#` and a position from 1, or a pattern with one `*`.
  public var column: String
  /// Unit in the file; nil for the header's own or, without one, the SI unit.
  public var unit: String?
  /// Whether the sign is flipped on reading.
  public var negated: Bool

  /// Creates a mapping.
  public init(
    quantity: QuantityKey, column: String, unit: String? = nil, negated: Bool = false
  ) {
    self.quantity = quantity
    self.column = column
    self.unit = unit
    self.negated = negated
  }

  /// What is wrong with the text of a mapping; the message says where and what was expected.
  public struct SyntaxError: Error, Hashable, Sendable {
    /// One sentence for the person who wrote the mapping.
    public let message: String
  }

  /// Reads a list of mappings.
  ///
  /// - Parameter text: The list in the grammar of ``ColumnMapping``.
  /// - Returns: The mappings in the order of the text.
  /// - Throws: ``SyntaxError`` that names the part and what was expected.
  public static func parse(_ text: String) throws(SyntaxError) -> [ColumnMapping] {
    var mappings: [ColumnMapping] = []
    for part in split(text) {
      mappings.append(try parseOne(part))
    }
    guard !mappings.isEmpty else {
      throw SyntaxError(message: "--columns is empty; write for example 'voltage=U[mV]'")
    }
    return mappings
  }

  /// Splits at commas outside quotes and brackets.
  private static func split(_ text: String) -> [String] {
    var parts: [String] = []
    var part = ""
    var quoted = false
    var depth = 0
    for character in text {
      if character == "\"" { quoted.toggle() }
      if !quoted, character == "[" { depth += 1 }
      if !quoted, character == "]" { depth -= 1 }
      if character == ",", !quoted, depth <= 0 {
        parts.append(part)
        part = ""
      } else {
        part.append(character)
      }
    }
    parts.append(part)
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  private static func parseOne(_ part: String) throws(SyntaxError) -> ColumnMapping {
    guard let equals = part.firstIndex(of: "=") else {
      throw SyntaxError(message: "'\(part)' has no '='; write quantity=column[unit]")
    }
    let key = trimmed(String(part[..<equals])).replacing("-", with: "_")
    guard let quantity = QuantityKey(rawValue: key) else {
      let known = QuantityKey.allCases.map(\.rawValue).joined(separator: ", ")
      throw SyntaxError(message: "'\(key)' is no quantity; the quantities are \(known)")
    }
    var rest = Substring(trimmed(String(part[part.index(after: equals)...])))
    var negated = false
    if rest.first == "-" || rest.first == "+" {
      negated = rest.removeFirst() == "-"
      rest = rest.drop { $0 == " " }
    }
    var unit: String?
    if rest.last == "]", let open = rest.lastIndex(of: "[") {
      let symbol = trimmed(String(rest[rest.index(after: open)...].dropLast()))
      let wanted = QuantityCatalogue.descriptor(of: quantity).unit
      guard let entry = UnitTable.entry(of: symbol), entry.dimension == wanted else {
        throw SyntaxError(
          message: "'\(symbol)' is no unit of \(quantity.rawValue)"
            + (wanted.isEmpty ? ", which is a pure number" : ", which is in \(wanted)"))
      }
      unit = symbol
      rest = rest[..<open]
    }
    var column = trimmed(String(rest))
    if column.count >= 2, column.first == "\"", column.last == "\"" {
      column = String(column.dropFirst().dropLast())
    }
    guard !column.isEmpty else {
      throw SyntaxError(message: "'\(part)' names no column; write quantity=column[unit]")
    }
    if column.filter({ $0 == "*" }).count > 1 {
      throw SyntaxError(message: "'\(column)' has more than one '*'")
    }
    return ColumnMapping(quantity: quantity, column: column, unit: unit, negated: negated)
  }

  private static func trimmed(_ text: String) -> String {
    var slice = Substring(text)
    while let last = slice.last, last.isWhitespace { slice.removeLast() }
    return String(slice.drop { $0.isWhitespace })
  }
}
