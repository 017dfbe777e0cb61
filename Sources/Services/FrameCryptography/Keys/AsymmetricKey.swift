// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A public or private key of RSA, SM2 or ECC.

import CCrypto

/// A public or private key of RSA, SM2 or an elliptic curve.
///
/// - Note: The class is `@unchecked Sendable`: libcrypto counts references atomically and nothing
///   here changes a key after it was read.
public final class AsymmetricKey: Equatable, @unchecked Sendable {
  /// What a key can be used for.
  public enum Algorithm: String, Hashable, Sendable {
    /// RSA.
    case rsa = "RSA"
    /// SM2 (GB/T 32918).
    case sm2 = "SM2"
    /// Another elliptic curve, P-256 for frames.
    case ecc = "ECC"
  }

  let pointer: OpaquePointer
  /// What the key is for.
  public let algorithm: Algorithm
  /// Whether it holds the private part.
  public let isPrivate: Bool

  /// Takes ownership of a key; nil, and the key freed, when it is of another kind.
  init?(owning pointer: OpaquePointer, isPrivate: Bool) {
    self.pointer = pointer
    self.isPrivate = isPrivate
    if EVP_PKEY_is_a(pointer, "RSA") == 1 {
      algorithm = .rsa
    } else if EVP_PKEY_is_a(pointer, "SM2") == 1 {
      algorithm = .sm2
    } else if EVP_PKEY_is_a(pointer, "EC") == 1 {
      algorithm = .ecc
    } else {
      EVP_PKEY_free(pointer)
      return nil
    }
  }

  deinit { EVP_PKEY_free(pointer) }

  /// Whether two are the same key, with the private part or without.
  public static func == (left: AsymmetricKey, right: AsymmetricKey) -> Bool {
    left.isPrivate == right.isPrivate && EVP_PKEY_eq(left.pointer, right.pointer) == 1
  }

  /// Bytes of an RSA modulus, or of the longest signature of a curve.
  var byteCount: Int { Int(EVP_PKEY_get_size(pointer)) }

  /// Bits of the modulus or curve.
  public var bitCount: Int { Int(EVP_PKEY_get_bits(pointer)) }
}
