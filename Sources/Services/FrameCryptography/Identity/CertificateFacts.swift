// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a peer's certificate says about who it is.

import CCrypto

/// What a certificate says about its holder; the chain was checked by the TLS library before.
public struct CertificateFacts: Hashable, Sendable {
  /// SHA-256 of the certificate in DER, in lower-case hexadecimal.
  public let fingerprint: String
  /// The common name of the subject and the DNS names and URIs of the alternative names; of a
  /// URI such as `urn:vin:LTEST000000000001` also what follows its last colon.
  public let names: Set<String>

  /// States facts, for tests and other sources of certificates.
  public init(fingerprint: String, names: Set<String>) {
    self.fingerprint = fingerprint.lowercased()
    self.names = names
  }

  /// Reads a certificate in DER; nil when the bytes are none.
  public init?(der: [UInt8]) {
    defer { ERR_clear_error() }
    let certificate: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
      var place = buffer.baseAddress
      return d2i_X509(nil, &place, buffer.count)
    }
    guard let certificate else { return nil }
    defer { X509_free(certificate) }
    var names: Set<String> = []
    if let common = Self.commonName(certificate) { names.insert(common) }
    for name in Self.alternativeNames(certificate) {
      names.insert(name)
      if let last = name.split(separator: ":").last, name.contains(":") {
        names.insert(String(last))
      }
    }
    fingerprint = Digest.hexadecimal(Digest.sha256(der))
    self.names = names
  }

  /// Facts of a certificate that was shown, whatever it is.
  ///
  /// - Parameter der: Its bytes; nil where they could not be had.
  /// - Returns: What it says. One that cannot be read has no name, so it proves nobody: only its
  ///   registered fingerprint could.
  public static func shown(der: [UInt8]?) -> CertificateFacts {
    guard let der else { return CertificateFacts(fingerprint: "", names: []) }
    return CertificateFacts(der: der)
      ?? CertificateFacts(fingerprint: Digest.hexadecimal(Digest.sha256(der)), names: [])
  }

  private static func commonName(_ certificate: OpaquePointer) -> String? {
    guard let subject = X509_get_subject_name(certificate) else { return nil }
    var buffer = [CChar](repeating: 0, count: 256)
    let length = X509_NAME_get_text_by_NID(
      subject, NID_commonName, &buffer, Int32(clamping: buffer.count))
    guard length > 0 else { return nil }
    let bytes = buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }
    // A zero byte inside a name has fooled readers of certificates before.
    return bytes.contains(0) ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func alternativeNames(_ certificate: OpaquePointer) -> [String] {
    guard let raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
    let stack = OpaquePointer(raw)
    defer { GENERAL_NAMES_free(stack) }
    var names: [String] = []
    for place in 0..<OPENSSL_sk_num(stack) {
      guard let entry = OPENSSL_sk_value(stack, place) else { continue }
      let name = entry.assumingMemoryBound(to: GENERAL_NAME.self).pointee
      guard name.type == GEN_DNS || name.type == GEN_URI, let text = name.d.ia5 else { continue }
      guard let data = ASN1_STRING_get0_data(text) else { continue }
      let bytes = Array(
        UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(text))))
      if !bytes.isEmpty, !bytes.contains(0) { names.append(String(decoding: bytes, as: UTF8.self)) }
    }
    return names
  }
}
