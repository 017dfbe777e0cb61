// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads keys: PEM, DER, certificates, raw curve points and numbers, RSA moduli.

import CCrypto

/// Reads keys in the formats that terminals, platforms and tools use.
public enum KeyReader {
  /// Reads the symmetric key of AES-128 or SM4.
  ///
  /// - Throws: ``KeyError/wrongLength(found:expected:)``.
  public static func symmetric(_ bytes: [UInt8]) throws(KeyError) -> [UInt8] {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count == 16 else { throw .wrongLength(found: bytes.count, expected: 16) }
    return bytes
  }

  /// Reads a public key, or the public part of a private one.
  ///
  /// Understood are PEM (public key, RSA public key, certificate, private key), the same as DER,
  /// raw points of SM2 and P-256 (`x‖y`, `04‖x‖y` or compressed; the curve that the point lies
  /// on decides), and RSA moduli alone or with their exponent behind, as an activation sends it.
  ///
  /// - Throws: ``KeyError``.
  public static func publicKey(_ bytes: [UInt8]) throws(KeyError) -> AsymmetricKey {
    guard !bytes.isEmpty else { throw .empty }
    defer { ERR_clear_error() }
    if isPEM(bytes) {
      if let key = pemPublic(bytes) { return key }
      if let key = try privateFromPEM(bytes) { return key }
      throw .unknownFormat(byteCount: bytes.count)
    }
    if let key = derPublic(bytes) ?? rawPoint(bytes) ?? modulus(bytes) { return key }
    throw .unknownFormat(byteCount: bytes.count)
  }

  /// Reads a private key: PEM or DER in PKCS#8, PKCS#1 or SEC 1 form, or the raw 32-byte number.
  ///
  /// - Returns: One key, or two for a raw number: it can be an SM2 or a P-256 key.
  /// - Throws: ``KeyError``.
  public static func privateKeys(_ bytes: [UInt8]) throws(KeyError) -> [AsymmetricKey] {
    guard !bytes.isEmpty else { throw .empty }
    defer { ERR_clear_error() }
    if isPEM(bytes) {
      if let key = try privateFromPEM(bytes) { return [key] }
      if pemPublic(bytes) != nil { throw .notPrivate }
      throw .unknownFormat(byteCount: bytes.count)
    }
    if bytes.count == 32 {
      let keys = [Curve.sm2, .p256].compactMap { derPrivate($0.privateDER(bytes)) }
      if !keys.isEmpty { return keys }
    }
    if let key = derPrivate(bytes) { return [key] }
    if derPublic(bytes) != nil || rawPoint(bytes) != nil { throw .notPrivate }
    throw .unknownFormat(byteCount: bytes.count)
  }

  static func isPEM(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes.prefix(4_096), as: UTF8.self).contains("-----BEGIN ")
  }

  private static func withBuffer<Result>(
    _ bytes: [UInt8], _ body: (OpaquePointer) -> Result?
  ) -> Result? {
    bytes.withUnsafeBytes { raw in
      guard let buffer = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else {
        return nil
      }
      defer { BIO_free(buffer) }
      return body(buffer)
    }
  }

  /// The bytes in the first block of a PEM text.
  private static func pemContent(_ bytes: [UInt8]) -> [UInt8]? {
    withBuffer(bytes) { buffer in
      var name: UnsafeMutablePointer<CChar>?
      var header: UnsafeMutablePointer<CChar>?
      var data: UnsafeMutablePointer<UInt8>?
      var length = 0
      guard PEM_read_bio(buffer, &name, &header, &data, &length) == 1 else { return nil }
      defer {
        CRYPTO_free(name, #file, #line)
        CRYPTO_free(header, #file, #line)
        CRYPTO_free(data, #file, #line)
      }
      return Array(UnsafeBufferPointer(start: data, count: length))
    }
  }

  private static func pemPublic(_ bytes: [UInt8]) -> AsymmetricKey? {
    pemContent(bytes).flatMap(derPublic)
  }

  private static func privateFromPEM(_ bytes: [UInt8]) throws(KeyError) -> AsymmetricKey? {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("ENCRYPTED") { throw .passPhrase }
    return withBuffer(bytes) { buffer in
      PEM_read_bio_PrivateKey(buffer, nil, nil, nil)
        .flatMap { AsymmetricKey(owning: $0, isPrivate: true) }
    }
  }

  private static func derPublic(_ bytes: [UInt8]) -> AsymmetricKey? {
    guard bytes.first == 0x30 else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      var place = buffer.baseAddress
      if let key = d2i_PUBKEY(nil, &place, buffer.count) {
        return AsymmetricKey(owning: key, isPrivate: false)
      }
      place = buffer.baseAddress
      if let certificate = d2i_X509(nil, &place, buffer.count) {
        defer { X509_free(certificate) }
        return X509_get_pubkey(certificate)
          .flatMap { AsymmetricKey(owning: $0, isPrivate: false) }
      }
      return nil
    } ?? rsaPublic(bytes)
  }

  /// An RSA public key without its frame (PKCS#1), framed as libcrypto wants it.
  private static func rsaPublic(_ bytes: [UInt8]) -> AsymmetricKey? {
    guard let parts = DER.values(of: bytes), parts.count == 2, parts.allSatisfy({ $0.tag == 2 })
    else { return nil }
    let rsaEncryption: [UInt8] = [
      0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    let framed = DER.sequence([
      DER.sequence([rsaEncryption]), DER.value(0x03, [0] + bytes),
    ])
    return framed.withUnsafeBufferPointer { buffer in
      var place = buffer.baseAddress
      return d2i_PUBKEY(nil, &place, buffer.count)
        .flatMap { AsymmetricKey(owning: $0, isPrivate: false) }
    }
  }

  private static func derPrivate(_ bytes: [UInt8]) -> AsymmetricKey? {
    guard bytes.first == 0x30 else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      var place = buffer.baseAddress
      return d2i_AutoPrivateKey(nil, &place, buffer.count)
        .flatMap { AsymmetricKey(owning: $0, isPrivate: true) }
    }
  }

  /// A point of SM2 or P-256; libcrypto refuses a point that is not on the curve.
  private static func rawPoint(_ bytes: [UInt8]) -> AsymmetricKey? {
    let point: [UInt8]
    switch (bytes.count, bytes[0]) {
    case (64, _): point = [4] + bytes
    case (65, 4), (33, 2), (33, 3): point = bytes
    default: return nil
    }
    for curve in [Curve.sm2, .p256] {
      if let key = derPublic(curve.publicDER(point)) { return key }
    }
    return nil
  }

  /// An RSA modulus of 1,024 to 8,192 bits, with or without its exponent behind.
  private static func modulus(_ bytes: [UInt8]) -> AsymmetricKey? {
    for length in [128, 256, 384, 512, 1_024] {
      let exponent = bytes.count - length
      guard exponent == 0 || (1...4).contains(exponent), bytes[0] >= 0x80 else { continue }
      let number = exponent == 0 ? [1, 0, 1] : Array(bytes[length...])
      let der = DER.sequence([DER.integer(Array(bytes[..<length])), DER.integer(number)])
      return derPublic(der)
    }
    return nil
  }
}

/// The two curves whose raw keys are understood, as object identifiers.
enum Curve {
  case sm2
  case p256

  private var identifier: [UInt8] {
    switch self {
    case .sm2: [0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D]
    case .p256: [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    }
  }

  /// A subject public key info (RFC 5480).
  func publicDER(_ point: [UInt8]) -> [UInt8] {
    let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    return DER.sequence([
      DER.sequence([ecPublicKey, identifier]), DER.value(0x03, [0] + point),
    ])
  }

  /// An elliptic curve private key (RFC 5915) without its public part.
  func privateDER(_ number: [UInt8]) -> [UInt8] {
    DER.sequence([
      DER.integer([1]), DER.value(0x04, number), DER.value(0xA0, identifier),
    ])
  }
}
