// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Decimal numbers with a fixed number of digits, without Foundation and its locales.

/// Decimal numbers as text with a fixed number of digits after the point.
public enum DecimalText {
  private static let powers: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

  /// A number with a fixed number of digits after the point, rounded half away from zero.
  ///
  /// - Parameters:
  ///   - value: The number; NaN and infinities give `–`.
  ///   - fractionDigits: Digits after the point; limited to 0 to 9.
  /// - Returns: Text with a point and no grouping; never `-0`. Numbers too large for the digits
  ///   asked for come in Swift's shortest form.
  public static func fixed(_ value: Double, fractionDigits: Int) -> String {
    guard value.isFinite else { return "–" }
    let digits = max(0, min(9, fractionDigits))
    let scaled = (value.magnitude * powers[digits]).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let number = Int64(scaled)
    let sign = value < 0 && number != 0 ? "-" : ""
    let divisor = Int64(powers[digits])
    guard digits > 0 else { return "\(sign)\(number)" }
    let fraction = String(number % divisor)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(number / divisor).\(zeros)\(fraction)"
  }
}
