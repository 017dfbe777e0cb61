// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Login of a platform and logout of a vehicle or platform.

/// What a vehicle or platform sends when it logs out.
public struct Logout: Hashable, Sendable {
  /// When the sender logged out.
  public var time: WireTime
  /// Serial number of the login that ends.
  public var serial: UInt16

  /// Creates a logout.
  public init(time: WireTime, serial: UInt16) {
    self.time = time
    self.serial = serial
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    time = try reader.time()
    serial = try reader.word()
  }

  func write(to writer: inout ByteWriter) {
    writer.time(time)
    writer.word(serial)
  }
}

/// What a sending platform sends when it logs in.
public struct PlatformLogin: Hashable, Sendable {
  /// When the platform logged in.
  public var time: WireTime
  /// Serial number of the login, 1–65531.
  public var serial: UInt16
  /// The 12 bytes of the user name.
  public var user: [UInt8]
  /// The 20 bytes of the password; never log them.
  public var password: [UInt8]
  /// The encryption that the platform is going to use.
  public var encryption: Encryption

  /// Length of the user name.
  public static let userLength = 12
  /// Length of the password.
  public static let passwordLength = 20

  /// Creates a login.
  public init(
    time: WireTime, serial: UInt16, user: [UInt8], password: [UInt8], encryption: Encryption
  ) {
    self.time = time
    self.serial = serial
    self.user = user
    self.password = password
    self.encryption = encryption
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    time = try reader.time()
    serial = try reader.word()
    user = try reader.bytes(Self.userLength)
    password = try reader.bytes(Self.passwordLength)
    encryption = Encryption(rawValue: try reader.byte())
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.time(time)
    writer.word(serial)
    try writer.exactly(Self.userLength, user)
    try writer.exactly(Self.passwordLength, password)
    writer.byte(encryption.rawValue)
  }
}
