// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Passwords of platforms, kept as salted slow hashes.

import CCrypto

/// A password as it is kept: a salted slow hash, never the password.
///
/// Written as `pbkdf2-sha256$ITERATIONS$SALT$HASH` with salt and hash in hexadecimal
/// (PBKDF2, RFC 8018, with HMAC-SHA-256).
public struct PasswordHash: Hashable, Sendable, CustomStringConvertible {
  private let iterations: Int
  private let salt: [UInt8]
  private let hash: [UInt8]

  /// Iterations of a new hash: about 5 ms on one core, since a check delays its event loop; the
  /// gateway also limits how often an address may try.
  public static let usualIterations = 20_000

  /// Hashes a password with a new random salt.
  public init(of password: String, iterations: Int = Self.usualIterations) {
    let salt = Digest.random(16)
    self.iterations = max(1, iterations)
    self.salt = salt
    hash = Self.derive(Array(password.utf8), salt, self.iterations)
  }

  /// Reads the written form; nil for any other text.
  public init?(written text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "pbkdf2-sha256", let iterations = Int(parts[1]),
      (1...1_000_000).contains(iterations), let salt = Digest.bytes(hexadecimal: parts[2]),
      salt.count >= 8, let hash = Digest.bytes(hexadecimal: parts[3]), hash.count == 32
    else { return nil }
    self.iterations = iterations
    self.salt = salt
    self.hash = hash
  }

  /// The written form, for the registry file.
  public var written: String {
    "pbkdf2-sha256$\(iterations)$\(Digest.hexadecimal(salt))$\(Digest.hexadecimal(hash))"
  }

  /// Says that there is a hash; not the hash.
  public var description: String { "PasswordHash(\(iterations) iterations)" }

  /// Whether a password is the one that was hashed.
  ///
  /// - Parameter password: The password's bytes without padding.
  /// - Returns: Whether it matches.
  /// - Complexity: O(iterations).
  public func matches(_ password: [UInt8]) -> Bool {
    Digest.isEqual(Self.derive(password, salt, iterations), hash)
  }

  private static func derive(_ password: [UInt8], _ salt: [UInt8], _ iterations: Int) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    let characters = password.map { CChar(bitPattern: $0) }
    let done = PKCS5_PBKDF2_HMAC(
      characters, Int32(clamping: characters.count), salt, Int32(clamping: salt.count),
      Int32(clamping: iterations), EVP_sha256(), 32, &out)
    precondition(done == 1, "libcrypto always has PBKDF2 with SHA-256")
    return out
  }
}
