// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Commands of the platform to a terminal.

/// The platform controls a terminal.
public struct TerminalControl: Hashable, Sendable {
  /// What goes with a command.
  public enum Content: Hashable, Sendable {
    /// Where a remote upgrade comes from: command 1.
    case upgrade(RemoteUpgrade)
    /// A warning for the driver: command 6, level and text.
    case warning(level: UInt8, text: [UInt8])
    /// Whatever else follows the command; empty for most.
    case bytes([UInt8])
  }

  /// When the platform sent it.
  public var time: WireTime
  /// 1 upgrade, 2 power off, 3 reset, 4 factory reset, 5 drop the link, 6 warning, 7 start the
  /// sampling link, 0x80–0xFE user-defined.
  public var command: UInt8
  /// What goes with it.
  public var content: Content

  /// Creates a command.
  public init(time: WireTime, command: UInt8, content: Content = .bytes([])) {
    self.time = time
    self.command = command
    self.content = content
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    time = try reader.time()
    command = try reader.byte()
    let rest = reader.rest()
    switch command {
    case 1:
      if let upgrade = RemoteUpgrade(rest) {
        content = .upgrade(upgrade)
      } else {
        content = .bytes(rest)
      }
    case 6:
      if let level = rest.first {
        content = .warning(level: level, text: Array(rest.dropFirst()))
      } else {
        content = .bytes([])
      }
    default: content = .bytes(rest)
    }
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.time(time)
    writer.byte(command)
    switch content {
    case .upgrade(let upgrade):
      guard command == 1 else { throw .badControl(command) }
      try upgrade.write(to: &writer)
    case .warning(let level, let text):
      guard command == 6 else { throw .badControl(command) }
      writer.byte(level)
      writer.append(text)
    case .bytes(let bytes): writer.append(bytes)
    }
  }
}

/// Where a terminal gets new firmware from: fields separated by semicolons.
///
/// The numbers between the semicolons are binary and may hold a semicolon themselves, so they are
/// read by their length.
public struct RemoteUpgrade: Hashable, Sendable {
  /// Name of the dial-up access point.
  public var dialName: [UInt8]
  /// User name of the dial-up.
  public var user: [UInt8]
  /// Password of the dial-up; never log it.
  public var password: [UInt8]
  /// Address of the server, 6 bytes: two zero bytes before an IPv4 address.
  public var address: [UInt8]
  /// Port of the server.
  public var port: UInt16
  /// Number of the terminal's maker, 4 bytes.
  public var maker: [UInt8]
  /// Hardware version, 5 bytes.
  public var hardware: [UInt8]
  /// Firmware version, 5 bytes.
  public var firmware: [UInt8]
  /// Location of the firmware.
  public var location: [UInt8]
  /// Time limit for connecting, in minutes.
  public var timeLimit: UInt16

  private static let separator: UInt8 = 0x3B

  /// Creates an upgrade command's fields.
  public init(
    dialName: [UInt8], user: [UInt8], password: [UInt8], address: [UInt8], port: UInt16,
    maker: [UInt8], hardware: [UInt8], firmware: [UInt8], location: [UInt8], timeLimit: UInt16
  ) {
    self.dialName = dialName
    self.user = user
    self.password = password
    self.address = address
    self.port = port
    self.maker = maker
    self.hardware = hardware
    self.firmware = firmware
    self.location = location
    self.timeLimit = timeLimit
  }

  /// Reads the fields; nil when the bytes have another form.
  init?(_ bytes: [UInt8]) {
    var place = 0
    func isSeparator(_ at: Int) -> Bool { at < bytes.count && bytes[at] == Self.separator }
    func text() -> [UInt8]? {
      let start = place
      while place < bytes.count, bytes[place] != Self.separator { place += 1 }
      guard place < bytes.count else { return nil }
      place += 1
      return Array(bytes[start..<place - 1])
    }
    func fixed(_ count: Int) -> [UInt8]? {
      guard isSeparator(place + count) else { return nil }
      place += count + 1
      return Array(bytes[place - count - 1..<place - 1])
    }
    guard let dialName = text(), let user = text(), let password = text(),
      let address = fixed(6), let port = fixed(2), let maker = fixed(4), let hardware = fixed(5),
      let firmware = fixed(5), let location = text(), bytes.count - place == 2
    else { return nil }
    self.init(
      dialName: dialName, user: user, password: password, address: address,
      port: UInt16(port[0]) << 8 | UInt16(port[1]), maker: maker, hardware: hardware,
      firmware: firmware, location: location,
      timeLimit: UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]))
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    for text in [dialName, user, password] {
      guard !text.contains(Self.separator) else { throw .badControl(1) }
      writer.append(text)
      writer.byte(Self.separator)
    }
    try writer.exactly(6, address)
    writer.byte(Self.separator)
    writer.word(port)
    writer.byte(Self.separator)
    try writer.exactly(4, maker)
    writer.byte(Self.separator)
    try writer.exactly(5, hardware)
    writer.byte(Self.separator)
    try writer.exactly(5, firmware)
    writer.byte(Self.separator)
    guard !location.contains(Self.separator) else { throw .badControl(1) }
    writer.append(location)
    writer.byte(Self.separator)
    writer.word(timeLimit)
  }
}
