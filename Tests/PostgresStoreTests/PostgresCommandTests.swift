// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne store` on a database: what people and scripts see, with exit codes.

import Foundation
import PostgresStore
import TelemetryStore
import TestSupport
import Testing

@Suite(
  .enabled(
    if: isInstalled && FileManager.default.isExecutableFile(atPath: Program.executable.path),
    "no PostgreSQL server, or the program is not beside the tests"))
struct PostgresCommandTests {
  @Test func `a database is made ready, compacted, checked and exported`() async throws {
    let cluster = try #require(PostgresCluster.shared)
    let name = "fleet_" + UUID().uuidString.prefix(8).lowercased()
    _ = try cluster.query("CREATE DATABASE \(name)")
    let address = cluster.address(name)
    #expect(try Program.run(["store", "verify", address]).status == 66)
    let made = try Program.run(["store", "init", address])
    #expect(made.status == 0 && made.output.contains("ready, 0 vehicles"), "\(made.errors)")
    let store = try TelemetryStore(at: StoreLocation(address))
    _ = try await store.append((0..<40).map { frame(at: 1_700_000_000 + Int64($0)) })
    try await store.close()
    let compact = try Program.run(["store", "compact", address, "--json"])
    #expect(compact.status == 0 && compact.output.contains("\"frames\":40"), "\(compact.errors)")
    let verify = try Program.run(["store", "verify", address])
    #expect(verify.status == 0 && verify.output.contains("whole"), "\(verify.errors)")
    let file = FileManager.default.temporaryDirectory.appending(path: "\(name).csv").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let export = try Program.run(
      ["store", "export", address, file, "--vehicle", "VIN00000000000001"])
    #expect(export.status == 0, "\(export.errors)")
    #expect(
      try Program.run(["store", "export", address, file, "--vehicle", "nobody"]).status == 66)
    #expect(try Program.run(["store", "backup", address, "/tmp/nowhere"]).status == 64)
    _ = try cluster.query(
      "UPDATE anodyne.block SET data = set_byte(data, length(data) - 2, 255 - get_byte(data, "
        + "length(data) - 2))", database: name)
    let damaged = try Program.run(["store", "verify", address, "--json"])
    #expect(damaged.status == 65 && damaged.output.contains("\"lostFrames\":40"), "\(damaged)")
  }

  @Test func `an unreachable database gives exit code 69 and no password`() throws {
    let outcome = try Program.run(["store", "init", "postgres://me:geheim@127.0.0.1:1/fleet"])
    #expect(outcome.status == 69 && !outcome.errors.contains("geheim"), "\(outcome.errors)")
    #expect(outcome.errors.contains("does not answer"))
  }
}
