// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A real process that writes is killed at random points; the long form is `make torture`.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct KilledProcessTests {
  private static let program = Program.executable.deletingLastPathComponent()
    .appending(path: "StoreWorkbench")
  private static let isThere = FileManager.default.isExecutableFile(atPath: program.path)

  /// The library that keeps only what was flushed, compiled from its one file.
  private static let powerLoss: URL? = {
    #if os(Linux)
      let source = Datasets.repositoryRoot.appending(path: "Tests/CLibs/PowerLoss/powerloss.c")
      let library = FileManager.default.temporaryDirectory
        .appending(path: "powerloss-\(UUID().uuidString).so")
      let outcome = try? Program.run(
        URL(fileURLWithPath: "/usr/bin/env"),
        ["cc", "-shared", "-fPIC", "-O1", "-o", library.path, source.path, "-ldl"])
      return outcome?.status == 0 ? library : nil
    #else
      return nil
    #endif
  }()

  private func torture(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(Self.program, ["torture", "--longest", "150"] + arguments)
  }

  @Test(.enabled(if: isThere, "StoreWorkbench is not beside the tests"))
  func `a killed writer loses nothing that it acknowledged`() throws {
    let outcome = try torture(["--rounds", "5"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("none lost"))
  }

  @Test(.enabled(if: isThere && powerLoss != nil, "no C compiler, or not on Linux"))
  func `a power cut loses nothing that was acknowledged`() throws {
    let library = try #require(Self.powerLoss)
    let outcome = try torture(["--rounds", "4", "--power-loss", library.path])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  @Test(
    .enabled(if: isThere && powerLoss != nil, "no C compiler, or not on Linux"),
    arguments: [["--index", "NORMAL"], ["--no-sync"]])
  func `a store that does not flush is found out`(weakness: [String]) throws {
    let library = try #require(Self.powerLoss)
    let outcome = try torture(
      ["--rounds", "20", "--longest", "400", "--power-loss", library.path] + weakness)
    #expect(outcome.status == 3 && outcome.output.contains("FAULTS"), "\(outcome.output)")
  }
}
