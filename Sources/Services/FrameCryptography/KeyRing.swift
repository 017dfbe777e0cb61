// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Keys and profile of a peer: decrypts, encrypts, checks and makes signatures.

public import TelemetryCodec

/// The keys and the profile of a peer: decrypts, encrypts, checks and makes signatures.
///
/// Keys never appear in errors, descriptions or logs.
public struct KeyRing: FrameProtection, Equatable, Sendable, CustomStringConvertible {
  /// Keys of AES-128 and SM4, tried in order.
  public var symmetricKeys: [[UInt8]] = []
  /// Private keys, for decryption and signing.
  public var privateKeys: [AsymmetricKey] = []
  /// Public keys, for signatures and encryption.
  public var publicKeys: [AsymmetricKey] = []
  /// Public keys of single vehicles, as activations bind them.
  public private(set) var vehicleKeys: [UniqueIdentifier: AsymmetricKey] = [:]
  /// What the protocol leaves open.
  public var profile = CipherProfile()
  /// The identity in SM2 signatures.
  public var identity = SM2Identity.usual

  /// Creates a ring without keys.
  public init() {}

  /// How many keys there are; never the keys.
  public var description: String {
    "KeyRing(\(symmetricKeys.count) symmetric, \(privateKeys.count) private, "
      + "\(publicKeys.count) public, \(vehicleKeys.count) of vehicles)"
  }

  /// Plain bytes and the way that gave them.
  public struct Opened: Hashable, Sendable {
    /// The plain data unit.
    public let bytes: [UInt8]
    /// The way, such as `aes-128-cbc pkcs7 iv=prefix`.
    public let way: String
  }

  /// Decrypts a frame and says how.
  ///
  /// - Throws: `ProtectionError` of the codec.
  public func open(_ frame: Frame) throws(ProtectionError) -> Opened {
    let ways: Trials
    switch frame.encryption {
    case .aes128: ways = try blockTrials(.aes128, frame)
    case .sm4: ways = try blockTrials(.sm4, frame)
    case .rsa: ways = try rsaTrials(frame)
    case .sm2: ways = try sm2Trials(frame)
    default: throw .unsupported(frame.encryption.rawValue)
    }
    guard let best = ways.best else { throw .cannotOpen(frame.encryption) }
    return best
  }

  /// The plain data unit of an encrypted frame, see ``open(_:)``.
  public func plaintext(of frame: Frame) throws(ProtectionError) -> [UInt8] {
    try open(frame).bytes
  }

  /// The data unit as the profile sends it.
  public func ciphertext(
    of plaintext: [UInt8], for frame: Frame
  ) throws(ProtectionError) -> [UInt8] {
    let sealed: [UInt8]?
    switch frame.encryption {
    case .aes128: sealed = try seal(plaintext, .aes128, frame.encryption)
    case .sm4: sealed = try seal(plaintext, .sm4, frame.encryption)
    case .rsa:
      let key = try encryptionKey(.rsa, frame.encryption)
      sealed = PublicKeyCipher.encryptRSA(plaintext, key, profile.rsaPadding ?? .pkcs1)
    case .sm2:
      let key = try encryptionKey(.sm2, frame.encryption)
      sealed = PublicKeyCipher.encryptSM2(plaintext, key, profile.sm2Form ?? .c1c3c2)
    default: throw .unsupported(frame.encryption.rawValue)
    }
    guard let sealed else { throw .failed(frame.encryption) }
    return sealed
  }

  /// Whether a signature is that of a known key.
  public func verdict(
    on signature: SignatureBlock, over signed: [UInt8], by signer: UniqueIdentifier
  ) -> SignatureVerdict {
    guard let algorithm = Signatures.codes[signature.algorithm] else {
      return .unsupported(signature.algorithm)
    }
    // A key bound to the vehicle excludes every other, also one of another algorithm.
    let bound = vehicleKeys[signer]
    let keys = bound.map { [$0] } ?? (publicKeys + privateKeys)
    let fitting = keys.filter { $0.algorithm == algorithm }
    guard !fitting.isEmpty else { return bound == nil ? .noKey : .wrong }
    let identity = identityBytes(of: signer)
    for key in fitting
    where Signatures.isValid(signature, over: signed, key, identity: identity) {
      return .valid
    }
    return .wrong
  }

  /// Signs the plain bytes of a frame.
  ///
  /// - Parameters:
  ///   - bytes: From the time to the last byte before the signature.
  ///   - signer: Whose signature it is.
  ///   - algorithm: Code of the algorithm: 1 SM2, 2 RSA, 3 ECC; nil for the first private key's.
  /// - Returns: The signature block.
  /// - Throws: `ProtectionError.noSigningKey` of the codec, or `failed`.
  public func signature(
    over bytes: [UInt8], by signer: UniqueIdentifier, algorithm: UInt8? = nil
  ) throws(ProtectionError) -> SignatureBlock {
    let wanted = algorithm.map { Signatures.codes[$0] }
    guard let key = privateKeys.first(where: { wanted == nil || $0.algorithm == wanted }) else {
      throw .noSigningKey
    }
    guard let block = Signatures.sign(bytes, key, identity: identityBytes(of: signer)) else {
      throw .failed(.none)
    }
    return block
  }

  /// Judges an activation by the public key that it carries.
  ///
  /// - Parameters:
  ///   - activation: The request.
  ///   - signed: The bytes before its signature.
  /// - Returns: The verdict; `noKey` when its key cannot be read.
  public func verdict(
    on activation: Activation, over signed: [UInt8]
  ) -> SignatureVerdict {
    guard let algorithm = Signatures.codes[activation.signature.algorithm] else {
      return .unsupported(activation.signature.algorithm)
    }
    guard let key = try? KeyReader.publicKey(activation.publicKey) else { return .noKey }
    guard key.algorithm == algorithm else { return .wrong }
    return Signatures.isValid(
      activation.signature, over: signed, key, identity: identityBytes(of: activation.vehicle))
      ? .valid : .wrong
  }

  /// Binds the key of an activation to its vehicle: only that key counts for it from now on.
  ///
  /// Call it only for an activation that the platform has accepted.
  ///
  /// - Throws: ``KeyError``.
  public mutating func bind(_ activation: Activation) throws(KeyError) {
    vehicleKeys[activation.vehicle] = try KeyReader.publicKey(activation.publicKey)
  }

  private func identityBytes(of signer: UniqueIdentifier) -> [UInt8]? {
    switch identity {
    case .bytes(let bytes): bytes
    case .vehicle: signer.bytes
    case .none: nil
    }
  }

  private func encryptionKey(
    _ algorithm: AsymmetricKey.Algorithm, _ encryption: Encryption
  ) throws(ProtectionError) -> AsymmetricKey {
    guard let key = (publicKeys + privateKeys).first(where: { $0.algorithm == algorithm }) else {
      throw .noKey(encryption)
    }
    return key
  }

  private func seal(
    _ plaintext: [UInt8], _ algorithm: BlockCipher.Algorithm, _ encryption: Encryption
  ) throws(ProtectionError) -> [UInt8]? {
    guard let key = symmetricKeys.first else { throw .noKey(encryption) }
    let cipher = BlockCipher(algorithm: algorithm, mode: profile.mode ?? .cbc, key: key)
    guard cipher.isAvailable else { throw .unsupported(encryption.rawValue) }
    guard
      let text = cipher.isBlockwise
        ? BlockPadding.add(profile.padding ?? .pkcs7, plaintext) : plaintext
    else { return nil }
    let length = cipher.vectorLength
    switch profile.initialVector ?? .prefix {
    case .prefix:
      var random = SystemRandomNumberGenerator()
      let vector = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      return cipher.encrypt(text, vector: vector).map { vector + $0 }
    case .key: return cipher.encrypt(text, vector: Array(key.prefix(length)))
    case .zero: return cipher.encrypt(text, vector: Array(repeating: 0, count: length))
    case .bytes(let bytes): return cipher.encrypt(text, vector: Array(bytes.prefix(length)))
    }
  }
}
