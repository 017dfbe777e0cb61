// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne store`: what people and scripts see, with exit codes.

import Foundation
import GRDB
import TelemetryStore
import TestSupport
import Testing

@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: Program.executable.path),
    "the program is not beside the tests"))
struct StoreCommandTests {
  private func fill(_ folder: URL) async throws {
    let store = try TelemetryStore(folder: folder)
    _ = try await store.append(
      (0..<40).map { try report(at: 1_700_000_000 + Int64($0), current: Double($0)) })
    try await store.close()
  }

  @Test func `a store is compacted, checked, copied, restored and exported`() async throws {
    let folder = try TemporaryFolder()
    let store = folder.url.appending(path: "store")
    try await fill(store)
    let compact = try Program.run(["store", "compact", store.path, "--json"])
    #expect(compact.status == 0 && compact.output.contains("\"frames\":40"), "\(compact.errors)")
    let verify = try Program.run(["store", "verify", store.path])
    #expect(verify.status == 0 && verify.output.contains("whole"), "\(verify.errors)")
    let copy = folder.url.appending(path: "copy").path
    #expect(try Program.run(["store", "backup", store.path, copy]).status == 0)
    #expect(try Program.run(["store", "backup", store.path, copy]).status == 73)
    #expect(try Program.run(["store", "backup", "/nonexistent", copy + "2"]).status == 66)
    let back = folder.url.appending(path: "back").path
    #expect(try Program.run(["store", "restore", copy, back]).status == 0)
    let file = folder.url.appending(path: "car.csv.gz").path
    let export = try Program.run(
      ["store", "export", back, file, "--vehicle", "VIN00000000000001"])
    #expect(export.status == 0 && export.output.contains("40 rows"), "\(export.errors)")
    #expect(
      try Program.run(["store", "export", back, file, "--vehicle", "nobody"]).status == 66)
  }

  @Test func `damage gives exit code 65 and names the place`() async throws {
    let folder = try TemporaryFolder()
    let store = folder.url.appending(path: "store")
    try await fill(store)
    #expect(try Program.run(["store", "compact", store.path]).status == 0)
    let blocks = store.appending(path: "blocks")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: blocks.path).first)
    var bytes = try Data(contentsOf: blocks.appending(path: name))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: blocks.appending(path: name))
    let verify = try Program.run(["store", "verify", store.path, "--json"])
    #expect(verify.status == 65 && verify.output.contains("blocks/\(name)"))
    #expect(verify.output.contains("\"lostFrames\":40"))
    let saved = folder.url.appending(path: "saved").path
    let salvage = try Program.run(["store", "restore", "--salvage", store.path, saved])
    #expect(salvage.status == 65 && salvage.errors.contains("left out"), "\(salvage.errors)")
    #expect(try Program.run(["store", "verify", saved]).status == 0)
    #expect(
      try Program.run(["store", "compact", saved, "--keep-days", "9000000000000000"]).status == 64)
    #expect(try Program.run(["store", "verify", "/nonexistent"]).status == 66)
    // Another process has it open; a newer version wrote it.
    let open = try TelemetryStore(folder: URL(fileURLWithPath: saved))
    #expect(try Program.run(["store", "compact", saved]).status == 69)
    try await open.close()
    let index = try DatabaseQueue(path: saved + "/telemetry.sqlite")
    try await index.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations(identifier) VALUES ('99 from the future')")
    }
    try index.close()
    #expect(try Program.run(["store", "verify", saved]).status == 76)
    #expect(try Program.run(["store", "compact", saved]).status == 76)
  }
}
