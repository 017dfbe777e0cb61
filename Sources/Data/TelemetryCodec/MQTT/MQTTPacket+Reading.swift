// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Bytes to MQTT packets.

extension MQTTPacket {
  /// Decodes the body of a packet.
  ///
  /// - Parameters:
  ///   - first: First byte of the fixed header.
  ///   - body: Everything behind the length.
  ///   - version: Version of the connection; a connect packet states its own.
  /// - Throws: ``MQTTError``.
  public init(first: UInt8, body: [UInt8], version: MQTTVersion) throws(MQTTError) {
    var reader = MQTTReader(body)
    let flags = first & 0x0F
    let type = first >> 4
    if type != 3 {
      guard flags == (type == 6 || type == 8 || type == 10 ? 2 : 0) else { throw .badType(first) }
    }
    switch type {
    case 1: self = try Self.connect(&reader)
    case 2:
      let present = try reader.byte()
      guard present <= 1 else { throw .badValue }
      let reason = try reader.byte()
      self = .connected(
        sessionPresent: present == 1, reason: reason, properties: try reader.properties(version))
    case 3: self = try Self.publish(flags, &reader, version)
    case 4...7:
      guard let step = Step(rawValue: type) else { throw .badType(first) }
      let number = try reader.word()
      let (reason, properties) = try Self.reason(&reader, version)
      self = .delivery(step, number: number, reason: reason, properties: properties)
    case 8:
      let number = try reader.word()
      let properties = try reader.properties(version)
      var filters: [MQTTFilter] = []
      while reader.remaining > 0 {
        let filter = try reader.text()
        filters.append(MQTTFilter(filter, options: try reader.byte()))
      }
      guard number != 0, !filters.isEmpty else { throw .badValue }
      self = .subscribe(number: number, filters: filters, properties: properties)
    case 9:
      let number = try reader.word()
      let properties = try reader.properties(version)
      self = .subscribed(number: number, reasons: reader.rest(), properties: properties)
    case 10:
      let number = try reader.word()
      let properties = try reader.properties(version)
      var filters: [String] = []
      while reader.remaining > 0 { filters.append(try reader.text()) }
      guard number != 0, !filters.isEmpty else { throw .badValue }
      self = .unsubscribe(number: number, filters: filters, properties: properties)
    case 11:
      let number = try reader.word()
      let properties = try reader.properties(version)
      self = .unsubscribed(
        number: number, reasons: version == .v5 ? reader.rest() : [], properties: properties)
    case 12: self = .ping
    case 13: self = .pong
    case 14:
      let (reason, properties) = try Self.reason(&reader, version)
      self = .disconnect(reason: reason, properties: properties)
    case 15:
      guard version == .v5 else { throw .badType(first) }
      let (reason, properties) = try Self.reason(&reader, version)
      self = .authenticate(reason: reason, properties: properties)
    default: throw .badType(first)
    }
    guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
  }

  private static func reason(
    _ reader: inout MQTTReader, _ version: MQTTVersion
  ) throws(MQTTError) -> (UInt8, [MQTTProperty]) {
    guard version == .v5, reader.remaining > 0 else { return (0, []) }
    let reason = try reader.byte()
    return (reason, reader.remaining > 0 ? try reader.properties(version) : [])
  }

  private static func publish(
    _ flags: UInt8, _ reader: inout MQTTReader, _ version: MQTTVersion
  ) throws(MQTTError) -> MQTTPacket {
    let quality = flags >> 1 & 3
    guard quality <= 2 else { throw .badValue }
    let topic = try reader.text()
    let number = quality > 0 ? try reader.word() : 0
    guard quality == 0 || number != 0 else { throw .badValue }
    let properties = try reader.properties(version)
    let message = MQTTMessage(
      topic: topic, payload: reader.rest(), quality: quality, isRetained: flags & 1 == 1,
      properties: properties)
    return .publish(message, number: number, isDuplicate: flags & 8 != 0)
  }

  private static func connect(_ reader: inout MQTTReader) throws(MQTTError) -> MQTTPacket {
    guard try reader.text() == "MQTT", let version = MQTTVersion(rawValue: try reader.byte())
    else { throw .badValue }
    let flags = try reader.byte()
    guard flags & 1 == 0 else { throw .badValue }
    var connect = MQTTConnect(client: "", isClean: flags & 2 != 0, keepAlive: try reader.word())
    connect.properties = try reader.properties(version)
    connect.client = try reader.text()
    if flags & 4 != 0 {
      guard flags >> 3 & 3 <= 2 else { throw .badValue }
      let properties = try reader.properties(version)
      let topic = try reader.text()
      connect.will = MQTTMessage(
        topic: topic, payload: try reader.binary(), quality: flags >> 3 & 3,
        isRetained: flags & 0x20 != 0, properties: properties)
    } else {
      guard flags & 0x38 == 0 else { throw .badValue }
    }
    if flags & 0x80 != 0 { connect.user = try reader.text() }
    if flags & 0x40 != 0 { connect.password = try reader.binary() }
    guard version == .v5 || connect.password == nil || connect.user != nil else {
      throw .badValue
    }
    return .connect(connect, version)
  }
}

/// Cuts a TCP stream into MQTT packets.
///
/// A wrong packet cannot be stepped over: close the connection.
public struct MQTTDecoder: Sendable {
  /// Version of the connection; a connect packet sets it.
  public var version: MQTTVersion
  /// Longest body to accept.
  public let limit: Int
  private var buffer: [UInt8] = []
  private var start = 0

  /// Creates a decoder; the default limit of a packet is 1 MiB.
  public init(version: MQTTVersion, limit: Int = 1 << 20) {
    self.version = version
    self.limit = limit
  }

  /// Adds received bytes.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next packet; nil when more bytes are needed.
  ///
  /// - Throws: ``MQTTError``.
  public mutating func next() throws(MQTTError) -> MQTTPacket? {
    var length = 0
    var place = start + 1
    while true {
      guard place < buffer.count else {
        // Four length bytes that all promise a fifth are already wrong.
        if place - start > 4 { throw .badLength }
        return nil
      }
      let step = place - start - 1
      guard step < 4 else { throw .badLength }
      length |= Int(buffer[place] & 0x7F) << (7 * step)
      place += 1
      if buffer[place - 1] < 0x80 { break }
    }
    guard length <= limit else { throw .tooLong(length, limit: limit) }
    guard buffer.count - place >= length else { return nil }
    let packet = try MQTTPacket(
      first: buffer[start], body: Array(buffer[place..<place + length]), version: version)
    if case .connect(_, let own) = packet { version = own }
    start = place + length
    return packet
  }
}
