// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The quarantine's files: what is in them, how they turn, and what happens when they cannot.

import Foundation
import FrameCryptography
import TelemetryCodec
import TelemetryGateway
import TestSupport
import Testing

@Suite struct QuarantineTests {
  private func record(_ number: Int, bytes: [UInt8] = [0x23, 0x23, 0xFF]) -> QuarantineRecord {
    QuarantineRecord(
      time: Double(start) + Double(number), address: "192.0.2.1", reason: "malformed",
      detail: "item_truncated", bytes: bytes)
  }

  private func lines(_ file: URL) throws -> [JSONValue] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
    }
  }

  @Test func `a record is one line of JSON that a person can decode again`() throws {
    let folder = try TemporaryFolder()
    let quarantine = FileQuarantine(folder: folder.url)
    quarantine.add(record(0))
    let line = try #require(try lines(quarantine.file).first)
    #expect(line["time"]?.string == "2019-04-15T09:42:30Z")
    #expect(line["reason"]?.string == "malformed")
    #expect(line["detail"]?.string == "item_truncated")
    #expect(line["hex"]?.string == "2323ff")
    let mode =
      try FileManager.default.attributesOfItem(atPath: quarantine.file.path)[
        .posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `files turn when they are full, the oldest go, and a restart goes on`() throws {
    let folder = try TemporaryFolder()
    let quarantine = FileQuarantine(
      folder: folder.url, fileLimit: 600, fileCount: 3, recordsPerSecond: 1e6)
    for number in 0..<40 { quarantine.add(record(number)) }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(names == ["quarantine.1.jsonl", "quarantine.2.jsonl", "quarantine.jsonl"])
    for name in names {
      let size = try Data(contentsOf: folder.url.appending(path: name)).count
      #expect(size > 0 && size <= 600)
    }
    #expect(try lines(quarantine.file).last?["time"]?.string == "2019-04-15T09:43:09Z")
    let before = try lines(quarantine.file).count
    let again = FileQuarantine(folder: folder.url, fileLimit: 6_000)
    again.add(record(40))
    #expect(try lines(quarantine.file).count == before + 1)
  }

  @Test func `records beyond the rate and on a broken disk are dropped and counted`() throws {
    let folder = try TemporaryFolder()
    let quarantine = FileQuarantine(folder: folder.url, recordsPerSecond: 1)
    for _ in 0..<15 { quarantine.add(record(0)) }
    #expect(quarantine.counts == (10, 5))
    let file = folder.url.appending(path: "file")
    try Data().write(to: file)
    let nowhere = FileQuarantine(folder: file)
    nowhere.add(record(0))
    #expect(nowhere.counts == (0, 1))
  }

  @Test func `with a seal neither VIN nor bytes can be read without the key`() throws {
    let folder = try TemporaryFolder()
    let seal = try FrameSeal(masterKey: Array(repeating: 5, count: 32))
    let quarantine = FileQuarantine(folder: folder.url, seal: seal)
    let frame = try report(at: start).encoded()
    quarantine.add(record(0, bytes: frame))
    let text = try String(contentsOf: quarantine.file, encoding: .utf8)
    #expect(!text.contains(Digest.hexadecimal(Array(vin.utf8))))
    let line = try #require(try lines(quarantine.file).first)
    let sealed = try #require(Digest.bytes(hexadecimal: line["sealed"]?.string ?? ""))
    #expect(seal.open(sealed)?.unit == frame)
  }
}
