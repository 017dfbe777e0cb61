// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Why a key cannot be read; never the key itself.

/// Why a key cannot be read. No case carries bytes of the key.
public enum KeyError: Error, Hashable, Sendable {
  /// The text is empty.
  case empty
  /// The bytes are no key in a known format; the number of bytes is told.
  case unknownFormat(byteCount: Int)
  /// A symmetric key must have 16 bytes.
  case wrongLength(found: Int, expected: Int)
  /// A public key was given where a private one is needed.
  case notPrivate
  /// The private key is encrypted with a pass phrase.
  case passPhrase

  /// What is wrong and what to do, in one sentence.
  public var message: String {
    switch self {
    case .empty: "the key is empty"
    case .unknownFormat(let count):
      "\(count) bytes are no key in a known format; PEM, DER, a certificate, raw SM2 or P-256 "
        + "keys and RSA moduli are understood"
    case .wrongLength(let found, let expected):
      "the key has \(found) bytes; AES-128 and SM4 keys have \(expected)"
    case .notPrivate: "this is a public key; a private one is needed here"
    case .passPhrase:
      "the private key is locked with a pass phrase; unlock it first with openssl pkey"
    }
  }
}
