// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The check sum of log records and blocks.

/// The 32-bit cyclic redundancy check with Castagnoli's polynomial, eight bytes a step.
///
/// - Reference: G. Castagnoli, S. Bräuer & M. Herrmann (1993), IEEE Trans. Commun. 41, 883; the
///   polynomial of RFC 3720, appendix B.4, reflected `0x82F63B78`.
package enum CRC32C {
  /// Check sum of some bytes.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - start: Check sum of what comes before them; 0 at the beginning.
  /// - Returns: The check sum of both.
  /// - Complexity: O(n).
  package static func checksum(_ bytes: UnsafeRawBufferPointer, after start: UInt32 = 0) -> UInt32 {
    var crc = ~start
    var index = 0
    table.withUnsafeBufferPointer { table in
      while bytes.count - index >= 8 {
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let low = UInt32(truncatingIfNeeded: word) ^ crc
        let high = UInt32(truncatingIfNeeded: word >> 32)
        let a = table[1_792 + Int(low & 0xFF)] ^ table[1_536 + Int(low >> 8 & 0xFF)]
        let b = table[1_280 + Int(low >> 16 & 0xFF)] ^ table[1_024 + Int(low >> 24)]
        let c = table[768 + Int(high & 0xFF)] ^ table[512 + Int(high >> 8 & 0xFF)]
        let d = table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
        crc = a ^ b ^ c ^ d
        index += 8
      }
      while index < bytes.count {
        crc = table[Int((crc ^ UInt32(bytes[index])) & 0xFF)] ^ crc >> 8
        index += 1
      }
    }
    return ~crc
  }

  /// Check sum of an array.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }

  /// Check sum of a part of an array.
  package static func checksum(_ bytes: [UInt8], in range: Range<Int>) -> UInt32 {
    bytes.withUnsafeBytes { checksum(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Eight tables of 256, the k-th for a byte that k more bytes follow.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 2_048)
    for value in 0..<256 {
      var crc = UInt32(value)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
      table[value] = crc
    }
    for slice in 1..<8 {
      for value in 0..<256 {
        let before = table[(slice - 1) * 256 + value]
        table[slice * 256 + value] = table[Int(before & 0xFF)] ^ before >> 8
      }
    }
    return table
  }()
}
