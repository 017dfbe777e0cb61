// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A batch after cleaning: usable values beside the untouched raw ones.

public import BatteryDomain

/// A batch after cleaning; the raw values stay beside the cleaned ones.
public struct CleanedBatch: Sendable {
  /// The batch as it came, untouched.
  public let raw: RecordBatch
  /// Usable values `[column][row]` in SI; NaN where a sample was set aside. Columns without any
  /// change share their storage with `raw`.
  public var values: [[Double]]
  /// Marks `[column][row]`; an empty inner array means that no sample of the column is marked.
  public var flags: [[SampleFlags]]
  /// Rows to skip, ascending: duplicates, rows out of order and rows without time.
  public var rejectedRows: [Int]
  /// Samples withheld earlier (in this batch or before) as suspected spikes that turned out to
  /// be real. A consumer that must not lose the first sample of a jump reads them here.
  public var released: [SampleReference]

  /// The columns.
  public var schema: TableSchema { raw.schema }
  /// Number of rows, rejected ones included.
  public var rowCount: Int { raw.rowCount }

  /// The rows to use, ascending.
  ///
  /// - Complexity: O(rows).
  public var acceptedRows: [Int] {
    guard !rejectedRows.isEmpty else { return Array(0..<rowCount) }
    var rejected = rejectedRows[...]
    return (0..<rowCount).filter { row in
      guard rejected.first == row else { return true }
      rejected = rejected.dropFirst()
      return false
    }
  }
}

/// One sample of a stream, by its place and raw value.
public struct SampleReference: Codable, Hashable, Sendable {
  /// Row in the stream, counted from 0 over all batches.
  public var row: Int
  /// Column in the schema.
  public var column: Int
  /// Time of the row; NaN-free: zero where the table has no time.
  public var time: Double
  /// Raw value in SI.
  public var value: Double

  /// Creates a reference.
  public init(row: Int, column: Int, time: Double, value: Double) {
    self.row = row
    self.column = column
    self.time = time
    self.value = value
  }
}
