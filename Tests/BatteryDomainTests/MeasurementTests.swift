// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of record batches, schemas and sample flags.

import BatteryDomain
import Foundation
import Testing

@Suite("Measurements")
struct MeasurementTests {
  static let schema = TableSchema(
    format: "test", sourceIdentity: "cell 1",
    columns: [
      ColumnSchema(quantity: .time, sourceName: "t", sourceUnit: "s"),
      ColumnSchema(
        quantity: .cellVoltage, element: 1, sourceName: "V_2", sourceUnit: "mV", scale: 1e-3),
      ColumnSchema(
        quantity: .cellVoltage, element: 0, sourceName: "V_1", sourceUnit: "mV", scale: 1e-3),
      ColumnSchema(quantity: nil, sourceName: "comment"),
    ], timeReference: .unixEpoch)

  @Test("Columns are found by quantity and element, in the order of elements")
  func columns() {
    #expect(Self.schema.column(of: .time) == 0)
    #expect(Self.schema.column(of: .cellVoltage) == 2)
    #expect(Self.schema.column(of: .cellVoltage, element: 1) == 1)
    #expect(Self.schema.columns(of: .cellVoltage) == [2, 1])
    #expect(Self.schema.column(of: .current) == nil)
    #expect(Self.schema.columns(of: .probeTemperature).isEmpty)
  }

  @Test("Marks are kept per sample and cost nothing where there are none")
  func marks() {
    var batch = RecordBatch(
      schema: Self.schema, firstRow: 10,
      columns: [[0, 1], [3.7, 65.535], [3.7, 3.7], [.nan, .nan]])
    #expect(batch.rowCount == 2)
    #expect(batch.flags(column: 1, row: 1).isEmpty)
    batch.mark(column: 1, row: 1, .invalid)
    batch.mark(column: 1, row: 1, .outOfRange)
    #expect(batch.flags(column: 1, row: 1) == [.invalid, .outOfRange])
    #expect(batch.flags(column: 1, row: 0).isEmpty)
    #expect(batch.flags[0].isEmpty && batch.flags[1].count == 2)
  }

  @Test("A repaired or doubtful value is usable, a missing or impossible one is not")
  func unusable() {
    let unusable: [SampleFlags] = [.missing, .invalid, .abnormal, .outOfRange, .notNumeric]
    let usable: [SampleFlags] = [.duplicate, .outOfOrder, .unitSlip, .outlier, .repaired]
    #expect(unusable.allSatisfy { SampleFlags.unusable.contains($0) })
    #expect(usable.allSatisfy { SampleFlags.unusable.isDisjoint(with: $0) })
    let bits = (unusable + usable).map(\.rawValue)
    #expect(Set(bits).count == 10 && bits.allSatisfy { $0.nonzeroBitCount == 1 })
  }

  @Test("Schemas have snake_case keys and survive a round trip")
  func codable() throws {
    let data = try JSONEncoder().encode(Self.schema)
    #expect(try JSONDecoder().decode(TableSchema.self, from: data) == Self.schema)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys)
        == ["format", "source_identity", "columns", "time_reference", "wall_clock_offset"])
    let column = try #require((object["columns"] as? [[String: Any]])?.first)
    #expect(
      Set(column.keys) == ["quantity", "element", "source_name", "source_unit", "scale", "offset"])
  }

  @Test("Severities order from note to stop")
  func severities() {
    #expect(Severity.allCases == Severity.allCases.sorted())
    #expect(Severity.allCases.map(\.rank) == [0, 1, 2, 3])
    #expect(SignConvention.dischargeCurrent == 1)
  }
}
