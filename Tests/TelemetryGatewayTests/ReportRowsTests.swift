// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows to frames and back: what the protocol can carry comes back unchanged.

import BatteryDomain
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite struct ReportRowsTests {
  private func roundTrip(_ batch: RecordBatch) throws -> [RecordBatch] {
    let writer = try ReportWriter(schema: batch.schema, identifier: try identifier())
    var table = ReportTable(identity: vin)
    for row in 0..<batch.rowCount {
      let frame = try writer.frame(of: batch, row: row)
      table.add(
        StoredFrame(
          id: Int64(row + 1), collectionTime: 0, receiveTime: 0, command: frame.command.rawValue,
          bytes: try frame.encoded()))
    }
    #expect(table.undecodable == 0)
    return table.takeBatches()
  }

  private func column(_ batch: RecordBatch, _ key: QuantityKey, _ element: Int = 0) throws
    -> [Double]
  {
    batch.columns[try #require(batch.schema.column(of: key, element: element))]
  }

  @Test(arguments: [1, 96, 200, 201, 450])
  func `a table comes back with every value it had`(cells: Int) throws {
    let batch = table(rows: 40, cells: cells)
    let back = try #require(try roundTrip(batch).first)
    #expect(back.rowCount == 40)
    #expect(back.schema.columns(of: .cellVoltage).count == cells)
    for schema in batch.schema.columns {
      let key = try #require(schema.quantity)
      let sent = try column(batch, key, schema.element)
      let received = try column(back, key, schema.element)
      // Half a step of the field's least digit; 1e-9 covers the conversion to SI.
      #expect(zip(sent, received).allSatisfy { ($0 - $1).magnitude < 1e-9 }, "\(key)")
    }
    #expect(back.schema.timeReference == .unixEpoch)
    #expect(back.schema.wallClockOffset == 28_800)
  }

  @Test func `sentinels, faults and numbers outside their range keep their meaning`() throws {
    var batch = table(rows: 5, cells: 4)
    let cell = try #require(batch.schema.column(of: .cellVoltage, element: 1))
    batch.columns[cell] = [3.9, .nan, 65.534, 60.5, 0.2]
    batch.mark(column: cell, row: 0, .abnormal)
    batch.mark(column: cell, row: 1, .missing)
    batch.mark(column: cell, row: 3, .outOfRange)
    batch.mark(column: cell, row: 4, .outOfRange)
    let back = try #require(try roundTrip(batch).first)
    let received = try #require(back.schema.column(of: .cellVoltage, element: 1))
    #expect(back.flags(column: received, row: 0) == .abnormal)
    #expect(back.flags(column: received, row: 1) == .invalid)
    // 65.534 V would be the sentinel for a fault: it is sent as not available.
    #expect(back.flags(column: received, row: 2) == .invalid)
    #expect(back.flags(column: received, row: 3) == .outOfRange)
    #expect(back.columns[received][3] == 60.5)
    #expect(back.flags(column: received, row: 4) == .outOfRange)
    #expect(back.columns[received][4] == 0.2)
    let flags = try #require(back.schema.column(of: .alarmFlags))
    #expect(back.flags(column: flags, row: 0) == .invalid)
    let charge = try #require(back.schema.column(of: .chargeState))
    #expect(back.flags(column: charge, row: 0) == .invalid)
  }

  @Test func `extremes name the cell and value`() throws {
    let batch = table(rows: 1, cells: 60)
    let frame = try ReportWriter(schema: batch.schema, identifier: try identifier())
      .frame(of: batch, row: 0)
    guard case .report(let report) = try frame.decodedUnit() else {
      Issue.record("a report was expected")
      return
    }
    let extremes = try #require(report.extremes)
    #expect(extremes.highestVoltage.element.validValue == 8)
    #expect(extremes.highestVoltage.value.validValue == 3.949)
    #expect(extremes.lowestVoltage.element.validValue == 1)
  }

  @Test func `a row without a time cannot be sent`() throws {
    var batch = table(rows: 2, cells: 2)
    batch.columns[0][1] = .nan
    let writer = try ReportWriter(schema: batch.schema, identifier: try identifier())
    _ = try writer.frame(of: batch, row: 0)
    #expect(throws: GatewayError.self) { try writer.frame(of: batch, row: 1) }
    var schema = batch.schema
    schema.timeReference = .testStart
    #expect(throws: GatewayError.self) {
      _ = try ReportWriter(schema: schema, identifier: try identifier())
    }
  }

  @Test func `parts of one report in several frames become one row`() throws {
    func part(_ first: Int, _ count: Int, _ seconds: Int64) throws -> Report {
      Report(
        time: try wireTime(seconds),
        items: [
          .cellVoltages(
            Counted([
              CellVoltageGroup(
                voltage: 900, current: 1, total: 260, firstCell: first,
                cellVoltages: (0..<count).map { 3 + Double(first + $0) / 1_000 })
            ]))
        ])
    }
    var table = ReportTable(identity: vin)
    for seconds in [start, start + 10] {
      table.add(try part(1, 200, seconds))
      table.add(try part(201, 60, seconds))
    }
    let batches = table.takeBatches()
    #expect(batches.map(\.rowCount).reduce(0, +) == 2)
    let last = try #require(batches.last)
    #expect(try column(last, .cellVoltage, 0) == [3.001, 3.001].suffix(last.rowCount))
    #expect(try column(last, .cellVoltage, 259).last == 3.26)
    // The rest of a third report never comes: the row appears as it is with the next one.
    table.add(try part(1, 200, start + 20))
    #expect(table.takeBatches().isEmpty)
    table.add(try part(1, 200, start + 30))
    let third = try #require(table.takeBatches().first)
    #expect(third.rowCount == 1)
    let missing = try #require(third.schema.column(of: .cellVoltage, element: 230))
    #expect(third.flags(column: missing, row: 0) == .missing)
  }

  @Test func `batches do not depend on when they are taken`() throws {
    let batch = table(rows: 30, cells: 10)
    let writer = try ReportWriter(schema: batch.schema, identifier: try identifier())
    var often = ReportTable(identity: vin)
    var once = ReportTable(identity: vin)
    var values: [Double] = []
    for row in 0..<30 {
      guard
        case .report(let report) = try writer.frame(of: batch, row: row).decodedUnit()
      else { return }
      often.add(report)
      once.add(report)
      for batch in often.takeBatches() { values += try column(batch, .cellVoltage, 9) }
    }
    let all = try #require(once.takeBatches().first)
    #expect(try column(all, .cellVoltage, 9) == values)
    #expect(values.count == 30)
  }

  @Test func `a sender that claims absurdly many cells takes no memory`() throws {
    var table = ReportTable(identity: vin)
    for number in 1...20 {
      table.add(
        Report(
          time: try wireTime(start + Int64(number)),
          items: [
            .cellVoltages(
              Counted([
                CellVoltageGroup(
                  number: UInt8(number), voltage: 1, current: 1, total: 60_000,
                  firstCell: number * 3_000, cellVoltages: Array(repeating: 3, count: 200))
              ]))
          ]))
    }
    #expect(table.layout.cellCount <= ReportLayout.limit)
  }
}
