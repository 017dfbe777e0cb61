// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A batch of rows in columns: what readers and decoders produce and analyses consume.

/// Consecutive rows of a measurement table, stored column by column in coherent SI.
///
/// Signs follow ``SignConvention``: discharge current positive. A value that the source does not
/// have is NaN; a value it marks as unusable keeps its number. In both cases the flags say why,
/// so a consumer reads the flags, not the number.
public struct RecordBatch: Sendable {
  /// The columns.
  public var schema: TableSchema
  /// Number of rows.
  public var rowCount: Int
  /// Row number in the source of the first row, counted from 0 without the header.
  public var firstRow: Int
  /// Values, `[column][row]`.
  public var columns: [[Double]]
  /// Marks, `[column][row]`; an empty inner array means that no sample of the column is marked.
  public var flags: [[SampleFlags]]

  /// Creates a batch.
  ///
  /// - Parameters:
  ///   - schema: The columns.
  ///   - firstRow: Row number in the source of the first row.
  ///   - columns: Values `[column][row]`, all of one length.
  ///   - flags: Marks `[column][row]`; inner arrays may be empty.
  public init(
    schema: TableSchema, firstRow: Int, columns: [[Double]], flags: [[SampleFlags]] = []
  ) {
    let rows = columns.first?.count ?? 0
    precondition(columns.count == schema.columns.count, "one array per column is needed")
    precondition(columns.allSatisfy { $0.count == rows }, "columns must be equally long")
    self.schema = schema
    self.rowCount = rows
    self.firstRow = firstRow
    self.columns = columns
    self.flags = flags.isEmpty ? Array(repeating: [], count: columns.count) : flags
    precondition(
      self.flags.count == columns.count
        && self.flags.allSatisfy { $0.isEmpty || $0.count == rows },
      "flags must match the columns")
  }

  /// The marks on one sample.
  public func flags(column: Int, row: Int) -> SampleFlags {
    flags[column].isEmpty ? [] : flags[column][row]
  }

  /// Adds a mark to one sample, allocating the column's marks on first use.
  public mutating func mark(column: Int, row: Int, _ mark: SampleFlags) {
    if flags[column].isEmpty {
      flags[column] = Array(repeating: [], count: rowCount)
    }
    flags[column][row].formUnion(mark)
  }
}
