// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// JSON that people write: edits take effect, faults are named.

import FrameText
import TelemetryCodec
import Testing

@Suite("Edited JSON")
struct EditedTextTests {
  static let vehicle =
    "{\"edition\":2025,\"command\":\"realtime\",\"ack\":\"command\",\"vin\":\"XTEST000000000042\","
    + "\"encryption\":\"none\",\"data\":{\"time\":\"2026-03-14T09:26:53+08:00\",\"items\":[{"
    + "\"type\":\"0x05\",\"name\":\"position\",\"fix_valid\":true,\"south\":true,\"west\":false,"
    + "\"crs\":\"WGS84\",\"longitude_deg\":121.5,\"latitude_deg\":-31.25}]}}"

  private func error(_ from: String, _ to: String) -> FrameTextError? {
    let text = Self.vehicle.replacing(from, with: to)
    do throws(FrameTextError) {
      _ = try FrameJSON.parse(text).encoded(using: NoProtection())
      return nil
    } catch { return error }
  }

  @Test("values written by hand are encoded, the sign goes to the status bits")
  func written() throws {
    let bytes = try FrameJSON.parse(Self.vehicle).encoded(using: NoProtection())
    let unit = try Frame(bytes: bytes).decodedUnit()
    guard case .report(let report) = unit, case .position(let position)? = report.items.first
    else {
      Issue.record("no position")
      return
    }
    #expect(position.status == 2)
    #expect(position.longitudeDegrees == 121.5)
    #expect(position.latitudeDegrees == -31.25)
    let spaced = Self.vehicle.replacing(",", with: " ,\n\t").replacing("X", with: "\\u0058")
    #expect(try FrameJSON.parse(spaced).encoded(using: NoProtection()) == bytes)
  }

  @Test("faults name the member and what it must be")
  func faults() {
    let item = "data.items[0]"
    #expect(error("\"west\":false,", "") == .missing(path: "\(item).west"))
    #expect(error("\"crs\"", "\"crz\"") == .missing(path: "\(item).crs"))
    #expect(error("\"west\"", "\"wext\":1,\"west\"") == .unknownMember(path: "\(item).wext"))
    #expect(
      error("121.5", "\"east\"")
        == .badValue(
          path: "\(item).longitude_deg",
          expected: "a number from 0 to 4294.967293, \"abnormal\" or \"invalid\""))
    #expect(error("121.5", "4294.967294")?.code == "bad_value")
    #expect(error("-31.25", "31.25")?.code == "bad_value")
    #expect(
      error("\"crs\"", "\"status_raw\":0,\"crs\"")
        == .contradiction(path: "\(item).status_raw", other: "\(item).fix_valid"))
    #expect(error("2026-", "1999-")?.code == "bad_value")
    #expect(error("\"position\"", "\"engine\"")?.code == "contradiction")
    #expect(error("2025", "2024") == .badValue(path: "edition", expected: "2016 or 2025"))
    #expect(error("}]}}", "}]}") == .notJSON(offset: Self.vehicle.utf8.count - 1))
    #expect(error("\"none\"", "\"AES128\"") == .codec(.protection(.noKey(.aes128))))
    #expect(
      error("{\"edition\"", "{\"error\":\"bcc_mismatch\",\"edition\"") == .errorLine("bcc_mismatch")
    )
    #expect(error("XTEST000000000042", "XTEST0000000000425")?.code == "bad_value")
  }

  @Test("deep nesting and cut texts are errors, never traps")
  func hostile() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: FrameTextError.notJSON(offset: 64)) { try FrameJSON.parse(deep) }
    let bytes = Array(Self.vehicle.utf8)
    for count in bytes.indices {
      #expect(throws: FrameTextError.self) {
        try FrameJSON.parse(String(decoding: bytes[..<count], as: UTF8.self))
      }
    }
  }

  @Test("hexadecimal text may be spaced, and faults have a place")
  func hexadecimal() throws {
    #expect(try Hexadecimal.bytes(of: " 0x23 23:FE-0a,0B\t") == [0x23, 0x23, 0xFE, 0x0A, 0x0B])
    #expect(throws: Hexadecimal.Fault.badCharacter(at: 2)) { try Hexadecimal.bytes(of: "23g3") }
    #expect(throws: Hexadecimal.Fault.oddCount(3)) { try Hexadecimal.bytes(of: "232") }
    #expect(Hexadecimal.text(of: [0, 0xFF, 0x10]) == "00ff10")
  }
}
