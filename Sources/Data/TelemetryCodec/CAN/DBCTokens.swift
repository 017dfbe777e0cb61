// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Words, numbers, texts and marks of a DBC file.

/// One token of a DBC file.
enum DBCToken: Hashable {
  case word(String)
  case number(Double, text: String)
  case text(String)
  case mark(UInt8)
  case end
}

/// Splits the bytes of a DBC file into tokens.
struct DBCTokens {
  private let bytes: [UInt8]
  private var place = 0
  private(set) var line = 1
  /// Whether the last token started at the beginning of a line.
  private(set) var startsLine = false

  init(_ bytes: [UInt8]) {
    // A byte order mark is no token.
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A) || byte == 0x5F
  }
  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  mutating func next() -> DBCToken {
    startsLine = place == 0
    while place < bytes.count, bytes[place] <= 0x20 {
      startsLine = bytes[place] == 0x0A || bytes[place] == 0x0D
      if bytes[place] == 0x0A { line += 1 }
      place += 1
    }
    guard place < bytes.count else { return .end }
    let byte = bytes[place]
    if Self.isLetter(byte) { return word() }
    if byte == 0x22 { return text() }
    let follows = place + 1 < bytes.count ? bytes[place + 1] : 0
    if Self.isDigit(byte)
      || ((byte == 0x2D || byte == 0x2B) && (Self.isDigit(follows) || follows == 0x2E))
    {
      return number()
    }
    place += 1
    return .mark(byte)
  }

  private mutating func word() -> DBCToken {
    let start = place
    while place < bytes.count, Self.isLetter(bytes[place]) || Self.isDigit(bytes[place]) {
      place += 1
    }
    return .word(String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private mutating func text() -> DBCToken {
    place += 1
    var content: [UInt8] = []
    while place < bytes.count, bytes[place] != 0x22 {
      // A backslash makes a quote or a backslash part of the text.
      if bytes[place] == 0x5C, place + 1 < bytes.count,
        bytes[place + 1] == 0x22 || bytes[place + 1] == 0x5C
      {
        place += 1
      }
      if bytes[place] == 0x0A { line += 1 }
      content.append(bytes[place])
      place += 1
    }
    place += 1
    return .text(Self.decoded(content))
  }

  /// UTF-8 where the bytes are that, else Latin-1, the usual encoding of older files.
  private static func decoded(_ content: [UInt8]) -> String {
    if String(validating: content, as: UTF8.self) != nil {
      return String(decoding: content, as: UTF8.self)
    }
    var bytes: [UInt8] = []
    for byte in content {
      if byte < 0x80 {
        bytes.append(byte)
      } else {
        bytes.append(0xC0 | byte >> 6)
        bytes.append(0x80 | byte & 0x3F)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func number() -> DBCToken {
    let start = place
    if !Self.isDigit(bytes[place]), bytes[place] != 0x2E { place += 1 }
    while place < bytes.count {
      let byte = bytes[place]
      let isExponentSign =
        (byte == 0x2D || byte == 0x2B) && (bytes[place - 1] | 0x20) == 0x65
      guard Self.isDigit(byte) || byte == 0x2E || byte | 0x20 == 0x65 || isExponentSign else {
        break
      }
      place += 1
    }
    let digits = Array(bytes[start..<place])
    // "m3-5" style ranges are split by the caller: a number ends before a second sign.
    return .number(DecimalText.value(of: digits), text: String(decoding: digits, as: UTF8.self))
  }
}

/// Decimal numbers without Foundation.
enum DecimalText {
  /// The value of digits with sign, point and exponent; zero for bytes that are none.
  ///
  /// Exact to the last bit while the digits fit into 53 bits and the power of ten is below 10^23
  /// (W. D. Clinger 1990), which holds for factors and offsets of DBC files.
  static func value(of bytes: [UInt8]) -> Double {
    var mantissa: UInt64 = 0
    var exponent = 0
    var place = 0
    let isNegative = bytes.first == 0x2D
    if isNegative || bytes.first == 0x2B { place = 1 }
    var isFraction = false
    while place < bytes.count {
      let byte = bytes[place]
      if byte == 0x2E {
        isFraction = true
      } else if byte >= 0x30, byte <= 0x39 {
        if mantissa < 100_000_000_000_000_000 {
          mantissa = mantissa * 10 + UInt64(byte - 0x30)
          if isFraction { exponent -= 1 }
        } else if !isFraction {
          exponent += 1
        }
      } else {
        break
      }
      place += 1
    }
    if place < bytes.count, bytes[place] | 0x20 == 0x65 {
      place += 1
      var sign = 1
      if place < bytes.count, bytes[place] == 0x2D || bytes[place] == 0x2B {
        sign = bytes[place] == 0x2D ? -1 : 1
        place += 1
      }
      var power = 0
      while place < bytes.count, bytes[place] >= 0x30, bytes[place] <= 0x39, power < 1_000 {
        power = power * 10 + Int(bytes[place] - 0x30)
        place += 1
      }
      exponent += sign * power
    }
    let magnitude = scaled(Double(mantissa), by: exponent)
    return isNegative ? -magnitude : magnitude
  }

  /// The nearest whole number, halves away from zero; nil outside 64 bits and for NaN.
  ///
  /// Written without the C library's rounding, which a microcontroller may not have.
  static func nearest(_ value: Double) -> Int64? {
    guard value > -9.2e18, value < 9.2e18 else { return nil }
    // From 2^52 on every number is whole.
    if value.magnitude >= 4_503_599_627_370_496 { return Int64(value) }
    return Int64(value < 0 ? value - 0.5 : value + 0.5)
  }

  /// The number itself when it is whole and fits into 64 bits.
  static func whole(_ value: Double) -> Int64? {
    guard let nearest = nearest(value), Double(nearest) == value else { return nil }
    return nearest
  }

  private static func scaled(_ value: Double, by exponent: Int) -> Double {
    guard value != 0 else { return 0 }
    var result = value
    var left = exponent.magnitude
    while left > 0, result != 0, result.isFinite {
      let step = min(left, 22)
      var power = 1.0
      for _ in 0..<step { power *= 10 }
      result = exponent < 0 ? result / power : result * power
      left -= step
    }
    return result
  }
}
