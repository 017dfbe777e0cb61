// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the codec asks of cryptography; the implementation is somewhere else.

/// Why a data unit cannot be decrypted, encrypted or signed.
public enum ProtectionError: Error, Hashable, Sendable {
  /// There is no key for this encryption.
  case noKey(Encryption)
  /// There is no private key to sign with.
  case noSigningKey
  /// The encryption or algorithm is not implemented.
  case unsupported(UInt8)
  /// The bytes do not decrypt to a data unit: wrong key, wrong profile, or damaged.
  case cannotOpen(Encryption)
  /// The key cannot carry the bytes or the operation failed.
  case failed(Encryption)

  /// Stable machine name for logs and counters.
  public var code: String {
    switch self {
    case .noKey: "no_key"
    case .noSigningKey: "no_signing_key"
    case .unsupported: "unsupported"
    case .cannotOpen: "cannot_decrypt"
    case .failed: "cryptography_failed"
    }
  }
}

/// What is known about the signature of a frame.
public enum SignatureVerdict: Hashable, Sendable {
  /// The frame carries no signature, or an empty one.
  case unsigned
  /// The signature matches.
  case valid
  /// The signature does not match: answer with ``Acknowledgement/signatureFailure``.
  case wrong
  /// There is no key to check it with.
  case noKey
  /// The algorithm is not implemented.
  case unsupported(UInt8)
}

/// Encryption and signatures of frames: the codec takes an implementation as a generic parameter,
/// so that it needs no cryptographic library itself.
///
/// Mode, padding and initial vector are not fixed by the protocol; an implementation carries them
/// as part of its profile of the peer.
public protocol FrameProtection {
  /// The plain data unit of an encrypted frame.
  ///
  /// - Throws: ``ProtectionError``.
  func plaintext(of frame: Frame) throws(ProtectionError) -> [UInt8]

  /// The data unit as it is sent.
  ///
  /// - Parameters:
  ///   - plaintext: The plain data unit.
  ///   - frame: Header of the frame that carries it; its encryption decides.
  /// - Returns: The ciphertext.
  /// - Throws: ``ProtectionError``.
  func ciphertext(of plaintext: [UInt8], for frame: Frame) throws(ProtectionError) -> [UInt8]

  /// Whether a signature is the signer's.
  ///
  /// - Parameters:
  ///   - signature: The signature as sent.
  ///   - signed: The bytes that it covers.
  ///   - signer: Whose signature it should be.
  /// - Returns: The verdict.
  func verdict(
    on signature: SignatureBlock, over signed: [UInt8], by signer: UniqueIdentifier
  ) -> SignatureVerdict
}

/// No keys at all: every encrypted frame is refused, no signature is checked.
public struct NoProtection: FrameProtection {
  /// Creates it.
  public init() {}

  /// Always ``ProtectionError/noKey(_:)``.
  public func plaintext(of frame: Frame) throws(ProtectionError) -> [UInt8] {
    throw .noKey(frame.encryption)
  }

  /// Always ``ProtectionError/noKey(_:)``.
  public func ciphertext(
    of plaintext: [UInt8], for frame: Frame
  ) throws(ProtectionError) -> [UInt8] { throw .noKey(frame.encryption) }

  /// Always ``SignatureVerdict/noKey``.
  public func verdict(
    on signature: SignatureBlock, over signed: [UInt8], by signer: UniqueIdentifier
  ) -> SignatureVerdict { .noKey }
}
