// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of storage systems as reports in a real store.

import BatteryDomain
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite(.timeLimit(.minutes(2))) struct TableIngestTests {
  private func row(at time: Double, cells: Int = 300, extra: Bool = false) -> RecordBatch {
    var columns = [
      ColumnSchema(quantity: .time, sourceName: "time"),
      ColumnSchema(quantity: .packVoltage, sourceName: "voltage"),
      ColumnSchema(quantity: .current, sourceName: "current"),
      ColumnSchema(quantity: .stateOfCharge, sourceName: "soc"),
    ]
    // A storage system: 1,300 V and 1,800 A of discharge, beyond the 2016 edition.
    var values: [[Double]] = [[time], [1_300.4], [1_800.2], [0.57]]
    for cell in 0..<cells {
      columns.append(
        ColumnSchema(quantity: .cellVoltage, element: cell, sourceName: "c\(cell)"))
      values.append([3.2 + Double(cell % 50) / 1_000])
    }
    if extra {
      columns.append(ColumnSchema(quantity: .cellVoltageMaximum, sourceName: "max"))
      values.append([3.3])
    }
    return RecordBatch(
      schema: TableSchema(
        format: "mqtt", sourceIdentity: "rack", columns: columns, timeReference: .unixEpoch),
      firstRow: 0, columns: values)
  }

  @Test func `a reading of a storage system is in the store as a report that names its source`()
    async throws
  {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    var ingest = TableIngest(store, source: "mqtt")
    let time = Double(start)
    try await ingest.write(row(at: time), of: "plant-1-rack-2", received: time + 3)
    try await ingest.write(row(at: time + 0.4), of: "plant-1-rack-2", received: time + 3)
    try await ingest.write(row(at: time + 1, extra: true), of: "plant-1-rack-2", received: time + 4)
    // Parts of a second are lost, so the second row is a duplicate of the first.
    #expect(ingest.storedCount == 2)
    #expect(ingest.duplicateCount == 1)
    #expect(ingest.dropped == [.cellVoltageMaximum])
    let stored = try await store.frames(of: "plant-1-rack-2", after: 0, limit: 10)
    #expect(stored.map(\.collectionTime) == [start, start + 1])
    let frame = try Frame(bytes: try #require(stored.first).bytes)
    #expect(frame.edition == .edition2025)
    guard case .report(let report) = try frame.decodedUnit() else {
      Issue.record("no report")
      return
    }
    var cells: [Double] = []
    for item in report.items {
      if case .vehicle(let data) = item {
        #expect(abs((data.voltage.validValue ?? 0) - 1_300.4) < 1e-9)
        #expect(abs((data.current.validValue ?? 0) - 1_800.2) < 1e-9)
      }
      if case .cellVoltages(let groups) = item {
        cells += groups.elements.flatMap { $0.cells.elements.map { Double($0) / 1_000 } }
      }
    }
    #expect(cells.count == 300)
    #expect(cells.indices.allSatisfy { abs(cells[$0] - 3.2 - Double($0 % 50) / 1_000) < 1e-9 })
    #expect(frame.unit.suffix(12) == Array("anodyne/mqtt".utf8)[...])
    #expect(Array(frame.unit.suffix(15).prefix(3)) == [0xFE, 0, 12])
    try await store.close()
  }

  @Test func `names that no identifier can carry get one of their own, always the same`() {
    #expect(TableIngest.identity(of: "rack-7") == "rack-7")
    let long = "plant/north/container 12/rack 3"
    #expect(TableIngest.identity(of: long).count == 17)
    #expect(TableIngest.identity(of: long) == TableIngest.identity(of: long))
    #expect(TableIngest.identity(of: long) != TableIngest.identity(of: long + "1"))
    #expect(TableIngest.identity(of: "储能").utf8.count == 17)
    #expect(TableIngest.identity(of: "").utf8.count == 17)
  }

  @Test func `rows without a time, or without anything of a battery, store nothing`() async throws {
    let sink = BrittleSink()
    var ingest = TableIngest(sink, source: "modbus")
    await #expect(throws: GatewayError.self) {
      try await ingest.write(row(at: .nan), of: "a", received: 0)
    }
    let bare = RecordBatch(
      schema: TableSchema(
        format: "mqtt", sourceIdentity: "a",
        columns: [
          ColumnSchema(quantity: .time, sourceName: "time"),
          ColumnSchema(quantity: .vehicleSpeed, sourceName: "speed"),
        ], timeReference: .unixEpoch), firstRow: 0, columns: [[1_700_000_000], [3]])
    await #expect(throws: GatewayError.self) {
      try await ingest.write(bare, of: "a", received: 0)
    }
    #expect(await sink.stored.isEmpty)
    // A store that fails is told, and nothing is counted.
    await sink.fail()
    await #expect(throws: StoreError.self) {
      try await ingest.write(row(at: Double(start)), of: "a", received: 0)
    }
    #expect(ingest.storedCount == 0)
  }
}
