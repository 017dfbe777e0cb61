// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The unit a person reads a quantity in, and the way to it from SI.

/// The unit in which a person reads a quantity: °C, Ah, km/h and the like.
///
/// Values stay in coherent SI everywhere else; labels, tables and chart axes convert with this
/// type, so that no page carries a factor of its own.
public struct DisplayUnit: Codable, Hashable, Sendable {
  /// Symbol after the number; empty for a pure number.
  public let symbol: String
  /// Display units in one SI unit: `displayed = SI × perUnit + offset`.
  public let perUnit: Double
  /// The displayed number at zero in SI; not zero for °C only.
  public let offset: Double
  /// Digits after the point that are worth showing.
  public let fractionDigits: Int

  /// Creates a display unit.
  ///
  /// - Parameters:
  ///   - symbol: Symbol after the number.
  ///   - perUnit: Display units in one SI unit; not zero.
  ///   - offset: The displayed number at zero in SI.
  ///   - fractionDigits: Digits after the point, 0 to 9.
  public init(
    _ symbol: String, perUnit: Double = 1, offset: Double = 0, fractionDigits: Int = 2
  ) {
    precondition(perUnit != 0 && perUnit.isFinite, "a display unit needs a finite factor")
    precondition((0...9).contains(fractionDigits), "between 0 and 9 digits can be shown")
    self.symbol = symbol
    self.perUnit = perUnit
    self.offset = offset
    self.fractionDigits = fractionDigits
  }

  /// The displayed number of an SI value.
  public func number(fromSI value: Double) -> Double { value * perUnit + offset }

  /// The SI value of a displayed number.
  public func si(fromNumber number: Double) -> Double { (number - offset) / perUnit }

  /// The displayed number of a difference of two SI values: no offset.
  public func difference(fromSI value: Double) -> Double { value * perUnit }

  /// Number and symbol of an SI value, for example `25.0 °C`; `–` for NaN and infinities.
  public func text(fromSI value: Double) -> String {
    let digits = DecimalText.fixed(number(fromSI: value), fractionDigits: fractionDigits)
    return symbol.isEmpty || !value.isFinite ? digits : "\(digits) \(symbol)"
  }

  private enum CodingKeys: String, CodingKey {
    case symbol
    case perUnit = "per_unit"
    case offset
    case fractionDigits = "fraction_digits"
  }
}
