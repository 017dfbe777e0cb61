// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Personal data at rest: a keyed pseudonym for the VIN, authenticated encryption for the unit.

import CCrypto
public import TelemetryCodec

/// Hides personal data at rest under one key: the VIN behind a pseudonym, VIN and data unit (with
/// the position) behind AES-256-GCM.
///
/// Equal units of a vehicle seal to equal bytes, so that a store still recognises duplicates: the
/// nonce is derived from the content by HMAC (as in SIV; Rogaway and Shrimpton, 2006). What leaks
/// is only that two units are the same. The key never appears in a description or an error.
public struct FrameSeal: Sendable, CustomStringConvertible {
  /// The encryption byte of a sealed frame; the protocol never sends it.
  public static let mark: UInt8 = 0xA5
  /// Bytes of a master key, at least.
  public static let shortestKey = 32

  private static let nonceLength = 12
  private static let tagLength = 16
  private let nameKey: [UInt8]
  private let nonceKey: [UInt8]
  private let sealKey: [UInt8]

  /// Derives the working keys.
  ///
  /// - Parameter masterKey: At least 32 random bytes.
  /// - Throws: ``KeyError/wrongLength(found:expected:)`` for a shorter one.
  public init(masterKey: [UInt8]) throws(KeyError) {
    guard masterKey.count >= Self.shortestKey else {
      throw .wrongLength(found: masterKey.count, expected: Self.shortestKey)
    }
    func derived(_ label: String) -> [UInt8] {
      Digest.hmacSHA256(key: masterKey, Array("anodyne seal 1 \(label)".utf8))
    }
    nameKey = derived("pseudonym")
    nonceKey = derived("nonce")
    sealKey = derived("content")
  }

  /// Says that there is a seal; not its key.
  public var description: String { "FrameSeal" }

  /// The pseudonym of a VIN: `P` and 16 characters, 80 bits of HMAC-SHA-256.
  public func pseudonym(of identity: String) -> String {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    let hash = Digest.hmacSHA256(key: nameKey, Array(identity.utf8))
    var text: [UInt8] = [UInt8(ascii: "P")]
    var bits = 0
    var held = 0
    for byte in hash.prefix(10) {
      held = held << 8 | Int(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        text.append(alphabet[(held >> bits) & 31])
      }
      held &= (1 << bits) - 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Seals a plain frame.
  ///
  /// - Parameter frame: A frame whose data unit is not encrypted.
  /// - Returns: Bytes in the form of a frame: the pseudonym in place of the VIN, ``mark`` in place
  ///   of the encryption, nonce, ciphertext and tag in place of the unit; and where the unit lies.
  ///   Nil if libcrypto fails or the unit is too long to grow by 45 bytes.
  /// - Complexity: O(n) in the length of the unit.
  public func seal(_ frame: Frame) -> (bytes: [UInt8], unit: Range<Int>)? {
    guard let name = UniqueIdentifier(pseudonym(of: frame.identifier.text)) else { return nil }
    let plain = frame.identifier.bytes + frame.unit
    let nonce = Array(
      Digest.hmacSHA256(key: nonceKey, [frame.edition.rawValue] + plain).prefix(Self.nonceLength))
    guard let (text, tag) = encrypt(plain, nonce, [frame.edition.rawValue] + name.bytes) else {
      return nil
    }
    let unit = nonce + text + tag
    var sealed = frame
    sealed.identifier = name
    sealed.encryption = Encryption(rawValue: Self.mark)
    sealed.unit = unit
    guard let bytes = try? sealed.encoded() else { return nil }
    return (bytes, Frame.headerByteCount..<Frame.headerByteCount + unit.count)
  }

  /// Whether stored bytes are a sealed frame.
  public static func isSealed(_ bytes: [UInt8]) -> Bool {
    bytes.count > Frame.overheadByteCount && bytes[21] == mark
  }

  /// Opens stored bytes.
  ///
  /// - Parameter bytes: What ``seal(_:)`` gave.
  /// - Returns: The frame with its VIN and unit; nil if the key is another or a bit was changed.
  public func open(_ bytes: [UInt8]) -> Frame? {
    guard Self.isSealed(bytes), let edition = Edition(rawValue: bytes[0]) else { return nil }
    let unit = bytes[Frame.headerByteCount..<bytes.count - 1]
    guard unit.count >= Self.nonceLength + Self.tagLength + UniqueIdentifier.byteCount else {
      return nil
    }
    let text = unit.dropFirst(Self.nonceLength).dropLast(Self.tagLength)
    guard
      let plain = decrypt(
        Array(text), Array(unit.prefix(Self.nonceLength)), Array(unit.suffix(Self.tagLength)),
        [edition.rawValue] + bytes[4..<21]),
      let identifier = UniqueIdentifier(bytes: Array(plain.prefix(UniqueIdentifier.byteCount)))
    else { return nil }
    return Frame(
      edition: edition, command: Command(rawValue: bytes[2]),
      acknowledgement: Acknowledgement(rawValue: bytes[3]), identifier: identifier,
      unit: Array(plain.dropFirst(UniqueIdentifier.byteCount)))
  }

  private func encrypt(
    _ plain: [UInt8], _ nonce: [UInt8], _ bound: [UInt8]
  ) -> (text: [UInt8], tag: [UInt8])? {
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    defer {
      EVP_CIPHER_CTX_free(context)
      ERR_clear_error()
    }
    var length: Int32 = 0
    var text = [UInt8](repeating: 0, count: plain.count)
    var tag = [UInt8](repeating: 0, count: Self.tagLength)
    guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, sealKey, nonce) == 1,
      EVP_EncryptUpdate(context, nil, &length, bound, Int32(clamping: bound.count)) == 1,
      EVP_EncryptUpdate(context, &text, &length, plain, Int32(clamping: plain.count)) == 1,
      EVP_EncryptFinal_ex(context, nil, &length) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), &tag) == 1
    else { return nil }
    return (text, tag)
  }

  private func decrypt(
    _ text: [UInt8], _ nonce: [UInt8], _ tag: [UInt8], _ bound: [UInt8]
  ) -> [UInt8]? {
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    defer {
      EVP_CIPHER_CTX_free(context)
      ERR_clear_error()
    }
    var length: Int32 = 0
    var plain = [UInt8](repeating: 0, count: text.count)
    var tag = tag
    guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, sealKey, nonce) == 1,
      EVP_DecryptUpdate(context, nil, &length, bound, Int32(clamping: bound.count)) == 1,
      EVP_DecryptUpdate(context, &plain, &length, text, Int32(clamping: text.count)) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagLength), &tag) == 1,
      EVP_DecryptFinal_ex(context, nil, &length) == 1
    else { return nil }
    return plain
  }
}
