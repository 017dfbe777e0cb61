// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sessions and reports built here: round trips, answers, refused encodings.

import TelemetryCodec
import TestSupport
import Testing

@Suite("Encoding")
struct EncodingTests {
  let time = WireTime(
    yearSince2000: 26, month: 3, day: 14, hour: 9, minute: 26, second: 53)

  private func roundTrip(_ unit: DataUnit, _ command: Command, _ edition: Edition) throws {
    let name = try #require(UniqueIdentifier("XTEST000000000042"))
    let frame = try Frame(edition: edition, command: command, identifier: name, unit: unit)
    let again = try Frame(bytes: frame.encoded())
    #expect(again == frame)
    #expect(try again.decodedUnit() == unit)
  }

  @Test("session units of both editions come back as they went")
  func sessions() throws {
    let card = try #require(WireText.bytes(of: "89860000000000000001", count: 20))
    let code = try #require(WireText.bytes(of: "XPACKCODE01", count: 24))
    let login = VehicleLogin(
      time: time, serial: 7, simCard: card,
      batteries: .subsystems(count: 2, codeLength: 24, codes: [code, code]))
    #expect(login.batteryCodes == ["XPACKCODE01", "XPACKCODE01"])
    try roundTrip(.vehicleLogin(login), .vehicleLogin, .edition2016)
    for edition in Edition.allCases {
      try roundTrip(.logout(Logout(time: time, serial: 7)), .vehicleLogout, edition)
      try roundTrip(.empty, .heartbeat, edition)
      try roundTrip(.opaque([1, 2, 3]), Command(rawValue: 0xC0), edition)
    }
    let packs = Counted([Counted([code]), Counted([code, code]), Counted<[UInt8]>([])])
    try roundTrip(
      .vehicleLogin(
        VehicleLogin(time: time, serial: 65_531, simCard: card, batteries: .packs(packs))),
      .vehicleLogin, .edition2025)
    try roundTrip(
      .keyExchange(
        KeyExchange(encryption: .sm4, key: [1, 2, 3], validFrom: time, validUntil: time)),
      .keyExchange, .edition2025)
  }

  @Test("an answer carries header, flag and time only, and is no request")
  func answers() throws {
    var random = Seeded(1)
    let frame = SampleFrames.report(cells: 10, using: &random)
    let answer = frame.answer(.success)
    #expect(answer.isAnswer && !frame.isAnswer)
    #expect(answer.unit == Array(frame.unit.prefix(6)))
    #expect(answer.identifier == frame.identifier && answer.command == frame.command)
    #expect(try Frame(bytes: answer.encoded()).decodedUnit() == .answer(time: frame.time, rest: []))
    let beat = Frame(
      edition: .edition2025, command: .heartbeat, identifier: frame.identifier)
    #expect(beat.answer(.success).unit.isEmpty)
    #expect(beat.answer(.success).edition == .edition2025)
    let clock = Frame(
      edition: .edition2016, command: .timeSynchronisation, identifier: frame.identifier)
    #expect(clock.answer(.success, time: time).time == time)
    var secret = frame
    secret.encryption = .aes128
    #expect(secret.answer(.decryptionFailure).unit.isEmpty)
  }

  @Test("counts that lie, wrong fields, lengths and editions are refused")
  func refused() throws {
    func error(_ item: ReportItem, _ edition: Edition = .edition2016) -> CodecError? {
      do throws(CodecError) {
        _ = try DataUnit.report(Report(time: time, items: [item])).encoded(for: edition)
        return nil
      } catch { return error }
    }
    var group = CellVoltageGroup(voltage: 300, current: 0, total: 3, cellVoltages: [3, 3, 3])
    group.cells = Counted(rawCount: 4, elements: group.cells.elements)
    #expect(error(.cellVoltages(Counted([group]))) == .countMismatch(count: 4, elements: 3))
    group.cells = Counted(rawCount: 0xFE, elements: group.cells.elements)
    #expect(error(.cellVoltages(Counted([group]))) == .countMismatch(count: 0xFE, elements: 3))
    group.cells = Counted(rawCount: 0xFE, elements: [])
    #expect(error(.cellVoltages(Counted([group]))) == nil)
    group.cells = Counted(Array(repeating: 3_000, count: 254))
    #expect(
      error(.cellVoltages(Counted([group]))) == .listTooLong(elements: 254, limit: 253))
    #expect(error(.cellVoltages(Counted([group])), .edition2025) == .notInEdition(.edition2025))
    #expect(
      error(.vehicle(VehicleData(edition: .edition2016)), .edition2025)
        == .wrongField(found: .speed2016, expected: .speed2025))
    #expect(error(.custom(type: 0x0A, bytes: [])) == .badCustomType(0x0A))
    #expect(
      error(.signature(SignatureBlock(algorithm: 1, r: [], s: []))) == .notInEdition(.edition2016))
    let login = VehicleLogin(
      time: time, serial: 1, simCard: [1],
      batteries: .subsystems(count: 0, codeLength: 0, codes: []))
    #expect(throws: CodecError.wrongLength(found: 1, expected: 20)) {
      try DataUnit.vehicleLogin(login).encoded(for: .edition2016)
    }
    #expect(throws: CodecError.unitTooLong(length: 65_532, limit: 65_531)) {
      try Frame(
        edition: .edition2016, command: .heartbeat,
        identifier: try #require(UniqueIdentifier("X")),
        unit: Array(repeating: 0, count: 65_532)
      ).encoded()
    }
  }

  @Test("an unknown item keeps the rest of the unit as bytes")
  func unknown() throws {
    var random = Seeded(2)
    var frame = SampleFrames.report(cells: 4, using: &random)
    frame.unit += [0x0A, 1, 2, 3]
    guard case .report(let report) = try frame.decodedUnit() else {
      Issue.record("not a report")
      return
    }
    #expect(report.opaqueRest == [0x0A, 1, 2, 3])
    #expect(!report.isComplete)
    #expect(report.items.count == 4)
    #expect(try DataUnit.report(report).encoded(for: .edition2016) == frame.unit)
    let lie = Report(time: report.time, items: [], opaqueRest: [0x01, 0])
    #expect(throws: CodecError.badCustomType(1)) {
      try DataUnit.report(lie).encoded(for: .edition2016)
    }
  }

  @Test("an item type means another thing in the other edition")
  func editions() throws {
    let alarm = ReportItem.alarms(AlarmData(level: 3, flags: [.insulation], edition: .edition2025))
    #expect(try alarm.type(in: .edition2016) == 7)
    #expect(try alarm.type(in: .edition2025) == 6)
    try roundTrip(
      .report(Report(time: time, items: [alarm])), .realTimeReport, .edition2025)
    #expect(AlarmFlags.defined(in: .edition2016).contains(.packOvercharge))
    #expect(!AlarmFlags.defined(in: .edition2016).contains(.batteryThermalEvent))
  }
}
