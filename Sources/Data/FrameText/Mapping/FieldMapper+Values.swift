// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Single fields: numbers, states, texts, bytes, times.

import TelemetryCodec

extension FieldMapper {
  /// Maps a scaled number; the two sentinels are the words `abnormal` and `invalid`. The scale is
  /// given where the unit differs from the usual one of the kind.
  mutating func number(
    _ key: String, _ value: inout WireValue, scale: DecimalScale? = nil
  ) throws(FrameTextError) {
    let kind = value.kind
    let scale = scale ?? .of(kind)
    if isParsing {
      let node = try take(key)
      value = WireValue(kind, raw: try raw(node, key, kind.definition.allOnes, scale))
    } else {
      let definition = kind.definition
      put(key, node(value.raw, definition.allOnes, scale))
      if !definition.contains(value.raw), value.raw < definition.allOnes - 1 {
        warn(key, "out of range")
      }
    }
  }

  private func node(_ raw: UInt32, _ allOnes: UInt32, _ scale: DecimalScale) -> JSONNode {
    if raw == allOnes { return .string("invalid") }
    if raw == allOnes - 1 { return .string("abnormal") }
    return .number(scale.text(raw))
  }

  private func raw(
    _ node: JSONNode, _ key: String, _ allOnes: UInt32, _ scale: DecimalScale
  ) throws(FrameTextError) -> UInt32 {
    switch node {
    case .string("invalid"): return allOnes
    case .string("abnormal"): return allOnes - 1
    case .number(let text):
      guard let raw = scale.raw(text, allOnes: allOnes) else { fallthrough }
      return raw
    default:
      let highest = scale.text(allOnes - 2)
      throw bad(key, "a number from \(scale.text(0)) to \(highest), \"abnormal\" or \"invalid\"")
    }
  }

  /// Maps a list of scaled numbers behind a count of two bytes, or of one for 2016 cells.
  mutating func numbers<Raw: FixedWidthInteger & UnsignedInteger & Sendable>(
    _ key: String, _ list: inout Counted<Raw>, _ kind: FieldKind, countBytes: Int = 2
  ) throws(FrameTextError) {
    let definition = kind.definition
    let scale = DecimalScale.of(kind)
    var elements = list.elements
    if isParsing {
      guard case .array(let nodes) = try take(key) else { throw bad(key, "a list") }
      elements = []
      elements.reserveCapacity(nodes.count)
      for (place, node) in nodes.enumerated() {
        let raw = try raw(node, "\(key)[\(place)]", definition.allOnes, scale)
        elements.append(Raw(truncatingIfNeeded: raw))
      }
    } else {
      var nodes: [JSONNode] = []
      nodes.reserveCapacity(elements.count)
      for (place, element) in elements.enumerated() {
        let raw = UInt32(truncatingIfNeeded: element)
        nodes.append(node(raw, definition.allOnes, scale))
        if raw > definition.highest, raw < definition.allOnes - 1 {
          warn("\(key)[\(place)]", "out of range")
        }
      }
      put(key, .array(nodes))
    }
    try count(key, &list, elements, bytes: countBytes)
  }

  /// Maps a whole number as it stands on the wire.
  mutating func integer<Raw: FixedWidthInteger & UnsignedInteger>(
    _ key: String, _ value: inout Raw
  ) throws(FrameTextError) {
    if isParsing {
      guard case .number(let text) = try take(key), let parsed = Raw(text) else {
        throw bad(key, "a whole number from 0 to \(Raw.max)")
      }
      value = parsed
    } else {
      put(key, .integer(value))
    }
  }

  /// Maps a state byte to a word.
  mutating func state<State: StateCode>(
    _ key: String, _ value: inout State, _ names: [String]
  ) throws(FrameTextError) {
    var code = value.rawValue
    try self.code(key, &code, names)
    value = State(rawValue: code)
  }

  /// Maps a code counted from 1 to a word.
  mutating func code(
    _ key: String, _ value: inout UInt8, _ names: [String]
  ) throws(FrameTextError) {
    if isParsing {
      guard case .string(let word) = try take(key), let code = Words.code(word, names) else {
        throw bad(key, "one of \(names.joined(separator: ", ")), abnormal, invalid, undefined_0xNN")
      }
      value = code
    } else {
      put(key, .string(Words.word(value, names)))
    }
  }

  /// Maps an encryption to its word.
  mutating func encryption(_ key: String, _ value: inout Encryption) throws(FrameTextError) {
    if isParsing {
      let node = try take(key)
      guard case .string(let word) = node else { throw bad(key, "a word") }
      if let known = Words.encryptions.first(where: { $0.1 == word }) {
        value = known.0
      } else if let code = Words.rawCode(word, prefix: "undefined_0x") {
        value = Encryption(rawValue: code)
      } else {
        throw bad(
          key, "one of \(Words.encryptions.map(\.1).joined(separator: ", ")), undefined_0xNN")
      }
    } else {
      put(key, .string(Words.name(of: value)))
    }
  }

  /// Maps bytes to hexadecimal text.
  mutating func bytes(_ key: String, _ value: inout [UInt8]) throws(FrameTextError) {
    if isParsing {
      guard case .string(let text) = try take(key) else { throw bad(key, "hexadecimal text") }
      value = try hexadecimal(text, path(of: key))
    } else {
      put(key, .string(Hexadecimal.text(of: value)))
    }
  }

  private func hexadecimal(_ text: String, _ path: String) throws(FrameTextError) -> [UInt8] {
    do throws(Hexadecimal.Fault) {
      return try Hexadecimal.bytes(of: text)
    } catch { throw .badValue(path: path, expected: "hexadecimal text of whole bytes") }
  }

  /// Maps a text field; its exact bytes are noted where the text does not tell them. The length is
  /// that of a field padded with zeros, nil for a text as long as it is.
  mutating func text(
    _ key: String, _ value: inout [UInt8], length: Int?
  ) throws(FrameTextError) {
    if isParsing {
      guard case .string(let text) = try take(key) else { throw bad(key, "a text") }
      value = try textBytes(text, key, length: length)
    } else {
      put(key, .string(shown(value, key, length: length)))
    }
  }

  /// Maps a list of text fields of fixed length.
  mutating func texts(
    _ key: String, _ values: inout [[UInt8]], length: Int
  ) throws(FrameTextError) {
    if isParsing {
      guard case .array(let nodes) = try take(key) else { throw bad(key, "a list of texts") }
      values = try texts(nodes, key, length: length)
    } else {
      put(key, .array(textNodes(values, key, length: length)))
    }
  }

  /// Renders texts of fixed length.
  mutating func textNodes(_ values: [[UInt8]], _ key: String, length: Int) -> [JSONNode] {
    var nodes: [JSONNode] = []
    for (place, value) in values.enumerated() {
      nodes.append(.string(shown(value, "\(key)[\(place)]", length: length)))
    }
    return nodes
  }

  /// Parses texts of fixed length.
  func texts(
    _ nodes: [JSONNode], _ key: String, length: Int
  ) throws(FrameTextError) -> [[UInt8]] {
    var values: [[UInt8]] = []
    for (place, node) in nodes.enumerated() {
      let element = "\(key)[\(place)]"
      guard case .string(let text) = node else { throw bad(element, "a text") }
      values.append(try textBytes(text, element, length: length))
    }
    return values
  }

  private mutating func shown(_ value: [UInt8], _ key: String, length: Int?) -> String {
    let text = WireText.text(of: value)
    let told = WireText.bytes(of: text, count: length ?? text.utf8.count)
    if told != value { note(key, .string(Hexadecimal.text(of: value))) }
    return text
  }

  private func textBytes(
    _ text: String, _ key: String, length: Int?
  ) throws(FrameTextError) -> [UInt8] {
    // The exact bytes count only while the text still shows them.
    if case .string(let noted)? = exact(key) {
      let bytes = try hexadecimal(noted, "exact.\(path(of: key))")
      if WireText.text(of: bytes) == text, length == nil || bytes.count == length { return bytes }
    }
    guard let bytes = WireText.bytes(of: text, count: length ?? text.utf8.count) else {
      throw bad(key, length.map { "at most \($0) printable ASCII characters" } ?? "printable ASCII")
    }
    return bytes
  }

  /// Maps the identifier of a vehicle or platform.
  mutating func identifier(
    _ key: String, _ value: inout UniqueIdentifier
  ) throws(FrameTextError) {
    var bytes = value.bytes
    try text(key, &bytes, length: UniqueIdentifier.byteCount)
    if let parsed = UniqueIdentifier(bytes: bytes) { value = parsed }
  }

  /// Maps six time bytes.
  mutating func time(_ key: String, _ value: inout WireTime) throws(FrameTextError) {
    if isParsing {
      guard case .string(let text) = try take(key), let parsed = Self.time(text) else {
        throw bad(key, "a time such as 2026-03-14T09:26:53+08:00, years 2000 to 2255")
      }
      value = parsed
    } else {
      put(key, .string(Self.text(of: value)))
      if value.unixSeconds == nil { warn(key, "names no real time") }
    }
  }

  private static func text(of time: WireTime) -> String {
    func two(_ value: UInt8) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(2_000 + Int(time.yearSince2000))-\(two(time.month))-\(two(time.day))"
      + "T\(two(time.hour)):\(two(time.minute)):\(two(time.second))+08:00"
  }

  private static func time(_ text: String) -> WireTime? {
    guard text.hasSuffix("+08:00") else { return nil }
    let parts = text.dropLast(6).split(
      omittingEmptySubsequences: false, whereSeparator: { "-T:".contains($0) })
    guard parts.count == 6, let year = Int(parts[0]), let short = UInt8(exactly: year - 2_000)
    else { return nil }
    let rest = parts.dropFirst().compactMap { UInt8($0) }
    guard rest.count == 5 else { return nil }
    return WireTime(
      yearSince2000: short, month: rest[0], day: rest[1], hour: rest[2], minute: rest[3],
      second: rest[4])
  }

  /// Maps a bit that is either set or not.
  mutating func flag(_ key: String, _ value: inout Bool) throws(FrameTextError) {
    if isParsing {
      guard case .bool(let parsed) = try take(key) else { throw bad(key, "true or false") }
      value = parsed
    } else {
      put(key, .bool(value))
    }
  }
}
