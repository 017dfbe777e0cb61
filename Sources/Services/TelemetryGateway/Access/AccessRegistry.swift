// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Who may log in, how they prove it, and with which keys they speak.

public import FrameCryptography
public import TelemetryCodec

/// Who may log in, how they prove it, and with which keys they speak.
public struct AccessRegistry: Sendable {
  /// What a vehicle must fulfil.
  public struct Vehicle: Equatable, Sendable {
    /// The SIM card's number (ICCID) that its login must state; nil where any will do.
    public var simCard: String?
    /// SHA-256 of its client certificate in lower-case hexadecimal; nil where the name in the
    /// certificate decides.
    public var certificate: String?
    /// Its keys and cipher profile.
    public var keys: KeyRing
    /// Whether reports in plain text are refused.
    public var requiresEncryption: Bool
    /// Whether reports without a signature that was checked are refused.
    public var requiresSignature: Bool
    /// The editions it may speak.
    public var editions: Set<Edition>

    /// Creates the demands on a vehicle.
    public init(
      simCard: String? = nil, certificate: String? = nil, keys: KeyRing = KeyRing(),
      requiresEncryption: Bool = false, requiresSignature: Bool = false,
      editions: Set<Edition> = [.edition2016, .edition2025]
    ) {
      self.simCard = simCard
      self.certificate = certificate?.lowercased()
      self.keys = keys
      self.requiresEncryption = requiresEncryption
      self.requiresSignature = requiresSignature
      self.editions = editions
    }
  }

  /// What a sending platform must fulfil and for which vehicles it may speak.
  public struct Platform: Equatable, Sendable {
    /// Its password.
    public var password: PasswordHash
    /// SHA-256 of its client certificate in lower-case hexadecimal.
    public var certificate: String?
    /// The vehicles it may speak for.
    public var vehicles: [VehiclePattern]
    /// The keys of its link.
    public var keys: KeyRing
    /// Whether reports in plain text are refused.
    public var requiresEncryption: Bool

    /// Creates the demands on a platform.
    public init(
      password: PasswordHash, certificate: String? = nil, vehicles: [VehiclePattern],
      keys: KeyRing = KeyRing(), requiresEncryption: Bool = false
    ) {
      self.password = password
      self.certificate = certificate?.lowercased()
      self.vehicles = vehicles
      self.keys = keys
      self.requiresEncryption = requiresEncryption
    }
  }

  /// The demands on vehicles that are not listed; nil refuses them.
  public var unlisted: Vehicle?
  /// Vehicles by VIN.
  public var vehicles: [String: Vehicle]
  /// Platforms by user name.
  public var platforms: [String: Platform]

  /// Creates a registry.
  public init(
    unlisted: Vehicle? = nil, vehicles: [String: Vehicle] = [:],
    platforms: [String: Platform] = [:]
  ) {
    self.unlisted = unlisted
    self.vehicles = vehicles
    self.platforms = platforms
  }

  /// Every vehicle may log in, in plain text; no platform.
  public static let open = AccessRegistry(unlisted: Vehicle())

  /// The demands on a vehicle; nil when it may not log in.
  public func vehicle(_ identity: String) -> Vehicle? { vehicles[identity] ?? unlisted }
}

/// A VIN, or the beginning of VINs followed by `*`.
public struct VehiclePattern: Hashable, Sendable, CustomStringConvertible {
  private let prefix: String
  private let isWhole: Bool

  /// Reads a pattern; nil if a star stands elsewhere than at the end, or the text cannot be the
  /// beginning of a VIN.
  public init?(_ text: String) {
    let isWhole = !text.hasSuffix("*")
    let prefix = isWhole ? text : String(text.dropLast())
    guard prefix.utf8.count <= UniqueIdentifier.byteCount, !prefix.contains("*"),
      prefix.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !(isWhole && prefix.isEmpty)
    else { return nil }
    self.prefix = prefix
    self.isWhole = isWhole
  }

  /// The pattern as written.
  public var description: String { isWhole ? prefix : prefix + "*" }

  /// Whether a VIN fits.
  public func matches(_ identity: String) -> Bool {
    isWhole ? identity == prefix : identity.hasPrefix(prefix)
  }
}

/// The keys of a link: the sender's own decide about signatures, the link's about encryption.
struct LinkProtection: FrameProtection {
  let link: KeyRing
  let signer: KeyRing

  func plaintext(of frame: Frame) throws(ProtectionError) -> [UInt8] {
    try link.plaintext(of: frame)
  }

  func ciphertext(of plaintext: [UInt8], for frame: Frame) throws(ProtectionError) -> [UInt8] {
    try link.ciphertext(of: plaintext, for: frame)
  }

  func verdict(
    on signature: SignatureBlock, over signed: [UInt8], by identifier: UniqueIdentifier
  ) -> SignatureVerdict {
    signer.verdict(on: signature, over: signed, by: identifier)
  }
}
