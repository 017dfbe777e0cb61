// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// SHA-256 and HMAC of libcrypto, random bytes, comparison in constant time.

import CCrypto

extension Digest {
  /// The SHA-256 hash (FIPS 180-4) of bytes, 32 of them.
  ///
  /// - Complexity: O(n).
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    precondition(
      EVP_Digest(bytes, bytes.count, &hash, &length, EVP_sha256(), nil) == 1,
      "libcrypto always has SHA-256")
    return hash
  }

  /// The HMAC-SHA-256 (RFC 2104) of bytes under a key, 32 bytes.
  ///
  /// - Complexity: O(n).
  public static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    let done = HMAC(
      EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, &hash, &length)
    precondition(done != nil, "libcrypto always has HMAC with SHA-256")
    return hash
  }

  /// Whether two byte strings are equal, in a time that depends on their length alone.
  public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(left, right) { difference |= a ^ b }
    return difference == 0
  }

  /// Two lower-case hexadecimal digits a byte.
  public static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes that hexadecimal digits state; nil for anything else.
  public static func bytes(hexadecimal text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.map { Self.digit($0) }
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map {
      (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)
    }
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x41 + 10
    case 0x61...0x66: character - 0x61 + 10
    default: nil
    }
  }

  /// Random bytes of the system.
  static func random(_ count: Int) -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}
