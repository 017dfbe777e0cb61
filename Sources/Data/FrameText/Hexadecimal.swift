// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Bytes as hexadecimal text and back.

/// Bytes as hexadecimal text and back.
public enum Hexadecimal {
  /// The lower-case text of bytes.
  ///
  /// - Complexity: O(n).
  public static func text(of bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// What is wrong with a hexadecimal text.
  public enum Fault: Error, Hashable, Sendable {
    /// A character that is no digit; the place counts from 0.
    case badCharacter(at: Int)
    /// An odd number of digits.
    case oddCount(Int)
  }

  /// The bytes of a text. A leading `0x`, spaces, tabs, line ends, colons, commas and hyphens
  /// between the digits are passed over.
  ///
  /// - Throws: ``Fault``.
  /// - Complexity: O(n).
  public static func bytes(of text: some StringProtocol) throws(Fault) -> [UInt8] {
    var result: [UInt8] = []
    var high: UInt8?
    var count = 0
    let utf8 = Array(text.utf8)
    var place = 0
    while place < utf8.count, utf8[place] == 0x20 { place += 1 }
    if utf8.count - place >= 2, utf8[place] == 0x30, utf8[place + 1] | 0x20 == 0x78 { place += 2 }
    result.reserveCapacity(utf8.count / 2)
    while place < utf8.count {
      let byte = utf8[place]
      if let digit = digit(byte) {
        count += 1
        if let first = high {
          result.append(first << 4 | digit)
          high = nil
        } else {
          high = digit
        }
      } else if ![0x20, 0x09, 0x0D, 0x0A, 0x3A, 0x2C, 0x2D].contains(byte) {
        throw .badCharacter(at: place)
      }
      place += 1
    }
    guard high == nil else { throw .oddCount(count) }
    return result
  }

  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
