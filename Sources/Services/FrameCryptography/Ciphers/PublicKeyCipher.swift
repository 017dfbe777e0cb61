// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// RSA and SM2 encryption of data units.

import CCrypto

/// RSA and SM2 encryption.
enum PublicKeyCipher {
  /// Decrypts an RSA text of one or more blocks as long as the modulus.
  ///
  /// With a public key the blocks are recovered as signed ones: some senders encrypt with their
  /// private key.
  static func decryptRSA(
    _ text: [UInt8], _ key: AsymmetricKey, _ padding: CipherProfile.RSAPadding
  ) -> [UInt8]? {
    let block = key.byteCount
    guard block > 0, !text.isEmpty, text.count.isMultiple(of: block) else { return nil }
    var plain: [UInt8] = []
    for start in stride(from: 0, to: text.count, by: block) {
      let part = Array(text[start..<start + block])
      let opened =
        key.isPrivate
        ? operate(key, part, padding, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
        : padding == .pkcs1
          ? operate(key, part, .pkcs1, EVP_PKEY_verify_recover_init, EVP_PKEY_verify_recover)
          : nil
      guard let opened else { return nil }
      plain += opened
    }
    return plain
  }

  /// Encrypts with RSA, in as many blocks as it takes.
  static func encryptRSA(
    _ text: [UInt8], _ key: AsymmetricKey, _ padding: CipherProfile.RSAPadding
  ) -> [UInt8]? {
    let overhead =
      switch padding {
      case .pkcs1: 11
      case .oaep: 42
      case .oaepSHA256: 66
      }
    let room = key.byteCount - overhead
    guard room > 0 else { return nil }
    var sealed: [UInt8] = []
    for start in stride(from: 0, to: max(text.count, 1), by: room) {
      let part = Array(text[start..<min(start + room, text.count)])
      guard let block = operate(key, part, padding, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt)
      else { return nil }
      sealed += block
    }
    return sealed
  }

  /// Decrypts an SM2 text in one form; its hash tells a wrong key or form.
  static func decryptSM2(
    _ text: [UInt8], _ key: AsymmetricKey, _ form: CipherProfile.SM2Form
  ) -> [UInt8]? {
    guard let der = derForm(text, form) else { return nil }
    return operate(key, der, nil, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
  }

  /// Encrypts with SM2.
  static func encryptSM2(
    _ text: [UInt8], _ key: AsymmetricKey, _ form: CipherProfile.SM2Form
  ) -> [UInt8]? {
    guard let der = operate(key, text, nil, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt) else {
      return nil
    }
    if form == .der { return der }
    guard let parts = DER.values(of: der), parts.count == 4,
      let x = DER.fixed(parts[0].content, count: 32), let y = DER.fixed(parts[1].content, count: 32)
    else { return nil }
    let (hash, body) = (parts[2].content, parts[3].content)
    return [4] + x + y + (form == .c1c3c2 ? hash + body : body + hash)
  }

  /// The ASN.1 form that libcrypto reads, out of the concatenated ones with or without the byte
  /// 04 in front.
  private static func derForm(_ text: [UInt8], _ form: CipherProfile.SM2Form) -> [UInt8]? {
    if form == .der { return DER.values(of: text)?.count == 4 ? text : nil }
    // 64 bytes of point, 32 of hash, at least one of text; the mark 04 is not always sent.
    let start = text.first == 4 ? 1 : 0
    guard text.count - start > 96 else { return nil }
    let x = Array(text[start..<start + 32])
    let y = Array(text[start + 32..<start + 64])
    let rest = Array(text[(start + 64)...])
    let hash = form == .c1c3c2 ? Array(rest.prefix(32)) : Array(rest.suffix(32))
    let body = form == .c1c3c2 ? Array(rest.dropFirst(32)) : Array(rest.dropLast(32))
    return DER.sequence([
      DER.integer(x), DER.integer(y), DER.value(0x04, hash), DER.value(0x04, body),
    ])
  }

  /// Runs one public-key operation of libcrypto.
  private static func operate(
    _ key: AsymmetricKey, _ input: [UInt8], _ padding: CipherProfile.RSAPadding?,
    _ start: (OpaquePointer?) -> Int32,
    _ run: (
      OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?,
      UnsafePointer<UInt8>?, Int
    ) -> Int32
  ) -> [UInt8]? {
    guard let context = EVP_PKEY_CTX_new(key.pointer, nil) else { return nil }
    defer {
      EVP_PKEY_CTX_free(context)
      ERR_clear_error()
    }
    guard start(context) == 1, set(padding, on: context) else { return nil }
    var length = 0
    guard run(context, nil, &length, input, input.count) == 1 else { return nil }
    var output = [UInt8](repeating: 0, count: length)
    guard run(context, &output, &length, input, input.count) == 1 else { return nil }
    return Array(output.prefix(length))
  }

  private static func set(
    _ padding: CipherProfile.RSAPadding?, on context: OpaquePointer
  ) -> Bool {
    switch padding {
    case nil: true
    case .pkcs1: EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
    case .oaep: EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
    case .oaepSHA256:
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
    }
  }
}
