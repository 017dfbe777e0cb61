// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Decimal text to the nearest Double, exactly, without locale and without allocation.

import Foundation

/// Turns decimal digits into the nearest `Double`, correctly rounded (ties to even).
///
/// Three ways, from the fastest: a mantissa below 2⁵³ and a power of ten up to 22 need one exact
/// multiplication or division (Clinger 1990, doi:10.1145/93542.93557); up to 19 digits with powers
/// from −27 to 27 need one 128-bit product or quotient, because 5²⁷ fits in 64 bits; everything
/// else goes to the C library's `strtod`, which rounds correctly in glibc and on macOS.
enum DecimalParser {
  /// Powers of ten that a `Double` holds exactly.
  static let exactPowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Powers of five that fit in 64 bits: 5⁰ … 5²⁷.
  private static let powersOfFive: [UInt64] = {
    var powers: [UInt64] = [1]
    while powers.count < 28 { powers.append(powers[powers.count - 1] * 5) }
    return powers
  }()

  /// The value of `mantissa × 10^exponent`, or nil when the exponent is outside −27…27.
  ///
  /// - Parameters:
  ///   - mantissa: All significant digits as an integer; no digit may have been dropped.
  ///   - exponent: Power of ten.
  /// - Returns: The nearest `Double`, or nil.
  /// - Complexity: O(1).
  static func value(mantissa: UInt64, exponent: Int) -> Double? {
    if mantissa == 0 { return 0 }
    if mantissa < 1 << 53, exponent >= -22, exponent <= 22 {
      let number = Double(mantissa)
      return exponent < 0
        ? number / exactPowers[-exponent] : number * exactPowers[exponent]
    }
    guard exponent >= -27, exponent <= 27 else { return nil }
    return exponent < 0
      ? quotient(mantissa, powersOfFive[-exponent], binary: exponent)
      : product(mantissa, powersOfFive[exponent], binary: exponent)
  }

  /// `mantissa / five × 2^binary`, rounded once.
  private static func quotient(_ mantissa: UInt64, _ five: UInt64, binary: Int) -> Double {
    let up = mantissa.leadingZeroBitCount
    let side = five.leadingZeroBitCount
    let numerator = mantissa << UInt64(up)
    let denominator = five << UInt64(side)
    // numerator / 2 < 2⁶³ ≤ denominator, so the quotient fits in 64 bits.
    let (result, remainder) = denominator.dividingFullWidth((numerator >> 1, numerator << 63))
    return rounded(result, sticky: remainder != 0, exponent: binary - up + side - 63)
  }

  /// `mantissa × five × 2^binary`, rounded once.
  private static func product(_ mantissa: UInt64, _ five: UInt64, binary: Int) -> Double {
    let (high, low) = mantissa.multipliedFullWidth(by: five)
    guard high != 0 else { return rounded(low, sticky: false, exponent: binary) }
    let shift = UInt64(high.leadingZeroBitCount)
    let top = shift == 0 ? high : (high << shift) | (low >> (64 - shift))
    let dropped = shift == 0 ? low : low << shift
    return rounded(top, sticky: dropped != 0, exponent: binary + 64 - Int(shift))
  }

  /// Rounds `bits × 2^exponent` (plus something smaller when `sticky`) to the nearest `Double`.
  private static func rounded(_ bits: UInt64, sticky: Bool, exponent: Int) -> Double {
    let lead = bits.leadingZeroBitCount
    let normal = bits << UInt64(lead)
    var kept = normal >> 11
    let rest = normal & 0x7FF
    if rest > 0x400 || (rest == 0x400 && (sticky || kept & 1 == 1)) { kept += 1 }
    // The binary exponent stays within ±160 here, so the power of two is a normal number.
    let power = Double(bitPattern: UInt64(1023 + exponent - lead + 11) << 52)
    return Double(kept) * power
  }

  /// Parses one whole field: optional blanks, sign, digits with an optional point, exponent.
  ///
  /// - Parameters:
  ///   - field: The bytes of the field, without its delimiter.
  ///   - decimalPoint: The byte that separates the fraction, `.` or `,`.
  /// - Returns: The value, or nil when the field is not exactly one finite decimal number.
  static func parse(_ field: UnsafeBufferPointer<UInt8>, decimalPoint: UInt8) -> Double? {
    var start = 0
    var end = field.count
    while start < end, field[start] == 0x20 || field[start] == 0x09 { start += 1 }
    while end > start, field[end - 1] == 0x20 || field[end - 1] == 0x09 { end -= 1 }
    var at = start
    var negative = false
    if at < end, field[at] == 0x2D || field[at] == 0x2B {
      negative = field[at] == 0x2D
      at += 1
    }
    var mantissa: UInt64 = 0
    var significant = 0
    var digits = 0
    var exponent = 0
    var fraction = false
    while at < end {
      let byte = field[at]
      let digit = byte &- 0x30
      if digit < 10 {
        digits += 1
        if fraction { exponent -= 1 }
        if significant > 0 || digit != 0 { significant += 1 }
        if significant <= 19 { mantissa = mantissa &* 10 &+ UInt64(digit) }
      } else if byte == decimalPoint, !fraction {
        fraction = true
      } else {
        break
      }
      at += 1
    }
    guard digits > 0 else { return nil }
    if at < end, field[at] | 0x20 == 0x65 {
      at += 1
      var below = false
      if at < end, field[at] == 0x2D || field[at] == 0x2B {
        below = field[at] == 0x2D
        at += 1
      }
      guard at < end else { return nil }
      var power = 0
      while at < end, field[at] &- 0x30 < 10 {
        power = min(power * 10 + Int(field[at] &- 0x30), 100_000)
        at += 1
      }
      exponent += below ? -power : power
    }
    guard at == end else { return nil }
    if significant <= 19, let magnitude = value(mantissa: mantissa, exponent: exponent) {
      return negative ? -magnitude : magnitude
    }
    return library(field, start, end, decimalPoint)
  }

  /// The C library's answer for a field already known to be well formed.
  private static func library(
    _ field: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ decimalPoint: UInt8
  ) -> Double? {
    var text = [CChar]()
    text.reserveCapacity(end - start + 1)
    for byte in field[start..<end] {
      text.append(CChar(bitPattern: byte == decimalPoint ? 0x2E : byte))
    }
    text.append(0)
    let value = strtod(text, nil)
    return value.isFinite ? value : nil
  }
}
