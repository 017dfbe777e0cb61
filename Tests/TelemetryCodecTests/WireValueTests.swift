// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers, times, identifiers: exact maps in both directions.

import Foundation
import TelemetryCodec
import Testing

@Suite("Wire numbers")
struct WireValueTests {
  @Test("every raw number of every field survives value and back", arguments: FieldKind.allCases)
  func roundTrip(kind: FieldKind) throws {
    let definition = kind.definition
    let last = definition.allOnes - 2
    let step = max(1, last / 70_000)
    for raw in stride(from: 0, through: last, by: Int(step)) {
      let reading = definition.reading(of: raw)
      let value = try #require(reading.number)
      #expect(definition.raw(of: value) == raw)
      #expect((reading.validValue != nil) == definition.contains(raw))
    }
    #expect(definition.reading(of: definition.allOnes) == .invalid)
    #expect(definition.reading(of: definition.allOnes - 1) == .abnormal)
    #expect(definition.highest < definition.allOnes - 1)
  }

  @Test("values are rounded, not cut off")
  func rounding() throws {
    #expect(try WireValue(.cellVoltage, 3.6996).raw == 3_700)
    #expect(try WireValue(.cellVoltage, 3.6994).raw == 3_699)
    #expect(try WireValue(.packCurrent2016, -0.06).raw == 9_999)
    #expect(try WireValue(.longitude, 121.300_123).raw == 121_300_123)
  }

  @Test("a decoded number is the one its decimal text parses to")
  func exact() {
    #expect(WireValue(.cellVoltage, raw: 3_921).validValue == 3.921)
    #expect(WireValue(.packVoltage2016, raw: 3_445).validValue == 344.5)
    #expect(WireValue(.packCurrent2016, raw: 9_413).validValue == -58.7)
    #expect(WireValue(.stateOfCharge, raw: 72).validValue == 0.72)
    #expect(WireValue(.odometer, raw: 299_568).validValue == 29_956_800)
    #expect(WireValue(.insulationResistance, raw: 11_520).validValue == 11_520_000)
    #expect(WireValue(.temperature, raw: 65).validValue == 298.15)
  }

  @Test("what a field cannot carry is refused or sent as invalid")
  func refused() {
    for value in [Double.nan, .infinity, -.infinity, 65.534, 70, -0.001] {
      #expect(throws: CodecError.valueOutOfRange(.cellVoltage)) {
        try WireValue(.cellVoltage, value)
      }
      #expect(WireValue(.cellVoltage, orInvalid: value).reading == .invalid)
    }
    // Outside the range of the field but inside its width: kept and marked.
    #expect(throws: CodecError.self) { try WireValue(.cellVoltage, 65.5) }
    #expect(WireValue(.cellVoltage, orInvalid: 65.5).reading == .outOfRange(65.5))
  }

  @Test("readings go in and out")
  func readings() throws {
    for reading in [Reading.valid(3.7), .outOfRange(62), .abnormal, .invalid] {
      #expect(try WireValue(.cellVoltage, reading).reading == reading)
    }
    #expect(Reading.outOfRange(62).number == 62)
    #expect(Reading.outOfRange(62).validValue == nil)
    #expect(Reading.abnormal.number == nil)
  }

  @Test("a full pedal without a percentage and the gear bits are told apart")
  func brakeAndGear() {
    #expect(WireValue(.brake, raw: 101).reading == .valid(1.01))
    let gear = Gear(rawValue: 0x9E)
    #expect(gear.position == Gear.drive.position)
    #expect(gear.isBraking && !gear.isDriving && gear.isInvalid)
  }
}

@Suite("Wire time")
struct WireTimeTests {
  @Test("every day of the century agrees with the Gregorian calendar")
  func calendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 8 * 3_600))
    for day in 0..<36_525 {
      let unix = WireTime.firstUnixSeconds + Int64(day) * 86_400 + Int64(day * 7_919 % 86_400)
      let time = try #require(WireTime(unixSeconds: unix))
      #expect(time.unixSeconds == unix)
      guard day.isMultiple(of: 29) else { continue }
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second],
        from: Date(timeIntervalSince1970: Double(unix)))
      #expect(parts.year == 2_000 + Int(time.yearSince2000))
      #expect(parts.month == Int(time.month))
      #expect(parts.day == Int(time.day))
      #expect(parts.hour == Int(time.hour))
      #expect(parts.minute == Int(time.minute))
      #expect(parts.second == Int(time.second))
    }
  }

  @Test("the ends of the range hold and what lies outside has no bytes")
  func ends() {
    #expect(WireTime(unixSeconds: WireTime.firstUnixSeconds)?.unixSeconds == 946_656_000)
    #expect(WireTime(unixSeconds: WireTime.lastUnixSeconds)?.yearSince2000 == 99)
    #expect(WireTime(unixSeconds: WireTime.firstUnixSeconds - 1) == nil)
    #expect(WireTime(unixSeconds: WireTime.lastUnixSeconds + 1) == nil)
    #expect(WireTime(unixSeconds: .min) == nil)
    #expect(WireTime(unixSeconds: .max) == nil)
  }

  @Test(
    "bytes that name no real time give none",
    arguments: [
      [100, 1, 1, 0, 0, 0], [26, 0, 1, 0, 0, 0], [26, 13, 1, 0, 0, 0], [26, 2, 29, 0, 0, 0],
      [24, 2, 30, 0, 0, 0], [26, 4, 31, 0, 0, 0], [26, 1, 0, 0, 0, 0], [26, 1, 1, 24, 0, 0],
      [26, 1, 1, 0, 60, 0], [26, 1, 1, 0, 0, 60], [255, 255, 255, 255, 255, 255],
    ] as [[UInt8]])
  func unreal(bytes: [UInt8]) {
    let time = WireTime(
      yearSince2000: bytes[0], month: bytes[1], day: bytes[2], hour: bytes[3],
      minute: bytes[4], second: bytes[5])
    #expect(time.unixSeconds == nil)
  }
}

@Suite("Identifiers and texts")
struct IdentifierTests {
  @Test("short names are padded and long or foreign ones refused")
  func names() throws {
    let short = try #require(UniqueIdentifier("AB12"))
    #expect(short.bytes.count == 17)
    #expect(short.text == "AB12")
    #expect(UniqueIdentifier(bytes: short.bytes) == short)
    #expect(UniqueIdentifier("123456789012345678") == nil)
    #expect(UniqueIdentifier("Fahrzeug Ä") == nil)
    #expect(UniqueIdentifier(bytes: [1, 2, 3]) == nil)
  }

  @Test("control characters never reach a text")
  func control() throws {
    let bytes = Array("ABC\u{1B}[31m\nxyz\u{0}\u{0}\u{0}\u{0}\u{0}".utf8)
    let name = try #require(UniqueIdentifier(bytes: Array(bytes.prefix(17))))
    #expect(name.text == "ABC?[31m?xyz")
    #expect(WireText.bytes(of: "demo", count: 6) == [0x64, 0x65, 0x6D, 0x6F, 0, 0])
    #expect(WireText.bytes(of: "toolong", count: 6) == nil)
  }
}
