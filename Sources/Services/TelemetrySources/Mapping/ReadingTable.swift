// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Readings of one asset as rows of a measurement table.

public import BatteryDomain

/// Readings of one asset as rows of a measurement table.
///
/// The first reading, or a template, fixes the columns; what later readings leave out is NaN and
/// marked missing, what they add is counted in ``surplus``.
public struct ReadingTable: Sendable {
  /// The columns.
  public let schema: TableSchema
  /// Values that found no column.
  public private(set) var surplus = 0
  private var rows: [[Double]] = []
  private var first = 0

  /// Creates a table.
  ///
  /// - Parameters:
  ///   - template: Reading with every quantity and element that a column is wanted for.
  ///   - format: Name of the source's format.
  public init(template: SourceReading, format: String) {
    var columns = [ColumnSchema(quantity: .time, sourceName: "time", sourceUnit: "s")]
    for key in template.values.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      for element in 0..<(template.values[key]?.count ?? 0) {
        columns.append(
          ColumnSchema(
            quantity: key, element: element, sourceName: key.rawValue,
            sourceUnit: QuantityCatalogue.descriptor(of: key).unit))
      }
    }
    schema = TableSchema(
      format: format, sourceIdentity: template.asset, columns: columns,
      timeReference: .unixEpoch)
  }

  /// Adds a reading.
  ///
  /// - Complexity: O(n) in the number of columns.
  public mutating func add(_ reading: SourceReading) {
    var used = 0
    rows.append(
      schema.columns.map { column in
        guard let quantity = column.quantity else { return .nan }
        if quantity == .time { return reading.time }
        guard let values = reading.values[quantity], column.element < values.count else {
          return .nan
        }
        used += 1
        return values[column.element]
      })
    surplus += reading.values.values.reduce(0) { $0 + $1.count } - used
  }

  /// Number of rows that wait.
  public var count: Int { rows.count }

  /// The rows so far, which the table then forgets; nil when there are none.
  public mutating func take() -> RecordBatch? {
    guard !rows.isEmpty else { return nil }
    let columns = schema.columns.indices.map { column in rows.map { $0[column] } }
    var batch = RecordBatch(schema: schema, firstRow: first, columns: columns)
    for (column, values) in columns.enumerated() {
      for (row, value) in values.enumerated() where value.isNaN {
        batch.mark(column: column, row: row, .missing)
      }
    }
    first += rows.count
    rows = []
    return batch
  }
}
