// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Batches out of columns that are already in memory, with the checks of every other reader.

import BatteryDomain

/// Reads a table that is in memory.
///
/// The reader shares its position with its copies: use one copy at a time.
struct MemoryReader: RecordReader {
  private let builder: BatchBuilder
  private let columns: [[Double]]
  private let count: Int
  private var position = 0

  /// Plans the columns of a table by their rules.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - file: Path for errors.
  ///   - options: What the caller knows.
  /// - Throws: ``FileError`` when nothing can be read from it.
  init(_ table: MemoryTable, file: String, options: ReadOptions) throws(FileError) {
    let format = FormatDefinition(
      name: table.format, title: table.title, kind: table.kind, requires: [],
      currents: table.currents, columns: [], source: "", notes: table.notes)
    let plan = try TablePlanner(file: file, options: options).plan(
      format: format, header: table.columns.map { HeaderName($0.title) },
      rules: table.columns.map(\.rule), isText: { _ in false })
    builder = BatchBuilder(
      plan: plan, identity: table.identity, file: file, batchRows: options.batchRows)
    builder.firstLine = 1
    columns = plan.columns.map { table.columns[$0.source].values }
    count = table.columns.map(\.values.count).min() ?? 0
  }

  /// Notes of the plan.
  var notes: [String] { builder.plan.notes }

  var schema: TableSchema { builder.schema }
  var progress: Double { count == 0 ? 1 : Double(position) / Double(count) }

  mutating func next() throws(FileError) -> RecordBatch? {
    let rows = min(builder.capacity, count - position)
    guard rows > 0 else {
      try builder.checkWhole()
      return nil
    }
    for (column, values) in columns.enumerated() {
      for row in 0..<rows {
        let value = values[position + row]
        if value.isFinite {
          builder.workspace[column * builder.stride + row] = value
        } else {
          builder.reject(column: column, row: row, .missing)
        }
      }
    }
    builder.rows = rows
    position += rows
    return builder.finish()
  }
}
