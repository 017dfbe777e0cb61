// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Activation, its result, and the exchange of a data-unit key (2025).

/// A terminal's request to be activated with its public key (2025).
public struct Activation: Hashable, Sendable {
  /// When the request was made.
  public var time: WireTime
  /// The 16 bytes of the security chip's number.
  public var chip: [UInt8]
  /// The public key.
  public var publicKey: [UInt8]
  /// The vehicle that the chip belongs to.
  public var vehicle: UniqueIdentifier
  /// Signature over everything before it.
  public var signature: SignatureBlock

  /// Creates a request.
  public init(
    time: WireTime, chip: [UInt8], publicKey: [UInt8], vehicle: UniqueIdentifier,
    signature: SignatureBlock
  ) {
    self.time = time
    self.chip = chip
    self.publicKey = publicKey
    self.vehicle = vehicle
    self.signature = signature
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    time = try reader.time()
    chip = try reader.bytes(16)
    publicKey = try reader.bytes(Int(try reader.word()))
    let name = try reader.bytes(UniqueIdentifier.byteCount)
    guard let vehicle = UniqueIdentifier(bytes: name) else {
      throw .wrongLength(found: name.count, expected: UniqueIdentifier.byteCount)
    }
    self.vehicle = vehicle
    signature = try SignatureBlock(&reader)
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.time(time)
    try writer.exactly(16, chip)
    try writer.lengthPrefixed(publicKey)
    writer.append(vehicle.bytes)
    try signature.write(to: &writer)
  }
}

/// The platform's verdict on an activation (2025).
public struct ActivationResult: Hashable, Sendable {
  /// 1 succeeded, 2 failed.
  public var status: UInt8
  /// Reason code; published sources disagree on its meaning, so it stays a number.
  public var information: UInt8

  /// Creates a verdict.
  public init(status: UInt8, information: UInt8) {
    self.status = status
    self.information = information
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    status = try reader.byte()
    information = try reader.byte()
  }

  func write(to writer: inout ByteWriter) {
    writer.byte(status)
    writer.byte(information)
  }
}

/// A key for data units with its validity (2025).
public struct KeyExchange: Hashable, Sendable {
  /// The encryption that the key is for.
  public var encryption: Encryption
  /// The key, protected as the peers have agreed; never log it.
  public var key: [UInt8]
  /// First moment of validity.
  public var validFrom: WireTime
  /// Last moment of validity.
  public var validUntil: WireTime

  /// Creates an exchange.
  public init(encryption: Encryption, key: [UInt8], validFrom: WireTime, validUntil: WireTime) {
    self.encryption = encryption
    self.key = key
    self.validFrom = validFrom
    self.validUntil = validUntil
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    encryption = Encryption(rawValue: try reader.byte())
    key = try reader.bytes(Int(try reader.word()))
    validFrom = try reader.time()
    validUntil = try reader.time()
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.byte(encryption.rawValue)
    try writer.lengthPrefixed(key)
    writer.time(validFrom)
    writer.time(validUntil)
  }
}
