// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The ranking on measured vehicles, against what a pack-wide score would say.

import BatteryDomain
import BatteryFiles
import FleetAnalytics
import Foundation
import NumericalMethods
import TestSupport
import Testing

@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"
      && Datasets.has("ev_fault_vehicles/car2_processed.csv.zip"),
    Comment(rawValue: Datasets.skipMessage)))
struct VehicleRankingReleaseTests {
  /// Batches of a vehicle's table.
  static func batches(_ name: String) throws -> [RecordBatch] {
    let path = Datasets.file("ev_fault_vehicles/\(name)_processed.csv.zip").path
    var reader = try #require(try DataFile.open(path).tables.first)
    var batches: [RecordBatch] = []
    while let batch = try reader.next() { batches.append(batch) }
    return batches
  }

  static func assess(_ name: String) throws -> VehicleAssessment {
    var analysis = VehicleAnalysis(identity: name)
    for batch in try batches(name) { analysis.ingest(batch) }
    return analysis.assessment()
  }

  /// Seconds since the epoch of midnight of a date of 2019, on the source's wall clock.
  static func time(month: Int, day: Int, _ assessment: VehicleAssessment) throws -> Double {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    let date = try #require(
      calendar.date(from: DateComponents(year: 2019, month: month, day: day)))
    return date.timeIntervalSince1970 - assessment.wallClockOffset
  }

  @Test("car2: cell 82 ranks first, is to be acted upon, leaves mid-June, accelerates in July")
  func car2() throws {
    let assessment = try Self.assess("car2")
    let first = try #require(assessment.findings.first)
    #expect(first.subject == .cell(82))
    #expect(first.severity == .act)
    let others = assessment.findings.dropFirst().filter { $0.severity >= .act }
    #expect(others.isEmpty, "\(others.map(\.title))")
    let since = try #require(first.since)
    #expect(try since >= Self.time(month: 6, day: 8, assessment))
    #expect(try since < Self.time(month: 6, day: 19, assessment))
    let cell = assessment.cells[81]
    let faster = try #require(cell.acceleration)
    #expect(try faster >= Self.time(month: 7, day: 11, assessment))
    #expect(try faster < Self.time(month: 7, day: 14, assessment))
    // An outlier from the first record, about −26 mV; then −61 to −105 mV.
    #expect(abs((cell.firstPackDeviation ?? 0) + 0.026) < 0.004)
    let last = try #require(
      first.evidence.first { $0.name == "deviation from the pack's median as read, now" })
    #expect(last.value < -61 && last.value > -110)
    #expect(first.evidence.contains { $0.note == "an outlier from the first record" })
    #expect(!assessment.leadTimes.isEmpty)
  }

  @Test("car3: cells 81 and 2 rank first and are watched as static offsets")
  func car3() throws {
    let assessment = try Self.assess("car3")
    #expect(assessment.findings.prefix(2).map(\.subject) == [.cell(81), .cell(2)])
    for finding in assessment.findings.prefix(2) {
      #expect(finding.severity == .watch)
      #expect(finding.since == nil)
      #expect(finding.kind == "cell_static_offset")
      #expect(finding.controlNode == .cellInconsistency)
    }
    #expect(assessment.findings.allSatisfy { $0.severity <= .watch })
    #expect(abs((assessment.cells[80].deviation ?? 0) + 0.033) < 0.004)
    #expect(abs((assessment.cells[1].deviation ?? 0) + 0.028) < 0.004)
  }

  @Test("modules of car2 are found from the data")
  func modules() throws {
    let modules = try Self.assess("car2").modules
    #expect(modules.map(\.firstCell) == [1, 11, 31, 42, 82])
  }

  @Test("a row at a time gives the same assessment as the whole file")
  func batching() throws {
    var analysis = VehicleAnalysis(identity: "car2")
    for batch in try Self.batches("car2") {
      for row in 0..<batch.rowCount {
        analysis.ingest(VehicleAnalysisTests.part(batch, row..<(row + 1)))
      }
    }
    #expect(try analysis.assessment() == Self.assess("car2"))
  }

  /// Daily medians of the robust z of every cell against the pack's median at low current.
  static func naiveScores(_ batches: [RecordBatch]) -> [Int: [Double]] {
    var scores: [Int: [[Double]]] = [:]
    for batch in batches {
      let cells = batch.schema.columns(of: .cellVoltage)
      guard let time = batch.schema.column(of: .time),
        let current = batch.schema.column(of: .current)
      else { continue }
      for row in 0..<batch.rowCount where abs(batch.columns[current][row]) <= 10 {
        let values = cells.map { batch.columns[$0][row] }
        guard values.allSatisfy({ $0 > 0.5 && $0 < 5 }) else { continue }
        let median = RobustStatistics.median(values)
        let spread = RobustStatistics.scaledMAD(values, about: median)
        guard spread > 0 else { continue }
        let day = Int((batch.columns[time][row] + batch.schema.wallClockOffset) / 86_400)
        scores[day, default: []].append(values.map { ($0 - median) / spread })
      }
    }
    return scores.filter { $0.value.count >= 10 }.mapValues { rows in
      rows[0].indices.map { cell in RobustStatistics.median(rows.map { $0[cell] }) }
    }
  }

  @Test("a pack-wide robust z accuses healthy cells and acquits the faulty one")
  func naiveScore() throws {
    let car2 = Self.naiveScores(try Self.batches("car2"))
    let days = car2.keys.sorted()
    let third = days.count / 3
    let accused = days.prefix(2 * third).map { day in
      (car2[day] ?? []).enumerated().filter { $0.offset != 81 && abs($0.element) > 3.5 }.count
    }
    #expect(accused.contains { $0 >= 18 }, "healthy cells beyond 3.5 a day: \(accused)")
    let late = days.suffix(8).compactMap { car2[$0]?[81] }
    #expect(late.allSatisfy { abs($0) < 3.5 }, "cell 82 while it fails: \(late)")
    let car3 = Self.naiveScores(try Self.batches("car3"))
    let healthy = car3.values.compactMap { $0[67] }.min() ?? 0
    #expect(healthy < -3.5, "healthy cell 68 of car3: \(healthy)")
  }

  @Test("analysing car3 leaves most of the three seconds to reading")
  func speed() throws {
    let batches = try Self.batches("car3")
    var analysis = VehicleAnalysis(identity: "car3")
    let clock = ContinuousClock()
    let duration = clock.measure {
      for batch in batches { analysis.ingest(batch) }
      _ = analysis.assessment()
    }
    #expect(duration < .seconds(1))
  }
}
