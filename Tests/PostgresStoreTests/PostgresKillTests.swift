// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Writers, servers and primaries are killed at random points; the long form is `make torture`.

import Foundation
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: isInstalled, absence)) struct PostgresKillTests {
  private static let program = Program.executable.deletingLastPathComponent()
    .appending(path: "StoreWorkbench")
  private static let isThere = FileManager.default.isExecutableFile(atPath: program.path)

  private func torture(_ arguments: [String]) throws -> Program.Outcome {
    // Other tests keep the machine busy: the time to restart is judged by the long form.
    try Program.run(
      Self.program, ["pgtorture", "--longest", "150", "--restart-limit", "120"] + arguments)
  }

  @Test(
    .enabled(if: isThere, "StoreWorkbench is not beside the tests"),
    arguments: [["--rounds", "4"], ["--rounds", "2", "--failover"]])
  func `killed writers, servers and primaries lose nothing acknowledged`(how: [String]) throws {
    let outcome = try torture(how)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("none lost"))
  }

  @Test(.enabled(if: isThere, "StoreWorkbench is not beside the tests"))
  func `a primary that does not wait for its standby is found out`() throws {
    let outcome = try torture(["--rounds", "20", "--failover", "--commit", "local"])
    #expect(outcome.status == 3 && outcome.output.contains("FAULTS"), "\(outcome.output)")
    #expect(outcome.output.contains("was acknowledged and is gone"))
  }
}
