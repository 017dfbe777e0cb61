// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// MQTT packets to bytes.

extension MQTTPacket {
  /// The bytes of the packet.
  ///
  /// - Parameter version: Version of the connection; that of a connect packet itself wins.
  /// - Returns: Fixed header and body.
  /// - Throws: ``MQTTError``.
  public func encoded(for version: MQTTVersion) throws(MQTTError) -> [UInt8] {
    var body = MQTTWriter()
    let first: UInt8
    switch self {
    case .connect(let connect, let own):
      first = 0x10
      try Self.write(connect, own, to: &body)
    case .connected(let present, let reason, let properties):
      first = 0x20
      body.byte(present ? 1 : 0)
      body.byte(reason)
      try body.properties(properties, version)
    case .publish(let message, let number, let isDuplicate):
      guard message.quality <= 2, (message.quality == 0) == (number == 0) else { throw .badValue }
      first =
        0x30 | (isDuplicate ? 8 : 0) | message.quality << 1 | (message.isRetained ? 1 : 0)
      try body.text(message.topic)
      if message.quality > 0 { body.word(number) }
      try body.properties(message.properties, version)
      body.append(message.payload)
    case .delivery(let step, let number, let reason, let properties):
      first = step.rawValue << 4 | (step == .released ? 2 : 0)
      body.word(number)
      try Self.reason(reason, properties, version, to: &body)
    case .subscribe(let number, let filters, let properties):
      guard number != 0, !filters.isEmpty else { throw .badValue }
      first = 0x82
      body.word(number)
      try body.properties(properties, version)
      for filter in filters {
        try body.text(filter.filter)
        body.byte(filter.options)
      }
    case .subscribed(let number, let reasons, let properties):
      first = 0x90
      body.word(number)
      try body.properties(properties, version)
      body.append(reasons)
    case .unsubscribe(let number, let filters, let properties):
      guard number != 0, !filters.isEmpty else { throw .badValue }
      first = 0xA2
      body.word(number)
      try body.properties(properties, version)
      for filter in filters { try body.text(filter) }
    case .unsubscribed(let number, let reasons, let properties):
      guard version == .v5 || reasons.isEmpty else { throw .notInVersion }
      first = 0xB0
      body.word(number)
      try body.properties(properties, version)
      body.append(reasons)
    case .ping: first = 0xC0
    case .pong: first = 0xD0
    case .disconnect(let reason, let properties):
      first = 0xE0
      try Self.reason(reason, properties, version, to: &body)
    case .authenticate(let reason, let properties):
      guard version == .v5 else { throw .notInVersion }
      first = 0xF0
      try Self.reason(reason, properties, version, to: &body)
    }
    var writer = MQTTWriter()
    writer.byte(first)
    try writer.variable(UInt32(clamping: body.bytes.count))
    writer.append(body.bytes)
    return writer.bytes
  }

  /// A reason with properties: left out when it is success without any, absent in 3.1.1.
  private static func reason(
    _ reason: UInt8, _ properties: [MQTTProperty], _ version: MQTTVersion,
    to body: inout MQTTWriter
  ) throws(MQTTError) {
    guard version == .v5 else {
      guard reason == 0, properties.isEmpty else { throw .notInVersion }
      return
    }
    if reason == 0, properties.isEmpty { return }
    body.byte(reason)
    if !properties.isEmpty { try body.properties(properties, version) }
  }

  private static func write(
    _ connect: MQTTConnect, _ version: MQTTVersion, to body: inout MQTTWriter
  ) throws(MQTTError) {
    try body.text("MQTT")
    body.byte(version.rawValue)
    var flags: UInt8 = connect.isClean ? 2 : 0
    if let will = connect.will {
      guard will.quality <= 2 else { throw .badValue }
      flags |= 4 | will.quality << 3 | (will.isRetained ? 0x20 : 0)
    }
    if connect.password != nil { flags |= 0x40 }
    if connect.user != nil { flags |= 0x80 }
    guard version == .v5 || connect.password == nil || connect.user != nil else {
      throw .notInVersion
    }
    body.byte(flags)
    body.word(connect.keepAlive)
    try body.properties(connect.properties, version)
    try body.text(connect.client)
    if let will = connect.will {
      try body.properties(will.properties, version)
      try body.text(will.topic)
      try body.binary(will.payload)
    }
    if let user = connect.user { try body.text(user) }
    if let password = connect.password { try body.binary(password) }
  }
}
