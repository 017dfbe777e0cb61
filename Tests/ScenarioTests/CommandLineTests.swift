// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the root command: help, version, exit codes.

import TestSupport
import Testing

@Suite("Command line")
struct CommandLineTests {
  @Test("--version prints the version and nothing else")
  func version() throws {
    let outcome = try Program.run(["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: ".").count == 3)
    #expect(outcome.errors.isEmpty)
  }

  @Test("--help shows an example, the exit codes and that nothing is certified")
  func help() throws {
    let outcome = try Program.run(["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("anodyne analyze car2.csv"))
    #expect(outcome.output.contains("65 bad data"))
    #expect(outcome.output.contains("not a certified safety function"))
  }

  @Test("convert does not write over its input")
  func convertInPlace() throws {
    let outcome = try Program.run(["convert", "measured.csv", "./measured.csv"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("would destroy the measurements"))
  }

  @Test("an unknown subcommand is a usage error")
  func unknown() throws {
    let outcome = try Program.run(["frobnicate"])
    #expect(outcome.status == 64)
    #expect(!outcome.errors.isEmpty)
  }
}
