// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The header of a frame and what its data unit is shown as.

import TelemetryCodec

extension FieldMapper {
  mutating func frame(_ parts: inout FrameParts) throws(FrameTextError) {
    if !isParsing { put("edition", .integer(edition.year)) }
    try command(&parts.frame)
    try acknowledgement(&parts.frame)
    try identifier("vin", &parts.frame.identifier)
    try encryption("encryption", &parts.frame.encryption)
    if isParsing { return try parseUnit(&parts) }
    put("data_length", .integer(parts.frame.unit.count))
    let check: [UInt8]
    do throws(CodecError) {
      check = try parts.frame.encoded().suffix(1)
    } catch { throw .codec(error) }
    put("bcc", .string(check.map(Words.hexadecimal).joined()))
    if parts.frame.encryption != .none {
      put("data_hex", .string(Hexadecimal.text(of: parts.frame.unit)))
    }
    if var unit = parts.unit {
      try nested("data", &unit) {
        (mapper: inout FieldMapper, unit: inout DataUnit) throws(FrameTextError) in
        try mapper.unit(&unit)
      }
    }
  }

  private mutating func parseUnit(_ parts: inout FrameParts) throws(FrameTextError) {
    if parts.frame.encryption != .none {
      if takeIfPresent("data_hex") != nil {
        try bytes("data_hex", &parts.frame.unit)
        parts.hasCiphertext = true
      }
      if takeIfPresent("data") == nil {
        guard parts.hasCiphertext else { throw .missing(path: path(of: "data")) }
        return
      }
    }
    var unit = Blanks.unit(
      parts.frame.command, isAnswer: parts.frame.isAnswer, edition: edition,
      identifier: parts.frame.identifier)
    // The answer to a query lists parameters where they were readable.
    if parts.frame.isAnswer, parts.frame.command == .parameterQuery,
      takeIfPresent("data")?["parameters"] != nil
    {
      unit = .parameters(ParameterList(time: Blanks.time, parameters: []))
    }
    try nested("data", &unit) {
      (mapper: inout FieldMapper, unit: inout DataUnit) throws(FrameTextError) in
      try mapper.unit(&unit)
    }
    parts.unit = unit
  }

  private mutating func command(_ frame: inout Frame) throws(FrameTextError) {
    if !isParsing {
      let name = Words.commands.first { $0.0 == frame.command }?.1
      put(
        "command",
        .string(name ?? "0x" + Words.hexadecimal(frame.command.rawValue).lowercased()))
      return
    }
    guard case .string(let word) = try take("command") else { throw bad("command", "a word") }
    if let known = Words.commands.first(where: { $0.1 == word }) {
      frame.command = known.0
    } else if let command = Words.rawCode(word, prefix: "0x").map(Command.init(rawValue:)),
      command.isPlausible || command.isReserved
    {
      frame.command = command
    } else {
      throw bad(
        "command", "one of \(Words.commands.map(\.1).joined(separator: ", ")), 0x0c to 0xfe")
    }
  }

  private mutating func acknowledgement(_ frame: inout Frame) throws(FrameTextError) {
    if !isParsing {
      let name = Words.acknowledgements.first { $0.0 == frame.acknowledgement }?.1
      put("ack", .string(name ?? Words.undefined(frame.acknowledgement.rawValue)))
      return
    }
    guard case .string(let word) = try take("ack"),
      let known = Words.acknowledgements.first(where: { $0.1 == word })
    else {
      throw bad("ack", "one of \(Words.acknowledgements.map(\.1).joined(separator: ", "))")
    }
    frame.acknowledgement = known.0
  }
}
