// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of `anodyne analyze` on measured data: the numbers a person relies on.

import Foundation
import TestSupport
import Testing

/// What the tests read out of the JSON of a report.
private struct Report: Decodable {
  struct Ranked: Decodable {
    struct Finding: Decodable {
      struct Subject: Decodable {
        let part: String
        let number: Int?
      }
      let kind: String
      let severity: String
      let since: Double?
      let subject: Subject
      let baseline: String
    }
    let rank: Int
    let finding: Finding
  }
  struct CellTest: Decodable {
    struct Assessment: Decodable {
      struct Cycle: Decodable {
        let number: Int
        let capacity: Double?
        let statedCapacity: Double?
      }
      struct CutOff: Decodable { let voltage: Double }
      let cycles: [Cycle]
      let cutOff: CutOff?
      let endOfLifeCycle: Int?
    }
    let assessment: Assessment
  }
  let findings: [Ranked]
  let cellTests: [CellTest]

  /// Findings about cells, in rank order.
  var cells: [Ranked.Finding] {
    findings.map(\.finding).filter { $0.subject.part == "cell" }
  }
}

@Suite("anodyne analyze on measured data ReleaseTests")
struct AnalyzeReleaseTests {
  static let isRelease = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"
  static let car2 = "ev_fault_vehicles/car2_processed.csv.zip"
  static let car3 = "ev_fault_vehicles/car3_processed.csv.zip"
  static let b0005 = "nasa_pcoe/discharge_csv/B0005.csv"
  static let b0025 = "nasa_pcoe/mat/B0025.mat"

  private func analyze(_ path: String, _ options: [String] = []) throws -> Report {
    let outcome = try Program.run(
      ["analyze", Datasets.file(path).path, "--json", "-"] + options)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(outcome.output.utf8))
  }

  @Test(
    "car2: cell 82 leads with act since mid-June, and no other cell is rated act",
    .enabled(if: isRelease && Datasets.has(car2), Comment(rawValue: Datasets.skipMessage)))
  func driftingCell() throws {
    let report = try analyze(Self.car2)
    let first = try #require(report.findings.first?.finding)
    #expect(first.subject.part == "cell" && first.subject.number == 82)
    #expect(first.severity == "act")
    // 2019-06-08 to 2019-06-20 UTC: "mid-June".
    #expect((1_559_952_000.0...1_560_988_800.0).contains(try #require(first.since)))
    let others = report.cells.filter { $0.subject.number != 82 }
    #expect(!others.contains { $0.severity == "act" || $0.severity == "stop" })
  }

  @Test(
    "car3: cell 81, then cell 2, lead with watch, without an onset and without a short",
    .enabled(if: isRelease && Datasets.has(car3), Comment(rawValue: Datasets.skipMessage)))
  func standingOffsets() throws {
    let report = try analyze(Self.car3)
    #expect(report.findings.prefix(2).map(\.finding.subject.number) == [81, 2])
    for entry in report.findings.prefix(2) {
      #expect(entry.finding.subject.part == "cell")
      #expect(entry.finding.severity == "watch")
      #expect(entry.finding.since == nil)
      #expect(!entry.finding.kind.contains("short") && !entry.finding.kind.contains("discharge"))
    }
    #expect(!report.cells.contains { $0.severity == "act" || $0.severity == "stop" })
    #expect(report.findings.allSatisfy { !$0.finding.baseline.isEmpty })
  }

  @Test(
    "B0005: 1.856 Ah at the first cycle, 1.325 Ah at the last, first below 1.4 Ah at cycle 125",
    .enabled(if: isRelease && Datasets.has(b0005), Comment(rawValue: Datasets.skipMessage)))
  func nasa() throws {
    let report = try analyze(Self.b0005, ["--end-of-life", "1.4"])
    let cell = try #require(report.cellTests.first?.assessment)
    #expect(cell.endOfLifeCycle == 125)
    #expect(cell.cutOff?.voltage == 2.7)
    let capacities = cell.cycles.map { ($0.capacity ?? .nan) / 3600 }
    #expect(abs(try #require(capacities.first) - 1.856) <= 0.005)
    #expect(abs(try #require(capacities.last) - 1.325) <= 0.005)
    #expect(cell.cycles.first { ($0.capacity ?? .infinity) < 1.4 * 3600 }?.number == 125)
  }

  @Test(
    "B0025: the capacities of the file are reproduced within 0.5 % on every cycle",
    .enabled(if: isRelease && Datasets.has(b0025), Comment(rawValue: Datasets.skipMessage)))
  func matlab() throws {
    let cell = try #require(try analyze(Self.b0025).cellTests.first?.assessment)
    let stated = cell.cycles.filter { $0.statedCapacity != nil }
    #expect(stated.count >= 20)
    #expect(abs(try #require(stated.first?.statedCapacity) / 3600 - 1.847) < 0.001)
    for cycle in stated {
      let capacity = try #require(cycle.capacity, "cycle \(cycle.number)")
      let reference = try #require(cycle.statedCapacity)
      #expect(abs(capacity / reference - 1) <= 0.005, "cycle \(cycle.number)")
    }
  }
}
