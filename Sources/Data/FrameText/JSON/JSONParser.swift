// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads one JSON value; names the place of the first fault.

/// Reads one JSON text (RFC 8259) of limited depth.
struct JSONParser {
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0
  /// Deepest nesting that is read; frames need 8.
  static let deepest = 64

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads a whole text.
  ///
  /// - Throws: ``FrameTextError/notJSON(offset:)`` with the byte at which reading failed.
  /// - Complexity: O(n) in the length of the text.
  static func parse(_ bytes: [UInt8]) throws(FrameTextError) -> JSONNode {
    var parser = JSONParser(bytes)
    let value = try parser.value()
    parser.skipSpace()
    guard parser.place == bytes.count else { throw parser.fault }
    return value
  }

  private var fault: FrameTextError { .notJSON(offset: place) }
  private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      place += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    place += 1
    return true
  }

  private mutating func word(_ text: StaticString, _ node: JSONNode) throws(FrameTextError)
    -> JSONNode
  {
    let letters = Array(text.description.utf8)
    guard bytes.count - place >= letters.count,
      Array(bytes[place..<place + letters.count]) == letters
    else { throw fault }
    place += letters.count
    return node
  }

  private mutating func value() throws(FrameTextError) -> JSONNode {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try nested(Self.object)
    case UInt8(ascii: "["): return try nested(Self.array)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func nested(
    _ read: (inout JSONParser) throws(FrameTextError) -> JSONNode
  ) throws(FrameTextError) -> JSONNode {
    guard depth < Self.deepest else { throw fault }
    depth += 1
    place += 1
    let node = try read(&self)
    depth -= 1
    return node
  }

  private static func object(_ parser: inout JSONParser) throws(FrameTextError) -> JSONNode {
    var members: [JSONNode.Member] = []
    parser.skipSpace()
    if parser.take(UInt8(ascii: "}")) { return .object([]) }
    while true {
      parser.skipSpace()
      guard parser.current == UInt8(ascii: "\"") else { throw parser.fault }
      let name = try parser.string()
      parser.skipSpace()
      guard parser.take(UInt8(ascii: ":")) else { throw parser.fault }
      members.append(JSONNode.Member(name, try parser.value()))
      parser.skipSpace()
      if parser.take(UInt8(ascii: "}")) { return .object(members) }
      guard parser.take(UInt8(ascii: ",")) else { throw parser.fault }
    }
  }

  private static func array(_ parser: inout JSONParser) throws(FrameTextError) -> JSONNode {
    var values: [JSONNode] = []
    parser.skipSpace()
    if parser.take(UInt8(ascii: "]")) { return .array([]) }
    while true {
      values.append(try parser.value())
      parser.skipSpace()
      if parser.take(UInt8(ascii: "]")) { return .array(values) }
      guard parser.take(UInt8(ascii: ",")) else { throw parser.fault }
    }
  }

  private mutating func digits() throws(FrameTextError) {
    let start = place
    while let byte = current, byte >= 0x30, byte <= 0x39 { place += 1 }
    guard place > start else { throw fault }
  }

  private mutating func number() throws(FrameTextError) -> String {
    let start = place
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func string() throws(FrameTextError) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = current {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw .notJSON(offset: place - 1)
      default: text.append(byte)
      }
    }
    throw fault
  }

  private mutating func escape(into text: inout [UInt8]) throws(FrameTextError) {
    guard let byte = current else { throw fault }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var unit = try hexadecimal()
      if unit >= 0xD800, unit < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = try hexadecimal()
        guard low >= 0xDC00, low < 0xE000 else { throw fault }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else { throw fault }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw .notJSON(offset: place - 1)
    }
  }

  private mutating func hexadecimal() throws(FrameTextError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Hexadecimal.digit(byte) else { throw fault }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}

extension JSONNode {
  /// Reads one JSON text (RFC 8259), nested at most 64 deep.
  ///
  /// - Parameter json: The UTF-8 bytes of one value.
  /// - Throws: ``FrameTextError/notJSON(offset:)`` with the byte at which reading failed.
  /// - Complexity: O(n) in the length of the text.
  public init(json: [UInt8]) throws(FrameTextError) {
    self = try JSONParser.parse(json)
  }
}
