// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the columns of a measurement table are, and how they came out of their source.

/// One column of a measurement table.
public struct ColumnSchema: Codable, Hashable, Sendable {
  /// What the column holds; nil for a source column that no quantity is known for.
  public var quantity: QuantityKey?
  /// Position from 0 in a per-cell or per-probe quantity; 0 for a scalar.
  public var element: Int
  /// The name the source gives the column.
  public var sourceName: String
  /// The unit the source states or implies.
  public var sourceUnit: String
  /// Factor from the source's number to coherent SI: `SI = source × scale + offset`. It carries
  /// the sign where the source counts charge current as positive.
  public var scale: Double
  /// Offset of the same mapping, in SI.
  public var offset: Double

  /// Creates a column description; the default mapping leaves numbers as they are.
  public init(
    quantity: QuantityKey?, element: Int = 0, sourceName: String, sourceUnit: String = "",
    scale: Double = 1, offset: Double = 0
  ) {
    self.quantity = quantity
    self.element = element
    self.sourceName = sourceName
    self.sourceUnit = sourceUnit
    self.scale = scale
    self.offset = offset
  }

  private enum CodingKeys: String, CodingKey {
    case quantity
    case element
    case sourceName = "source_name"
    case sourceUnit = "source_unit"
    case scale
    case offset
  }
}

/// What the numbers of a time column count from.
public enum TimeReference: String, CaseIterable, Codable, Hashable, Sendable {
  /// Seconds since 1970-01-01T00:00:00Z.
  case unixEpoch = "unix_epoch"
  /// Seconds since the start of the test or file.
  case testStart = "test_start"
  /// The source has no time; rows are counted at a stated or assumed interval.
  case rowNumber = "row_number"
}

/// The columns of a measurement table with the reference of its time column.
public struct TableSchema: Codable, Hashable, Sendable {
  /// Name of the recognised format, for example `arbin` or `vehicle-telemetry`.
  public var format: String
  /// What the source is about: a VIN, a cell name or the file's base name.
  public var sourceIdentity: String
  /// The columns in source order.
  public var columns: [ColumnSchema]
  /// What the time column counts from.
  public var timeReference: TimeReference
  /// Offset of the source's wall clock from UTC in seconds, where the reader applied one.
  public var wallClockOffset: Double

  /// Creates a schema.
  public init(
    format: String, sourceIdentity: String, columns: [ColumnSchema],
    timeReference: TimeReference, wallClockOffset: Double = 0
  ) {
    self.format = format
    self.sourceIdentity = sourceIdentity
    self.columns = columns
    self.timeReference = timeReference
    self.wallClockOffset = wallClockOffset
  }

  /// The position of the first column of a quantity, or nil.
  public func column(of quantity: QuantityKey, element: Int = 0) -> Int? {
    columns.firstIndex { $0.quantity == quantity && $0.element == element }
  }

  /// The positions of all columns of a per-cell or per-probe quantity, by element.
  public func columns(of quantity: QuantityKey) -> [Int] {
    columns.indices.filter { columns[$0].quantity == quantity }
      .sorted { columns[$0].element < columns[$1].element }
  }

  private enum CodingKeys: String, CodingKey {
    case format
    case sourceIdentity = "source_identity"
    case columns
    case timeReference = "time_reference"
    case wallClockOffset = "wall_clock_offset"
  }
}
