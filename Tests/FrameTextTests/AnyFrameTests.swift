// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random and mutated frames: whatever decodes comes back from its JSON.

import FrameText
import TelemetryCodec
import TestSupport
import Testing

@Suite("Any frame as JSON")
struct AnyFrameTests {
  static let timeHex = "1a030e091a35"
  /// One unit for each command and item, both editions.
  static let units: [(Edition, Command, String)] = [
    (
      .edition2016, .vehicleLogin,
      timeHex + "0007" + String(repeating: "38", count: 20)
        + "0203" + "414243" + "44ff00"
    ),
    (
      .edition2025, .vehicleLogin,
      timeHex + "0007" + String(repeating: "38", count: 20)
        + "0201ff" + String(repeating: "50", count: 24)
    ),
    (.edition2016, .vehicleLogout, timeHex + "0007"),
    (.edition2025, .platformLogout, timeHex + "fffe"),
    (.edition2016, .platformLogin, timeHex + "0001" + String(repeating: "61", count: 32) + "03"),
    (.edition2025, .heartbeat, ""), (.edition2016, .timeSynchronisation, ""),
    (
      .edition2025, .activation,
      timeHex + String(repeating: "31", count: 16) + "0002abcd"
        + String(repeating: "56", count: 17) + "01" + "000101" + "000102"
    ),
    (.edition2025, .activationResult, "0203"),
    (.edition2025, .keyExchange, "05" + "0003010203" + timeHex + "ffffffffffff"),
    (.edition2016, .parameterQuery, timeHex + "03010277"),
    (.edition2016, .parameterQuery, timeHex + "ff"),
    (
      .edition2025, .parameterSetting,
      timeHex + "05" + "0905" + "0402" + "056162" + "0afffe"
        + "5501"
    ),
    (.edition2016, .parameterSetting, timeHex + "03" + "02ffff" + "074857ff3031" + "10fe"),
    (.edition2025, .terminalControl, timeHex + "0602c8c8"),
    (
      .edition2016, .terminalControl,
      timeHex + "01"
        + "61706e3b753b703b0000c03b02013b3b3b3b6d616b653b48573030313b46573030323b6674703a2f2f782f663b000a"
    ),
    (.edition2016, .terminalControl, timeHex + "81abcd"),
    (.edition2025, Command(rawValue: 0xC0), "010203"),
    // Reserved ones: 09 of 2016 is one, too.
    (.edition2016, Command(rawValue: 0x09), "ff"), (.edition2016, Command(rawValue: 0x0C), ""),
    (.edition2025, Command(rawValue: 0x7F), "0a0b"), (.edition2016, Command(rawValue: 0xBF), "01"),
    (
      .edition2016, .realTimeReport,
      timeHex
        + "01" + "010301" + "0457" + "0001e240" + "0e10" + "ffff" + "50" + "01" + "5f" + "fffe"
        + "4a65"
        + "02" + "01" + "0101" + "3c" + "4e84" + "4e20" + "41" + "0e10" + "2774"
        + "03" + "0db1" + "04b4" + "0062" + "0003" + "5a5bfe" + "0354" + "02" + "04b0" + "01"
        + "015e" + "04" + "01"
        + "04" + "01" + "0abe" + "028c"
        + "05" + "fe" + "073ae49b" + "01dc14c8"
        + "06" + "01020e7401030da501043c01053a"
        + "07" + "02" + "80000801" + "01" + "000004d2" + "fe" + "00" + "ff"
        + "08" + "01" + "01" + "0e10" + "2710" + "0003" + "0001" + "03" + "0e10" + "ffff" + "fffe"
        + "09" + "01" + "01" + "0002" + "41ff"
        + "80" + "0003010203" + "0a0102"
    ),
    (
      .edition2025, .reissuedReport,
      timeHex
        + "01" + "010301" + "0bb9" + "000f423f" + "ea61" + "7530" + "65" + "04" + "c0" + "0001"
        + "02" + "02" + "015a" + "0100" + "0003" + "0d40" + "3e80"
        + "0203fe" + "ffff" + "00000000" + "ff"
        + "03" + "03e8" + "02" + "0064" + "01" + "015e" + "04" + "03" + "64" + "5a"
        + "04" + "0abe"
        + "05" + "07" + "02" + "073ae49b" + "01dc14c8"
        + "06" + "04" + "90800001" + "00" + "00" + "00" + "00" + "02" + "1704" + "0001"
        + "07" + "01" + "01" + "0e10" + "7530" + "0002" + "0e10" + "ee48"
        + "08" + "02" + "01" + "ffff" + "02" + "0001" + "41"
        + "30" + "01" + "01" + "0db1" + "04b4" + "0bb8" + "03e7" + "5a" + "0001" + "7d"
        + "31" + "01" + "0e10" + "7530" + "0001" + "0a8c" + "0001" + "41"
        + "32" + "010002" + "0a8c" + "010003" + "0a28" + "010001" + "43" + "010002" + "40"
        + "90" + "0000" + "ff" + "01" + "0002abcd" + "0001ef"
    ),
  ]

  private func check(_ frame: Frame) throws -> Bool {
    guard let unit = try? frame.decodedUnit() else { return false }
    let text = try FrameJSON.render(frame, unit: unit).text
    let bytes = try FrameJSON.parse(text).encoded(using: NoProtection())
    #expect(try bytes == frame.encoded(), "\(text)")
    return true
  }

  @Test("one frame of every command and item comes back", arguments: units.indices)
  func everyKind(index: Int) throws {
    let (edition, command, hex) = Self.units[index]
    let frame = Frame(
      edition: edition, command: command, identifier: try #require(UniqueIdentifier("VIN")),
      unit: try Hexadecimal.bytes(of: hex))
    #expect(try check(frame))
  }

  @Test("answers, ciphertext and identifiers that do not print come back")
  func headers() throws {
    var bytes = [UInt8](repeating: 0x41, count: 17)
    bytes[3] = 0xC8
    bytes[9] = 0
    let odd = try #require(UniqueIdentifier(bytes: bytes))
    let time = try Hexadecimal.bytes(of: Self.timeHex)
    for unit in [[], time, time + [1, 2, 3], [1, 2]] {
      for command in [Command.heartbeat, .parameterQuery, .realTimeReport] {
        var frame = Frame(
          edition: .edition2025, command: command, acknowledgement: .signatureFailure,
          identifier: odd, unit: unit)
        #expect(try check(frame))
        for code: UInt8 in [2, 3, 4, 5, 0xFE, 0xFF] {
          frame.encryption = Encryption(rawValue: code)
          #expect(try check(frame))
        }
      }
    }
    let answer = Frame(
      edition: .edition2016, command: .parameterQuery, acknowledgement: .success, identifier: odd,
      unit: time + [1, 9, 60])
    #expect(try check(answer))
    #expect(try FrameJSON.render(answer)["data"]?["parameters"] != nil)
  }

  @Test("mutated frames that still decode come back")
  func mutated() throws {
    var random = Seeded(43)
    let name = try #require(UniqueIdentifier("XTEST000000000042"))
    var survivors = 0
    for _ in 0..<1_500 {
      let (edition, command, hex) = Self.units[Int.random(in: 0..<Self.units.count, using: &random)]
      var unit = try Hexadecimal.bytes(of: hex)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !unit.isEmpty {
        let special: [UInt8] = [0, 1, 0xFE, 0xFF, UInt8.random(in: 0...255, using: &random)]
        unit[Int.random(in: 0..<unit.count, using: &random)] =
          special[Int.random(in: 0..<5, using: &random)]
      }
      let frame = Frame(edition: edition, command: command, identifier: name, unit: unit)
      if try check(frame) { survivors += 1 }
    }
    #expect(survivors > 500)
  }
}
