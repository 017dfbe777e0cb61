// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// AES-128 and SM4 in the modes that peers use.

import CCrypto

/// AES-128 or SM4 in one mode.
struct BlockCipher {
  enum Algorithm: String {
    case aes128 = "aes-128"
    case sm4
  }

  static let blockLength = 16
  static let nonceLength = 12
  static let tagLength = 16

  let algorithm: Algorithm
  let mode: CipherProfile.Mode
  let key: [UInt8]

  /// Whether libcrypto has the combination.
  var isAvailable: Bool { cipher != nil }

  private var cipher: OpaquePointer? {
    switch (algorithm, mode) {
    case (.aes128, .cbc): EVP_aes_128_cbc()
    case (.aes128, .ecb): EVP_aes_128_ecb()
    case (.aes128, .ctr): EVP_aes_128_ctr()
    case (.aes128, .cfb): EVP_aes_128_cfb128()
    case (.aes128, .ofb): EVP_aes_128_ofb()
    case (.aes128, .gcm): EVP_aes_128_gcm()
    case (.sm4, .cbc): EVP_sm4_cbc()
    case (.sm4, .ecb): EVP_sm4_ecb()
    case (.sm4, .ctr): EVP_sm4_ctr()
    case (.sm4, .cfb): EVP_sm4_cfb128()
    case (.sm4, .ofb): EVP_sm4_ofb()
    // OpenSSL has it from 3.1 on only.
    case (.sm4, .gcm): nil
    }
  }

  /// Length of the initial vector or nonce.
  var vectorLength: Int {
    switch mode {
    case .ecb: 0
    case .gcm: Self.nonceLength
    default: Self.blockLength
    }
  }

  /// Whether the mode works on whole blocks.
  var isBlockwise: Bool { mode == .cbc || mode == .ecb }

  /// Decrypts without touching the padding.
  ///
  /// - Returns: The plain bytes; nil when lengths do not fit or the tag of GCM is wrong.
  func decrypt(_ text: [UInt8], vector: [UInt8]) -> [UInt8]? {
    if mode == .gcm {
      guard text.count >= Self.tagLength else { return nil }
      let body = Array(text.dropLast(Self.tagLength))
      return run(body, vector: vector, tag: Array(text.suffix(Self.tagLength)), encrypt: false)
    }
    if isBlockwise, !text.count.isMultiple(of: Self.blockLength) { return nil }
    return run(text, vector: vector, tag: nil, encrypt: false)
  }

  /// Encrypts whole blocks, or any length in the stream modes; GCM appends its tag.
  func encrypt(_ text: [UInt8], vector: [UInt8]) -> [UInt8]? {
    if isBlockwise, !text.count.isMultiple(of: Self.blockLength) { return nil }
    return run(text, vector: vector, tag: nil, encrypt: true)
  }

  private func run(
    _ text: [UInt8], vector: [UInt8], tag: [UInt8]?, encrypt: Bool
  ) -> [UInt8]? {
    guard let cipher, key.count == 16, vector.count == vectorLength,
      let context = EVP_CIPHER_CTX_new()
    else { return nil }
    defer {
      EVP_CIPHER_CTX_free(context)
      ERR_clear_error()
    }
    let direction: Int32 = encrypt ? 1 : 0
    guard
      EVP_CipherInit_ex(context, cipher, nil, key, vector.isEmpty ? nil : vector, direction) == 1
    else { return nil }
    EVP_CIPHER_CTX_set_padding(context, 0)
    if var tag {
      guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else {
        return nil
      }
    }
    var output = [UInt8](repeating: 0, count: text.count + 2 * Self.blockLength)
    var length: Int32 = 0
    var total = 0
    if !text.isEmpty {
      guard
        EVP_CipherUpdate(context, &output, &length, text, Int32(clamping: text.count)) == 1
      else { return nil }
      total = Int(length)
    }
    let finished = output.withUnsafeMutableBufferPointer { buffer -> Bool in
      guard let base = buffer.baseAddress else { return false }
      return EVP_CipherFinal_ex(context, base + total, &length) == 1
    }
    guard finished else { return nil }
    total += Int(length)
    output.removeSubrange(total...)
    if mode == .gcm, encrypt {
      var made = [UInt8](repeating: 0, count: Self.tagLength)
      guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(made.count), &made) == 1
      else { return nil }
      output += made
    }
    return output
  }
}

/// Paddings of whole blocks.
enum BlockPadding {
  /// The unit without PKCS#7 padding; nil when the padding is wrong.
  static func removePKCS7(_ bytes: [UInt8]) -> [UInt8]? {
    guard let last = bytes.last, last >= 1, last <= 16, bytes.count >= Int(last),
      bytes.suffix(Int(last)).allSatisfy({ $0 == last })
    else { return nil }
    return Array(bytes.dropLast(Int(last)))
  }

  /// The unit with padding up to whole blocks; nil when it must fill them and does not.
  static func add(_ padding: CipherProfile.Padding, _ bytes: [UInt8]) -> [UInt8]? {
    let missing = BlockCipher.blockLength - bytes.count % BlockCipher.blockLength
    switch padding {
    case .pkcs7: return bytes + Array(repeating: UInt8(missing), count: missing)
    case .zero:
      return missing == BlockCipher.blockLength
        ? bytes : bytes + Array(repeating: 0, count: missing)
    case .none: return missing == BlockCipher.blockLength ? bytes : nil
    }
  }
}
