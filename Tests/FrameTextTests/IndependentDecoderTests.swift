// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Agreement, number by number, with the independent decoder rtm_con.

import Foundation
import FrameText
import TelemetryCodec
import TestSupport
import Testing

@Suite("Independent decoder")
struct IndependentDecoderTests {
  /// Members that are no numbers there: states, flags, and what only one side shows.
  static let others: Set<String> = [
    "type", "name", "vehicle_state", "charge_state", "run_mode", "dcdc", "gear", "state", "crs",
    "fix_valid", "south", "west", "status_raw", "flags_raw", "flags", "reserved_bits_set",
    "general_levels",
  ]

  private func numbers(_ node: JSONNode, isCode: Bool, into list: inout [JSONValue]) {
    switch node {
    case .number(let text): list.append(.number(Double(text) ?? .nan))
    case .string(let text):
      list.append(
        isCode ? .number(Double(UInt32(text, radix: 16) ?? 0)) : .string(text))
    case .array(let values):
      for value in values { numbers(value, isCode: isCode, into: &list) }
    case .object(let members):
      for member in members where !Self.others.contains(member.name) {
        numbers(member.value, isCode: member.name.hasSuffix("faults"), into: &list)
      }
    default: break
    }
  }

  @Test("every number of 60 random reports equals that of rtm_con, its one known error mended")
  func agreement() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Resources/rtm-con.json")
    let fixture = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file))
    var count = 0
    for entry in try #require(fixture["frames"]?.array) {
      let bytes = try Hexadecimal.bytes(of: try #require(entry["hex"]?.string))
      let node = try FrameJSON.render(try Frame(bytes: bytes))
      guard case .array(var items)? = node["data"]?["items"],
        case .array(let expected)? = entry["numbers"]
      else {
        Issue.record("no items")
        continue
      }
      items.removeAll { $0["name"] == .string("signature") }
      #expect(items.count == expected.count)
      for (item, wanted) in zip(items, expected) {
        var list: [JSONValue] = []
        numbers(item, isCode: false, into: &list)
        #expect(JSONValue.array(list) == wanted, "\(item["name"] ?? .null)")
        count += list.count
      }
    }
    #expect(count > 8_000)
  }

  /// What a data unit says, in wire order, as rtm_con tells it.
  private func texts(_ unit: DataUnit) -> [String] {
    func time(_ time: WireTime) -> String { time.unixSeconds.map { "\($0)" } ?? "none" }
    func hex(_ bytes: [UInt8]) -> String { Hexadecimal.text(of: bytes) }
    switch unit {
    case .vehicleLogin(let login):
      return [time(login.time), "\(login.serial)", WireText.text(of: login.simCard)]
        + login.batteryCodes
    case .logout(let logout): return [time(logout.time), "\(logout.serial)"]
    case .platformLogin(let login):
      return [
        time(login.time), "\(login.serial)", WireText.text(of: login.user),
        WireText.text(of: login.password), "\(login.encryption.rawValue)",
      ]
    case .activation(let request):
      let signature = request.signature
      return [
        time(request.time), WireText.text(of: request.chip), hex(request.publicKey),
        request.vehicle.text, "\(signature.algorithm)", hex(signature.r), hex(signature.s),
      ]
    case .activationResult(let result): return ["\(result.status)", "\(result.information)"]
    case .keyExchange(let exchange):
      return [
        "\(exchange.encryption.rawValue)", hex(exchange.key), time(exchange.validFrom),
        time(exchange.validUntil),
      ]
    default: return ["another unit"]
    }
  }

  @Test("logins, logouts, activations and keys say what rtm_con reads, in both editions")
  func commands() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Resources/rtm-con.json")
    let fixture = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file))
    var seen: Set<[UInt8]> = []
    for entry in try #require(fixture["others"]?.array) {
      let bytes = try Hexadecimal.bytes(of: try #require(entry["hex"]?.string))
      let frame = try Frame(bytes: bytes)
      let wanted = try #require(entry["texts"]?.array).compactMap(\.string)
      #expect(texts(try frame.decodedUnit()) == wanted)
      #expect(try frame.decodedUnit().encoded(for: frame.edition) == frame.unit)
      seen.insert(Array(bytes.prefix(3)))
    }
    // Four commands of 2016, seven of 2025.
    #expect(seen.count == 11)
  }
}
