// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The codes in a frame's header: command, answer flag, encryption.

/// What a frame is about.
public struct Command: RawRepresentable, Hashable, Sendable {
  /// The byte on the wire.
  public let rawValue: UInt8

  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A vehicle logs in.
  public static let vehicleLogin = Command(rawValue: 0x01)
  /// A live report.
  public static let realTimeReport = Command(rawValue: 0x02)
  /// A report that was stored while the link was down.
  public static let reissuedReport = Command(rawValue: 0x03)
  /// A vehicle logs out.
  public static let vehicleLogout = Command(rawValue: 0x04)
  /// A sending platform logs in.
  public static let platformLogin = Command(rawValue: 0x05)
  /// A sending platform logs out.
  public static let platformLogout = Command(rawValue: 0x06)
  /// A sign of life.
  public static let heartbeat = Command(rawValue: 0x07)
  /// A terminal asks for the time.
  public static let timeSynchronisation = Command(rawValue: 0x08)
  /// A terminal asks to be activated (2025).
  public static let activation = Command(rawValue: 0x09)
  /// Outcome of an activation (2025).
  public static let activationResult = Command(rawValue: 0x0A)
  /// Exchange of a data-unit key (2025).
  public static let keyExchange = Command(rawValue: 0x0B)
  /// The platform reads parameters.
  public static let parameterQuery = Command(rawValue: 0x80)
  /// The platform sets parameters.
  public static let parameterSetting = Command(rawValue: 0x81)
  /// The platform controls the terminal.
  public static let terminalControl = Command(rawValue: 0x82)

  /// Whether the byte is a defined or platform-defined command; a stream decoder trusts no other.
  public var isPlausible: Bool {
    (rawValue >= 0x01 && rawValue <= 0x0B) || (rawValue >= 0x80 && rawValue <= 0x82)
      || (rawValue >= 0xC0 && rawValue <= 0xFE)
  }

  /// Whether the standard reserves the byte: 0C–7F upwards, 83–BF downwards.
  public var isReserved: Bool {
    (rawValue >= 0x0C && rawValue <= 0x7F) || (rawValue >= 0x83 && rawValue <= 0xBF)
  }

  /// Whether the data unit of a request starts with the six time bytes.
  public var startsWithTime: Bool {
    switch rawValue {
    case 0x01...0x06, 0x09, 0x80...0x82: true
    default: false
    }
  }
}

/// Whether a frame is a request or which answer it gives.
public struct Acknowledgement: RawRepresentable, Hashable, Sendable {
  /// The byte on the wire.
  public let rawValue: UInt8

  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The request succeeded.
  public static let success = Acknowledgement(rawValue: 0x01)
  /// The request failed for a reason without its own code.
  public static let error = Acknowledgement(rawValue: 0x02)
  /// The VIN is already in use.
  public static let vehicleDuplicate = Acknowledgement(rawValue: 0x03)
  /// The VIN is not known (2025).
  public static let vehicleUnknown = Acknowledgement(rawValue: 0x04)
  /// The signature does not match (2025).
  public static let signatureFailure = Acknowledgement(rawValue: 0x05)
  /// The data unit is malformed (2025).
  public static let structureError = Acknowledgement(rawValue: 0x06)
  /// The data unit cannot be decrypted (2025).
  public static let decryptionFailure = Acknowledgement(rawValue: 0x07)
  /// The frame is a request, not an answer.
  public static let request = Acknowledgement(rawValue: 0xFE)

  /// Whether the byte is defined; a stream decoder trusts no other.
  public var isPlausible: Bool { (rawValue >= 0x01 && rawValue <= 0x07) || rawValue == 0xFE }
}

/// How the data unit of a frame is encrypted.
public struct Encryption: RawRepresentable, Hashable, Sendable {
  /// The byte on the wire.
  public let rawValue: UInt8

  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Plain text.
  public static let none = Encryption(rawValue: 0x01)
  /// RSA.
  public static let rsa = Encryption(rawValue: 0x02)
  /// AES with 128-bit keys.
  public static let aes128 = Encryption(rawValue: 0x03)
  /// SM2 (2025).
  public static let sm2 = Encryption(rawValue: 0x04)
  /// SM4 (2025).
  public static let sm4 = Encryption(rawValue: 0x05)
  /// The sender reports a fault of its encryption.
  public static let abnormal = Encryption(rawValue: 0xFE)
  /// The sender states no encryption.
  public static let invalid = Encryption(rawValue: 0xFF)

  /// Whether the byte is defined; a stream decoder trusts no other.
  public var isPlausible: Bool { (rawValue >= 0x01 && rawValue <= 0x05) || rawValue >= 0xFE }
}
