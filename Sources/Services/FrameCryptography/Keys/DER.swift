// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The little of DER that signatures, ciphertexts and raw keys need.

/// The little of DER (ITU-T X.690) that signatures, ciphertexts and raw keys need.
enum DER {
  /// One value with its tag and length.
  static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    if content.count < 0x80 {
      length = [UInt8(content.count)]
    } else {
      var rest = content.count
      while rest > 0 {
        length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
        rest >>= 8
      }
      length.insert(0x80 | UInt8(length.count), at: 0)
    }
    return [tag] + length + content
  }

  /// A sequence of encoded values.
  static func sequence(_ values: [[UInt8]]) -> [UInt8] { value(0x30, values.flatMap { $0 }) }

  /// A number without sign.
  static func integer(_ magnitude: [UInt8]) -> [UInt8] {
    let digits = Array(magnitude.drop { $0 == 0 })
    guard let first = digits.first else { return value(0x02, [0]) }
    return value(0x02, first >= 0x80 ? [0] + digits : digits)
  }

  /// The values of a sequence that fills the bytes: tags and contents; nil for other bytes.
  static func values(of bytes: [UInt8]) -> [(tag: UInt8, content: [UInt8])]? {
    guard let outer = read(bytes, at: 0), outer.tag == 0x30, outer.end == bytes.count else {
      return nil
    }
    var values: [(tag: UInt8, content: [UInt8])] = []
    var place = outer.start
    while place < bytes.count {
      guard let inner = read(bytes, at: place) else { return nil }
      values.append((inner.tag, Array(bytes[inner.start..<inner.end])))
      place = inner.end
    }
    return values
  }

  private static func read(
    _ bytes: [UInt8], at place: Int
  ) -> (tag: UInt8, start: Int, end: Int)? {
    guard bytes.count - place >= 2 else { return nil }
    var start = place + 2
    var length = Int(bytes[place + 1])
    if length >= 0x80 {
      let count = length & 0x7F
      guard count >= 1, count <= 3, bytes.count - start >= count else { return nil }
      length = bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
      start += count
    }
    guard bytes.count - start >= length else { return nil }
    return (bytes[place], start, start + length)
  }

  /// A number in a fixed count of bytes; nil when it does not fit.
  static func fixed(_ magnitude: [UInt8], count: Int) -> [UInt8]? {
    let digits = magnitude.drop { $0 == 0 }
    guard digits.count <= count else { return nil }
    return Array(repeating: 0, count: count - digits.count) + digits
  }
}
