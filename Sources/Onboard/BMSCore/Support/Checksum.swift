// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// CRC-32 of bytes, for configuration images, stored state and digests of decisions.

/// Running CRC-32 (IEEE 802.3: polynomial 0x04C11DB7 reflected, initial and final inversion).
///
/// The check value of the nine bytes "123456789" is 0xCBF43926.
public struct Checksum: Sendable, BitwiseCopyable {
  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of no bytes yet.
  public init() {}

  /// The checksum of all bytes so far.
  public var value: UInt32 { ~state }

  /// Takes in one byte.
  public mutating func add(_ byte: UInt8) {
    state ^= UInt32(byte)
    for _ in 0..<8 {
      state = (state >> 1) ^ (0xEDB8_8320 & (0 &- (state & 1)))
    }
  }

  /// Takes in four bytes, least significant first.
  public mutating func add(_ word: UInt32) {
    add(UInt8(truncatingIfNeeded: word))
    add(UInt8(truncatingIfNeeded: word >> 8))
    add(UInt8(truncatingIfNeeded: word >> 16))
    add(UInt8(truncatingIfNeeded: word >> 24))
  }

  /// Takes in eight bytes, least significant first.
  public mutating func add(_ word: UInt64) {
    add(UInt32(truncatingIfNeeded: word))
    add(UInt32(truncatingIfNeeded: word >> 32))
  }

  /// The checksum of the first `count` bytes of a span, or of all where it is shorter.
  public static func of(_ bytes: Span<UInt8>, count: Int) -> UInt32 {
    var checksum = Checksum()
    var index = 0
    while index < bytes.count && index < count {
      checksum.add(bytes[index])
      index += 1
    }
    return checksum.value
  }
}
