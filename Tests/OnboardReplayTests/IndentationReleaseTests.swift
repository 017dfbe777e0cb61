// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Recorded internal shorts on the core, at rest and under a drive load.

import BatteryDomain
import Foundation
import OnboardReplay
import TestSupport
import Testing

@Suite(
  "Recorded internal shorts on the core",
  .enabled(
    if: Datasets.has("isc_indentation_ornl_snl/labels.csv")
      && ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1",
    Comment(rawValue: Datasets.skipMessage + ", and ANODYNE_RELEASE_TESTS=1")))
struct IndentationReleaseTests {
  struct Case {
    var file: String
    var score: Int
    var capacity: Double
    var chemistry: Chemistry
  }

  /// The scored tests of the list.
  static func cases() throws -> [Case] {
    let text = try String(
      contentsOf: Datasets.file("isc_indentation_ornl_snl/labels.csv"), encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
      let tail = line.split(separator: ",", omittingEmptySubsequences: false).suffix(3)
      let fields = tail.map(String.init)
      guard fields.count == 3, let score = Int(fields[0]), let capacity = Double(fields[1]) else {
        return nil
      }
      let file = String(line.prefix { $0 != "," })
      let chemistry: Chemistry =
        file.contains("LFP") ? .lfp : file.contains("NMC") ? .ncm523 : .lco
      return Case(file: file, score: score, capacity: capacity / 1_000, chemistry: chemistry)
    }
  }

  private func outcomes(
    driven: Bool
  ) throws -> [(test: Case, outcome: IndentationTrial.Outcome)] {
    try Self.cases().map { test in
      let recording = try ShortRecording(
        path: Datasets.file("isc_indentation_ornl_snl/\(test.file)").path)
      let outcome = try IndentationTrial(isDriven: driven).run(
        recording, capacity: test.capacity, chemistry: test.chemistry)
      return (test, outcome)
    }
  }

  private func report(_ name: String, _ found: [(test: Case, outcome: IndentationTrial.Outcome)]) {
    for (test, outcome) in found {
      func text(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }
      print(
        name, test.file, "score", test.score, "departs", text(outcome.departs), "drops",
        text(outcome.drops), "alarm", text(outcome.alarm), outcome.fault, "delay",
        text(outcome.delay), "wrong", outcome.wrongCells, "later",
        outcome.laterWrongCells, "early", outcome.early)
    }
    let hurt = found.filter { $0.test.score >= 2 }
    let delays = hurt.compactMap(\.outcome.delay).sorted()
    print(
      name, "detected", hurt.count { $0.outcome.alarm != nil }, "of", hurt.count, "median delay",
      delays.isEmpty ? .nan : delays[delays.count / 2], "largest", delays.last ?? .nan)
  }

  @Test("At rest all 33 tests scored 2 or more are found, none before the voltage departs")
  func atRest() throws {
    let found = try outcomes(driven: false)
    report("rest", found)
    let hurt = found.filter { $0.test.score >= 2 }
    #expect(hurt.count == 33)
    #expect(hurt.allSatisfy { $0.outcome.alarm != nil })
    #expect(found.allSatisfy { $0.outcome.early == 0 && $0.outcome.wrongCells == 0 })
    #expect(hurt.allSatisfy { ($0.outcome.delay ?? .infinity) < 3 })
    // Three tests were scored "no effect": nothing may be said of them.
    #expect(found.allSatisfy { $0.test.score >= 2 || $0.outcome.alarm == nil })
  }

  @Test("Under a drive load the same shorts are found")
  func driven() throws {
    let found = try outcomes(driven: true)
    report("driven", found)
    let hurt = found.filter { $0.test.score >= 2 }
    #expect(hurt.allSatisfy { $0.outcome.alarm != nil })
    #expect(found.allSatisfy { $0.outcome.early == 0 && $0.outcome.wrongCells == 0 })
    #expect(hurt.allSatisfy { ($0.outcome.delay ?? .infinity) < 5 })
    #expect(found.allSatisfy { $0.test.score >= 2 || $0.outcome.alarm == nil })
  }
}
