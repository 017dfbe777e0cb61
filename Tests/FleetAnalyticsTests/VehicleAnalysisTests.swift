// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Invariances of the incremental analysis: batching, snapshots, late and repeated rows.

import BatteryDomain
import Cleaning
import FleetAnalytics
import Foundation
import Testing

struct VehicleAnalysisTests {
  /// Rows `range` of a batch.
  static func part(_ batch: RecordBatch, _ range: Range<Int>) -> RecordBatch {
    RecordBatch(
      schema: batch.schema, firstRow: range.lowerBound,
      columns: batch.columns.map { Array($0[range]) })
  }

  static func small() -> RecordBatch {
    var pack = SyntheticPack()
    pack.cellCount = 12
    pack.probeCount = 3
    pack.days = 8
    pack.interval = 60
    pack.fault = .drop(cell: 7, day: 5, charge: 0.04)
    return pack.batch()
  }

  static func whole(_ batch: RecordBatch) -> VehicleAssessment {
    var analysis = VehicleAnalysis(identity: "v")
    analysis.ingest(batch)
    return analysis.assessment()
  }

  @Test("a cell that drops ranks first and is to be acted upon")
  func drop() throws {
    let assessment = Self.whole(Self.small())
    let first = try #require(assessment.findings.first)
    #expect(first.subject == .cell(8))
    #expect(first.severity == .act)
    #expect(first.kind == "cell_voltage_departure")
    #expect(assessment.cells[7].severity == .act)
    #expect(assessment.risk >= first.risk && assessment.risk < 75)
    #expect(assessment.findings.allSatisfy { !$0.recommendedAction.isEmpty })
  }

  @Test(
    "the assessment does not depend on how rows are batched", arguments: [1, 100, 511])
  func batching(size: Int) {
    let batch = Self.small()
    var analysis = VehicleAnalysis(identity: "v")
    for start in stride(from: 0, to: batch.rowCount, by: size) {
      analysis.ingest(Self.part(batch, start..<min(start + size, batch.rowCount)))
    }
    #expect(analysis.assessment() == Self.whole(batch))
  }

  @Test("a stored and restored analysis goes on as if it had not stopped")
  func snapshots() throws {
    let batch = Self.small()
    let middle = batch.rowCount / 2
    var analysis = VehicleAnalysis(identity: "v")
    analysis.ingest(Self.part(batch, 0..<middle))
    let data = try JSONEncoder().encode(analysis)
    var restored = try JSONDecoder().decode(VehicleAnalysis.self, from: data)
    restored.ingest(Self.part(batch, middle..<batch.rowCount))
    var expected = Self.whole(batch)
    var found = restored.assessment()
    // The cleaner starts anew and with it the usual interval by which it tells gaps.
    expected.cleaning = .init()
    found.cleaning = .init()
    #expect(found == expected)
  }

  @Test("late and repeated rows are counted and change nothing else")
  func lateRows() {
    let batch = Self.small()
    var analysis = VehicleAnalysis(identity: "v")
    analysis.ingest(batch)
    let before = analysis.assessment()
    analysis.ingest(Self.part(batch, (batch.rowCount - 1)..<batch.rowCount))
    for row in 10..<14 { analysis.ingest(Self.part(batch, row..<(row + 1))) }
    var after = analysis.assessment()
    #expect(after.rows.duplicate == 1)
    #expect(after.rows.late == 4)
    #expect(after.rows.used == before.rows.used)
    after.rows = before.rows
    after.cleaning = before.cleaning
    #expect(after == before)
  }

  @Test("one row with a wild clock does not shut out the rows that follow")
  func wildClock() {
    let batch = Self.small()
    var wild = Self.part(batch, 100..<101)
    wild.columns[0][0] += 10 * 365 * 86_400
    var analysis = VehicleAnalysis(identity: "v")
    analysis.ingest(Self.part(batch, 0..<100))
    analysis.ingest(wild)
    analysis.ingest(Self.part(batch, 101..<batch.rowCount))
    let rows = analysis.assessment().rows
    // The cleaner takes some twenty rows to believe that time went back.
    #expect(rows.late <= 25)
    #expect(rows.used >= batch.rowCount - 25)
  }

  @Test("a pack whose cell readings all stand still is not passed off as healthy")
  func frozenPack() {
    var batch = Self.small()
    for column in batch.schema.columns(of: .cellVoltage) {
      batch.columns[column] = Array(repeating: 3.7, count: batch.rowCount)
    }
    let assessment = Self.whole(batch)
    #expect(assessment.findings.first?.kind == "pack_readings_stuck")
    #expect(assessment.severity == .watch)
  }

  @Test("a pack whose cell voltages can never be used is watched")
  func unreadPack() throws {
    var batch = Self.small()
    for column in batch.schema.columns(of: .cellVoltage) {
      batch.columns[column] = Array(repeating: -1, count: batch.rowCount)
    }
    let missing = try #require(
      Self.whole(batch).findings.first { $0.kind == "cell_channel_missing" })
    #expect(missing.severity == .watch)
  }

  @Test("rows that had to be left out are not passed off as a quiet vehicle")
  func disorder() throws {
    let batch = Self.small()
    // Blocks of 40 rows, the last block first.
    let starts = Array(stride(from: 0, to: batch.rowCount, by: 40))
    let order = starts.reversed().flatMap { Array($0..<min($0 + 40, batch.rowCount)) }
    let assessment = Self.whole(
      RecordBatch(
        schema: batch.schema, firstRow: 0,
        columns: batch.columns.map { column in order.map { column[$0] } }))
    let finding = try #require(
      assessment.findings.first { $0.title.contains("out of order of time") })
    #expect(finding.kind == "telemetry_quality")
    #expect(finding.severity == .watch)
  }

  @Test("the assessment can be written as JSON and read back")
  func encoding() throws {
    let assessment = Self.whole(Self.small())
    let data = try JSONEncoder().encode(assessment)
    #expect(try JSONDecoder().decode(VehicleAssessment.self, from: data) == assessment)
  }

  @Test("an analysis without rows, cells or time gives an empty assessment")
  func empty() {
    let none = VehicleAnalysis(identity: "v").assessment()
    #expect(none.risk == 0)
    #expect(none.findings.isEmpty)
    var analysis = VehicleAnalysis(identity: "v")
    analysis.ingest(
      RecordBatch(
        schema: TableSchema(
          format: "x", sourceIdentity: "x",
          columns: [ColumnSchema(quantity: .current, sourceName: "i")],
          timeReference: .unixEpoch), firstRow: 0, columns: [[1, 2, 3]]))
    #expect(analysis.assessment().rows.untimed == 3)
    #expect(analysis.assessment().rows.used == 0)
  }

  @Test("the history stays bounded over years")
  func bounded() throws {
    var pack = SyntheticPack()
    pack.cellCount = 6
    pack.probeCount = 2
    pack.days = 1
    let batch = pack.batch()
    var analysis = VehicleAnalysis(identity: "v")
    for round in 0..<400 {
      var later = batch
      for row in 0..<later.rowCount { later.columns[0][row] += Double(round) * 2 * 86_400 }
      analysis.ingest(later)
    }
    let assessment = analysis.assessment()
    #expect(assessment.series.buckets.time.count <= analysis.settings.bucketLimit)
    #expect(assessment.series.current.time.count <= analysis.settings.chartPoints)
    #expect(assessment.rows.used == 400 * batch.rowCount)
    #expect(try JSONEncoder().encode(analysis).count < 1_500_000)
  }
}
