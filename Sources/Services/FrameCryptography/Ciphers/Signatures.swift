// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Signatures of SM2, RSA and ECC: checking and making.

import CCrypto
import TelemetryCodec

/// The identity that enters an SM2 signature (GB/T 32918.2, value Z).
public enum SM2Identity: Hashable, Sendable {
  /// These bytes; the usual ones are `1234567812345678`.
  case bytes([UInt8])
  /// The 17 characters of the vehicle.
  case vehicle
  /// None: the bare SM3 hash is signed, as some libraries do.
  case none

  /// The usual identity, where nothing else is agreed.
  public static let usual = SM2Identity.bytes(Array("1234567812345678".utf8))
}

enum Signatures {
  /// Algorithm codes of a signature block.
  static let codes: [UInt8: AsymmetricKey.Algorithm] = [1: .sm2, 2: .rsa, 3: .ecc]

  /// Whether a signature is that of a key.
  static func isValid(
    _ block: SignatureBlock, over bytes: [UInt8], _ key: AsymmetricKey, identity: [UInt8]?
  ) -> Bool {
    switch key.algorithm {
    case .rsa:
      let signature = block.r + block.s
      return verify(bytes, signature, key, EVP_sha256(), .pkcs1)
        || verify(bytes, signature, key, EVP_sha256(), .pss)
    case .ecc:
      guard let signature = derSignature(block, part: (key.bitCount + 7) / 8) else { return false }
      if verify(bytes, signature, key, EVP_sha256(), nil) { return true }
      return key.bitCount > 256 && verify(bytes, signature, key, EVP_sha384(), nil)
    case .sm2:
      guard let signature = derSignature(block, part: 32) else { return false }
      guard let identity else { return verifyBare(bytes, signature, key) }
      return verify(bytes, signature, key, EVP_sm3(), nil, identity: identity)
    }
  }

  /// Signs bytes; nil when libcrypto refuses.
  static func sign(
    _ bytes: [UInt8], _ key: AsymmetricKey, identity: [UInt8]?
  ) -> SignatureBlock? {
    switch key.algorithm {
    case .rsa:
      guard let signature = make(bytes, key, EVP_sha256(), nil) else { return nil }
      return SignatureBlock(algorithm: 2, r: signature, s: [])
    case .sm2, .ecc:
      let isSM2 = key.algorithm == .sm2
      guard let der = make(bytes, key, isSM2 ? EVP_sm3() : EVP_sha256(), isSM2 ? identity : nil),
        let parts = DER.values(of: der), parts.count == 2,
        let r = DER.fixed(parts[0].content, count: (key.bitCount + 7) / 8),
        let s = DER.fixed(parts[1].content, count: (key.bitCount + 7) / 8)
      else { return nil }
      return SignatureBlock(algorithm: isSM2 ? 1 : 3, r: r, s: s)
    }
  }

  /// The ASN.1 form of a signature: two numbers, both in the first part, or that form already.
  private static func derSignature(_ block: SignatureBlock, part: Int) -> [UInt8]? {
    if !block.r.isEmpty, !block.s.isEmpty {
      return DER.sequence([DER.integer(block.r), DER.integer(block.s)])
    }
    let whole = block.r + block.s
    if whole.count == 2 * part {
      return DER.sequence([
        DER.integer(Array(whole.prefix(part))), DER.integer(Array(whole.suffix(part))),
      ])
    }
    return DER.values(of: whole)?.count == 2 ? whole : nil
  }

  private enum RSAForm { case pkcs1, pss }

  private static func withContext(
    _ key: AsymmetricKey, identity: [UInt8]?,
    _ body: (OpaquePointer, OpaquePointer) -> [UInt8]?
  ) -> [UInt8]? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    guard let options = EVP_PKEY_CTX_new(key.pointer, nil) else {
      EVP_MD_CTX_free(context)
      return nil
    }
    defer {
      EVP_MD_CTX_free(context)
      EVP_PKEY_CTX_free(options)
      ERR_clear_error()
    }
    if let identity {
      guard EVP_PKEY_CTX_set1_id(options, identity, Int32(clamping: identity.count)) == 1 else {
        return nil
      }
    }
    EVP_MD_CTX_set_pkey_ctx(context, options)
    return body(context, options)
  }

  private static func verify(
    _ bytes: [UInt8], _ signature: [UInt8], _ key: AsymmetricKey, _ digest: OpaquePointer?,
    _ form: RSAForm?, identity: [UInt8]? = nil
  ) -> Bool {
    withContext(key, identity: identity) { context, options in
      guard EVP_DigestVerifyInit(context, nil, digest, nil, key.pointer) == 1 else { return nil }
      if form == .pss {
        guard EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 else { return nil }
      }
      guard EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
      else { return nil }
      return []
    } != nil
  }

  private static func make(
    _ bytes: [UInt8], _ key: AsymmetricKey, _ digest: OpaquePointer?, _ identity: [UInt8]?
  ) -> [UInt8]? {
    withContext(key, identity: identity) { context, _ in
      guard EVP_DigestSignInit(context, nil, digest, nil, key.pointer) == 1 else { return nil }
      var length = 0
      guard EVP_DigestSign(context, nil, &length, bytes, bytes.count) == 1 else { return nil }
      var signature = [UInt8](repeating: 0, count: length)
      guard EVP_DigestSign(context, &signature, &length, bytes, bytes.count) == 1 else {
        return nil
      }
      return Array(signature.prefix(length))
    }
  }

  /// Checks an SM2 signature of the bare SM3 hash.
  private static func verifyBare(
    _ bytes: [UInt8], _ signature: [UInt8], _ key: AsymmetricKey
  ) -> Bool {
    guard let hash = Digest.sm3(bytes), let context = EVP_PKEY_CTX_new(key.pointer, nil) else {
      return false
    }
    defer {
      EVP_PKEY_CTX_free(context)
      ERR_clear_error()
    }
    return EVP_PKEY_verify_init(context) == 1
      && EVP_PKEY_verify(context, signature, signature.count, hash, hash.count) == 1
  }
}

/// Hashes that tests and tools name.
public enum Digest {
  /// The SM3 hash (GB/T 32905) of bytes; nil when libcrypto is built without it.
  public static func sm3(_ bytes: [UInt8]) -> [UInt8]? {
    var hash = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &hash, &length, EVP_sm3(), nil) == 1 else { return nil }
    return Array(hash.prefix(Int(length)))
  }
}
