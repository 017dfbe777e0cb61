// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameters and terminal control.

import TelemetryCodec

extension FieldMapper {
  /// The bytes of a downlink unit beside its fields; parsing passes over them.
  mutating func sentBytes(_ unit: DataUnit) throws(FrameTextError) {
    if isParsing {
      _ = takeIfPresent("data_hex")
    } else {
      do throws(CodecError) {
        put("data_hex", .string(Hexadecimal.text(of: try unit.encoded(for: edition))))
      } catch { throw .codec(error) }
    }
  }

  mutating func parameterQuery(_ query: inout ParameterQuery) throws(FrameTextError) {
    try time("time", &query.time)
    var elements = query.identifiers.elements
    if isParsing {
      guard case .array(let nodes) = try take("parameters") else {
        throw bad("parameters", "a list")
      }
      elements = []
      for (place, node) in nodes.enumerated() {
        guard let identifier = identifier(of: node) else {
          throw bad("parameters[\(place)]", "the name or number of a parameter")
        }
        elements.append(identifier)
      }
    } else {
      put("parameters", .array(elements.map(name)))
    }
    try count("parameters", &query.identifiers, elements, bytes: 1)
  }

  private func name(of identifier: UInt8) -> JSONNode {
    ParameterDefinition.of(identifier, in: edition).map { .string($0.name) }
      ?? .integer(identifier)
  }

  private func identifier(of node: JSONNode) -> UInt8? {
    switch node {
    case .number(let text): UInt8(text)
    case .string(let name):
      (1...0x10).first { ParameterDefinition.of($0, in: edition)?.name == name }
    default: nil
    }
  }

  mutating func parameterList(_ list: inout ParameterList) throws(FrameTextError) {
    try time("time", &list.time)
    try integer("count", &list.count)
    let blank = Parameter(identifier: 0, value: .byte(0))
    try self.list("parameters", &list.parameters, blank: blank) {
      (mapper: inout FieldMapper, parameter: inout Parameter) throws(FrameTextError) in
      try mapper.parameter(&parameter)
    }
    if isParsing ? takeIfPresent("rest_hex") != nil : !list.opaqueRest.isEmpty {
      try bytes("rest_hex", &list.opaqueRest)
    }
  }

  private mutating func parameter(_ parameter: inout Parameter) throws(FrameTextError) {
    if isParsing {
      guard let identifier = identifier(of: try take("name")),
        let definition = ParameterDefinition.of(identifier, in: edition)
      else { throw bad("name", "the name of a parameter of the \(edition.year) edition") }
      _ = takeIfPresent("id")
      parameter.identifier = identifier
      switch definition.layout {
      case .byte: parameter.value = .byte(0)
      case .word: parameter.value = .word(0)
      case .text(let length): parameter.value = .text(Array(repeating: 0, count: length))
      case .textOfLength: parameter.value = .text([])
      }
    } else {
      put("id", .string("0x" + Words.hexadecimal(parameter.identifier)))
      put("name", name(of: parameter.identifier))
    }
    switch parameter.value {
    case .byte(let raw):
      let value = try plain(UInt32(raw), 0xFF, parameter.identifier)
      parameter.value = .byte(UInt8(truncatingIfNeeded: value))
    case .word(let raw):
      let value = try plain(UInt32(raw), 0xFFFF, parameter.identifier)
      parameter.value = .word(UInt16(truncatingIfNeeded: value))
    case .text(var text):
      let isFixed = [7, 8].contains(parameter.identifier)
      try self.text("value", &text, length: isFixed ? text.count : nil)
      parameter.value = .text(text)
    }
  }

  /// Maps a plain number with the sentinels of its width.
  private mutating func plain(
    _ raw: UInt32, _ allOnes: UInt32, _ identifier: UInt8
  ) throws(FrameTextError) -> UInt32 {
    if isParsing {
      switch try take("value") {
      case .string("invalid"): return allOnes
      case .string("abnormal"): return allOnes - 1
      case .number(let text):
        guard let value = UInt32(text), value < allOnes - 1 else { fallthrough }
        return value
      default: throw bad("value", "a whole number below \(allOnes - 1), abnormal or invalid")
      }
    }
    switch raw {
    case allOnes: put("value", .string("invalid"))
    case allOnes - 1: put("value", .string("abnormal"))
    default:
      put("value", .integer(raw))
      if let definition = ParameterDefinition.of(identifier, in: edition),
        raw < definition.lowest || raw > definition.highest
      {
        warn("value", "out of range")
      }
    }
    return raw
  }

  mutating func terminalControl(_ control: inout TerminalControl) throws(FrameTextError) {
    try time("time", &control.time)
    try controlCode(&control.command)
    if isParsing {
      if takeIfPresent("upgrade") != nil {
        let upgrade = RemoteUpgrade(
          dialName: [], user: [], password: [], address: [], port: 0, maker: [], hardware: [],
          firmware: [], location: [], timeLimit: 0)
        control.content = .upgrade(upgrade)
      } else if takeIfPresent("level") != nil {
        control.content = .warning(level: 0, text: [])
      } else {
        control.content = .bytes([])
      }
    }
    switch control.content {
    case .upgrade(var upgrade):
      try nested("upgrade", &upgrade) {
        (mapper: inout FieldMapper, upgrade: inout RemoteUpgrade) throws(FrameTextError) in
        try mapper.upgrade(&upgrade)
      }
      control.content = .upgrade(upgrade)
    case .warning(var level, var text):
      try integer("level", &level)
      try self.text("text", &text, length: nil)
      control.content = .warning(level: level, text: text)
    case .bytes(var bytes):
      if isParsing ? takeIfPresent("parameters_hex") != nil : !bytes.isEmpty {
        try self.bytes("parameters_hex", &bytes)
      }
      control.content = .bytes(bytes)
    }
  }

  private mutating func controlCode(_ code: inout UInt8) throws(FrameTextError) {
    if isParsing {
      guard case .string(let word) = try take("control"),
        let parsed = Words.controls.firstIndex(of: word).map({ UInt8(clamping: $0 + 1) })
          ?? Words.rawCode(word, prefix: "0x")
      else { throw bad("control", "one of \(Words.controls.joined(separator: ", ")), 0xNN") }
      code = parsed
    } else {
      let isNamed = code >= 1 && Int(code) <= Words.controls.count
      put(
        "control",
        .string(isNamed ? Words.controls[Int(code) - 1] : "0x" + Words.hexadecimal(code)))
    }
  }

  private mutating func upgrade(_ upgrade: inout RemoteUpgrade) throws(FrameTextError) {
    try text("dial_name", &upgrade.dialName, length: nil)
    try text("user", &upgrade.user, length: nil)
    try text("password", &upgrade.password, length: nil)
    try bytes("address_hex", &upgrade.address)
    try integer("port", &upgrade.port)
    try text("maker", &upgrade.maker, length: 4)
    try text("hardware_version", &upgrade.hardware, length: 5)
    try text("firmware_version", &upgrade.firmware, length: 5)
    try text("location", &upgrade.location, length: nil)
    try integer("time_limit_min", &upgrade.timeLimit)
  }
}
