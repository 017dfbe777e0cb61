// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the protocol leaves open about encryption, as a profile of the peer.

/// What the protocol leaves open about encryption: part of what is agreed with a peer.
///
/// A nil member is found out by trial when decrypting: the first way that gives a whole data unit
/// with a real time counts. When encrypting, nil means CBC, PKCS#7, a random initial vector sent
/// before the ciphertext, RSA with PKCS#1 v1.5, and SM2 as C1C3C2.
public struct CipherProfile: Hashable, Sendable {
  /// Mode of AES-128 and SM4.
  public enum Mode: String, CaseIterable, Sendable {
    /// Cipher block chaining.
    case cbc
    /// Every block for itself.
    case ecb
    /// Counter.
    case ctr
    /// Cipher feedback of whole blocks.
    case cfb
    /// Output feedback.
    case ofb
    /// Counter with authentication, 12-byte nonce, 16-byte tag at the end; AES only.
    case gcm
  }

  /// How CBC and ECB fill the last block.
  public enum Padding: String, CaseIterable, Sendable {
    /// Every filling byte says how many there are; always at least one.
    case pkcs7
    /// Zero bytes up to the block, none when it is full.
    case zero
    /// Nothing: the unit must fill its blocks.
    case none
  }

  /// Where the initial vector comes from.
  public enum InitialVector: Hashable, Sendable {
    /// It stands before the ciphertext.
    case prefix
    /// It is the key; unsafe, but seen in the field.
    case key
    /// All zeros.
    case zero
    /// Agreed bytes.
    case bytes([UInt8])
  }

  /// Padding of RSA blocks.
  public enum RSAPadding: String, CaseIterable, Sendable {
    /// PKCS#1 v1.5.
    case pkcs1
    /// OAEP with SHA-1.
    case oaep
    /// OAEP with SHA-256.
    case oaepSHA256 = "oaep-sha256"
  }

  /// Order and form of an SM2 ciphertext.
  public enum SM2Form: String, CaseIterable, Sendable {
    /// Point, hash, text: GB/T 32918.4-2016.
    case c1c3c2
    /// Point, text, hash: the order before 2016.
    case c1c2c3
    /// ASN.1: GB/T 35276.
    case der
  }

  /// Mode of AES-128 and SM4.
  public var mode: Mode?
  /// Padding of CBC and ECB.
  public var padding: Padding?
  /// Where the initial vector comes from.
  public var initialVector: InitialVector?
  /// Padding of RSA.
  public var rsaPadding: RSAPadding?
  /// Form of SM2 ciphertexts.
  public var sm2Form: SM2Form?

  /// Creates a profile; what is not given is found out by trial.
  public init(
    mode: Mode? = nil, padding: Padding? = nil, initialVector: InitialVector? = nil,
    rsaPadding: RSAPadding? = nil, sm2Form: SM2Form? = nil
  ) {
    self.mode = mode
    self.padding = padding
    self.initialVector = initialVector
    self.rsaPadding = rsaPadding
    self.sm2Form = sm2Form
  }
}
