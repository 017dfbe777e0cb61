// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The 17 characters that name a vehicle or platform, stored in place.

/// The 17 bytes that name a vehicle (its VIN) or a platform.
public struct UniqueIdentifier: Hashable, Sendable {
  /// Number of bytes on the wire.
  public static let byteCount = 17

  private var high: UInt64
  private var low: UInt64
  private var last: UInt8

  /// Seventeen zero bytes.
  public static let blank = UniqueIdentifier(high: 0, low: 0, last: 0)

  private init(high: UInt64, low: UInt64, last: UInt8) {
    self.high = high
    self.low = low
    self.last = last
  }

  /// Wraps exactly 17 bytes; nil for any other number.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for place in 0..<8 {
      high = high << 8 | UInt64(bytes[place])
      low = low << 8 | UInt64(bytes[place + 8])
    }
    self.high = high
    self.low = low
    self.last = bytes[16]
  }

  /// Wraps a text of at most 17 printable ASCII characters, padded with zero bytes; nil for
  /// any other text.
  public init?(_ text: String) {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      guard byte >= 0x20, byte < 0x7F, bytes.count < Self.byteCount else { return nil }
      bytes.append(byte)
    }
    while bytes.count < Self.byteCount { bytes.append(0) }
    self.init(bytes: bytes)
  }

  /// The 17 bytes.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(Self.byteCount)
    for place in 0..<8 {
      result.append(UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64(place))))
    }
    for place in 0..<8 { result.append(UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64(place)))) }
    result.append(last)
    return result
  }

  /// The characters without the zero bytes at the end; bytes that are not printable ASCII
  /// become `?`.
  public var text: String { WireText.text(of: bytes) }
}

/// Text fields of the protocol: ASCII, padded with zero bytes on the right.
public enum WireText {
  /// The characters of a text field without the padding; bytes that are not printable ASCII
  /// become `?`, so that the result is safe to log.
  public static func text(of bytes: [UInt8]) -> String {
    var end = bytes.count
    while end > 0, bytes[end - 1] == 0 { end -= 1 }
    var printable: [UInt8] = []
    printable.reserveCapacity(end)
    for byte in bytes[..<end] { printable.append(byte >= 0x20 && byte < 0x7F ? byte : 0x3F) }
    return String(decoding: printable, as: UTF8.self)
  }

  /// The bytes of a text padded to a length; nil when it is too long or not printable ASCII.
  public static func bytes(of text: String, count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      guard byte >= 0x20, byte < 0x7F, bytes.count < count else { return nil }
      bytes.append(byte)
    }
    while bytes.count < count { bytes.append(0) }
    return bytes
  }
}
