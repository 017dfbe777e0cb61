// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Small tables for the cleaning tests.

import BatteryDomain
import Cleaning

/// A table under construction: columns of one length with their quantities.
struct TestTable {
  var columns: [(QuantityKey, Int, [Double])] = []

  /// A pack of cells at a steady voltage with millivolt steps, time 10 s apart, no current.
  static func pack(cells: Int = 8, rows: Int = 60) -> TestTable {
    var table = TestTable()
    table.columns.append((.time, 0, (0..<rows).map { 1e9 + 10 * Double($0) }))
    table.columns.append((.current, 0, Array(repeating: 0, count: rows)))
    for cell in 0..<cells {
      let values = (0..<rows).map { 3.9 + 0.001 * Double((cell + $0) % 3) }
      table.columns.append((.cellVoltage, cell, values))
    }
    return table
  }

  /// Changes one sample of the first column with this quantity and element.
  mutating func set(_ quantity: QuantityKey, _ element: Int = 0, row: Int, _ value: Double) {
    for index in columns.indices
    where columns[index].0 == quantity && columns[index].1 == element {
      columns[index].2[row] = value
    }
  }

  var schema: TableSchema {
    TableSchema(
      format: "test", sourceIdentity: "test",
      columns: columns.map {
        ColumnSchema(quantity: $0.0, element: $0.1, sourceName: "\($0.0.rawValue)_\($0.1)")
      }, timeReference: .unixEpoch)
  }

  var rowCount: Int { columns.first?.2.count ?? 0 }

  /// The rows of a range as a batch.
  func batch(_ rows: Range<Int>? = nil) -> RecordBatch {
    let rows = rows ?? 0..<rowCount
    return RecordBatch(
      schema: schema, firstRow: rows.lowerBound, columns: columns.map { Array($0.2[rows]) })
  }

  /// Cleans the whole table at once.
  func cleaned(_ settings: CleaningSettings = .init()) -> (CleanedBatch, CleaningSummary) {
    var cleaner = StreamCleaner(schema: schema, settings: settings)
    let cleaned = cleaner.clean(batch())
    return (cleaned, cleaner.summary)
  }

  /// Position of a column.
  func position(_ quantity: QuantityKey, _ element: Int = 0) -> Int {
    schema.column(of: quantity, element: element) ?? -1
  }
}
