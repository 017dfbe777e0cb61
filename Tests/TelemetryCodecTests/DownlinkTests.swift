// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameters and control: typed, both editions, identical bytes, refused lies.

import TelemetryCodec
import Testing

@Suite("Downlink")
struct DownlinkTests {
  static let time = WireTime(
    yearSince2000: 26, month: 3, day: 14, hour: 9, minute: 26, second: 53)
  static let timeHex = "1a030e091a35"

  private func frame(
    _ unitHex: String, _ command: Command, _ edition: Edition,
    _ acknowledgement: Acknowledgement = .request
  ) throws -> Frame {
    let name = try #require(UniqueIdentifier("XTEST000000000042"))
    return Frame(
      edition: edition, command: command, acknowledgement: acknowledgement, identifier: name,
      unit: bytes(hex: unitHex))
  }

  @Test("a query names its parameters", arguments: Edition.allCases)
  func query(edition: Edition) throws {
    let frame = try frame(Self.timeHex + "03010209", .parameterQuery, edition)
    let unit = try frame.decodedUnit()
    #expect(
      unit == .parameterQuery(ParameterQuery(time: Self.time, identifiers: Counted([1, 2, 9]))))
    #expect(try unit.encoded(for: edition) == frame.unit)
    let short = try self.frame(Self.timeHex + "0301", .parameterQuery, edition)
    #expect(throws: CodecError.unitTruncated(offset: 7, needed: 3, found: 1)) {
      try short.decodedUnit()
    }
    let long = try self.frame(Self.timeHex + "010102", .parameterQuery, edition)
    #expect(throws: CodecError.trailingBytes(count: 1)) { try long.decodedUnit() }
  }

  @Test("every parameter of both editions is set and told in an answer")
  func parameters() throws {
    let head16 = "01ea60" + "020258" + "03ea60"
    let head25 = "01ea60" + "021e" + "0301"
    let tail =
      "0403" + "05616263" + "0622b8" + "074857303031" + "084657303032" + "093c" + "0a001e"
      + "0b003c" + "0c1e" + "0d02" + "0e7a7a" + "0f1f90" + "1001"
    for (edition, head) in [(Edition.edition2016, head16), (.edition2025, head25)] {
      for (command, flag) in [
        (Command.parameterSetting, Acknowledgement.request), (.parameterQuery, .success),
      ] {
        let frame = try frame(Self.timeHex + "10" + head + tail, command, edition, flag)
        let unit = try frame.decodedUnit()
        guard case .parameters(let list) = unit else {
          Issue.record("not a parameter list")
          continue
        }
        #expect(list.parameters.map(\.identifier) == Array(1...16))
        #expect(list.parameters[0].value == .word(60_000))
        #expect(list.parameters[1].value == (edition == .edition2016 ? .word(600) : .byte(30)))
        #expect(list.parameters[4].value == .text(Array("abc".utf8)))
        #expect(list.parameters[13].value == .text(Array("zz".utf8)))
        #expect(list.opaqueRest.isEmpty)
        #expect(try unit.encoded(for: edition) == frame.unit)
      }
    }
  }

  @Test("an unknown parameter, or a domain without its length, keeps the rest as bytes")
  func unknownParameters() throws {
    for rest in ["55010203", "05616263"] {
      let frame = try frame(Self.timeHex + "02093c" + rest, .parameterSetting, .edition2025)
      let unit = try frame.decodedUnit()
      guard case .parameters(let list) = unit else {
        Issue.record("not a parameter list")
        continue
      }
      #expect(list.parameters == [Parameter(identifier: 9, value: .byte(60))])
      #expect(list.opaqueRest == bytes(hex: rest))
      #expect(try unit.encoded(for: .edition2025) == frame.unit)
    }
  }

  @Test("a list that lies about its count or a domain about its length is refused")
  func lies() throws {
    let domain = Parameter(identifier: 5, value: .text([1, 2]))
    let length = Parameter(identifier: 4, value: .byte(3))
    #expect(throws: CodecError.wrongLength(found: 2, expected: 3)) {
      try DataUnit.parameters(ParameterList(time: Self.time, parameters: [length, domain]))
        .encoded(for: .edition2016)
    }
    #expect(throws: CodecError.countMismatch(count: 2, elements: 1)) {
      try DataUnit.parameters(ParameterList(time: Self.time, parameters: [length], count: 2))
        .encoded(for: .edition2016)
    }
    #expect(throws: CodecError.notInEdition(.edition2025)) {
      let period = Parameter(identifier: 2, value: .word(30))
      return try DataUnit.parameters(ParameterList(time: Self.time, parameters: [period]))
        .encoded(for: .edition2025)
    }
  }

  @Test("control commands carry their content", arguments: Edition.allCases)
  func control(edition: Edition) throws {
    let reset = try frame(Self.timeHex + "03", .terminalControl, edition)
    #expect(
      try reset.decodedUnit() == .terminalControl(TerminalControl(time: Self.time, command: 3)))
    let warning = try frame(Self.timeHex + "0602c8c8", .terminalControl, edition)
    #expect(
      try warning.decodedUnit()
        == .terminalControl(
          TerminalControl(
            time: Self.time, command: 6, content: .warning(level: 2, text: [0xC8, 0xC8]))))
    // The address and the port hold semicolons (3b) on purpose.
    let fields =
      "61706e3b" + "753b" + "703b" + "0000c03b02013b" + "3b3b3b" + "6d616b653b" + "48573030313b"
      + "46573030323b" + "6674703a2f2f782f663b" + "000a"
    let upgrade = try frame(Self.timeHex + "01" + fields, .terminalControl, edition)
    let unit = try upgrade.decodedUnit()
    guard case .terminalControl(let control) = unit, case .upgrade(let source) = control.content
    else {
      Issue.record("not an upgrade")
      return
    }
    #expect(source.port == 0x3B3B)
    #expect(source.address == [0, 0, 0xC0, 0x3B, 2, 1])
    #expect(WireText.text(of: source.location) == "ftp://x/f")
    #expect(source.timeLimit == 10)
    let odd = try frame(Self.timeHex + "01" + "abcdef", .terminalControl, edition)
    #expect(
      try odd.decodedUnit()
        == .terminalControl(
          TerminalControl(time: Self.time, command: 1, content: .bytes([0xAB, 0xCD, 0xEF]))))
    for sample in [reset, warning, upgrade, odd] {
      #expect(try sample.decodedUnit().encoded(for: edition) == sample.unit)
    }
    #expect(throws: CodecError.badControl(2)) {
      try DataUnit.terminalControl(
        TerminalControl(time: Self.time, command: 2, content: .warning(level: 1, text: []))
      ).encoded(for: edition)
    }
  }
}
