// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Fields of MQTT packets: texts, lengths, properties.

/// Reads the fields of an MQTT packet.
struct MQTTReader {
  private let bytes: [UInt8]
  private var place: Int
  private let end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    place = 0
    end = bytes.count
  }

  var remaining: Int { end - place }

  mutating func byte() throws(MQTTError) -> UInt8 {
    guard place < end else { throw .truncated }
    place += 1
    return bytes[place - 1]
  }

  mutating func word() throws(MQTTError) -> UInt16 {
    let high = try byte()
    return UInt16(high) << 8 | UInt16(try byte())
  }

  mutating func long() throws(MQTTError) -> UInt32 {
    let high = try word()
    return UInt32(high) << 16 | UInt32(try word())
  }

  mutating func variable() throws(MQTTError) -> UInt32 {
    var value: UInt32 = 0
    for step: UInt32 in 0..<4 {
      let byte = try byte()
      value |= UInt32(byte & 0x7F) << (7 * step)
      if byte < 0x80 { return value }
    }
    throw .badLength
  }

  mutating func bytes(_ count: Int) throws(MQTTError) -> [UInt8] {
    guard count <= remaining else { throw .truncated }
    place += count
    return Array(bytes[place - count..<place])
  }

  mutating func rest() -> [UInt8] {
    defer { place = end }
    return Array(bytes[place..<end])
  }

  mutating func binary() throws(MQTTError) -> [UInt8] { try bytes(Int(try word())) }

  mutating func text() throws(MQTTError) -> String {
    let content = try binary()
    guard !content.contains(0), String(validating: content, as: UTF8.self) != nil else {
      throw .badText
    }
    return String(decoding: content, as: UTF8.self)
  }

  mutating func properties(_ version: MQTTVersion) throws(MQTTError) -> [MQTTProperty] {
    guard version == .v5 else { return [] }
    var inner = MQTTReader(try bytes(Int(try variable())))
    var list: [MQTTProperty] = []
    while inner.remaining > 0 {
      let identifier = try inner.byte()
      guard let layout = MQTTLayout.of(identifier) else { throw .badProperty(identifier) }
      let value: MQTTProperty.Value
      switch layout {
      case .byte: value = .byte(try inner.byte())
      case .word: value = .word(try inner.word())
      case .long: value = .long(try inner.long())
      case .variable: value = .variable(try inner.variable())
      case .text: value = .text(try inner.text())
      case .bytes: value = .bytes(try inner.binary())
      case .pair:
        let name = try inner.text()
        value = .pair(name, try inner.text())
      }
      list.append(MQTTProperty(identifier, value))
    }
    return list
  }
}

/// The layout of each property (MQTT 5, table 2-4).
enum MQTTLayout {
  case byte, word, long, variable, text, bytes, pair

  static func of(_ identifier: UInt8) -> MQTTLayout? {
    switch identifier {
    case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A: .byte
    case 0x13, 0x21, 0x22, 0x23: .word
    case 0x02, 0x11, 0x18, 0x27: .long
    case 0x0B: .variable
    case 0x03, 0x08, 0x12, 0x15, 0x1A, 0x1C, 0x1F: .text
    case 0x09, 0x16: .bytes
    case 0x26: .pair
    default: nil
    }
  }
}

/// Writes the fields of an MQTT packet.
struct MQTTWriter {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }
  mutating func word(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }
  mutating func append(_ values: [UInt8]) { bytes.append(contentsOf: values) }

  mutating func variable(_ value: UInt32) throws(MQTTError) {
    guard value < 1 << 28 else { throw .badLength }
    var rest = value
    repeat {
      let byte = UInt8(truncatingIfNeeded: rest & 0x7F)
      rest >>= 7
      bytes.append(rest > 0 ? byte | 0x80 : byte)
    } while rest > 0
  }

  mutating func binary(_ values: [UInt8]) throws(MQTTError) {
    guard values.count <= 0xFFFF else { throw .tooLong(values.count, limit: 0xFFFF) }
    word(UInt16(truncatingIfNeeded: values.count))
    append(values)
  }

  mutating func text(_ text: String) throws(MQTTError) {
    let content = Array(text.utf8)
    guard !content.contains(0) else { throw .badText }
    try binary(content)
  }

  mutating func properties(
    _ list: [MQTTProperty], _ version: MQTTVersion
  ) throws(MQTTError) {
    guard version == .v5 else {
      guard list.isEmpty else { throw .notInVersion }
      return
    }
    var inner = MQTTWriter()
    for property in list {
      guard let layout = MQTTLayout.of(property.identifier) else {
        throw .badProperty(property.identifier)
      }
      inner.byte(property.identifier)
      switch (layout, property.value) {
      case (.byte, .byte(let value)): inner.byte(value)
      case (.word, .word(let value)): inner.word(value)
      case (.long, .long(let value)):
        inner.word(UInt16(truncatingIfNeeded: value >> 16))
        inner.word(UInt16(truncatingIfNeeded: value))
      case (.variable, .variable(let value)): try inner.variable(value)
      case (.text, .text(let value)): try inner.text(value)
      case (.bytes, .bytes(let value)): try inner.binary(value)
      case (.pair, .pair(let name, let value)):
        try inner.text(name)
        try inner.text(value)
      default: throw .badProperty(property.identifier)
      }
    }
    try variable(UInt32(clamping: inner.bytes.count))
    append(inner.bytes)
  }
}
