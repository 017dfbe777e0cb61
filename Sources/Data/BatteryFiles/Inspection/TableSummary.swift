// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a file and its tables hold, for people and for programs.

public import BatteryDomain

/// What a file holds.
public struct FileSummary: Codable, Sendable {
  /// Path as the caller gave it.
  public var file: String
  /// Machine name of the format.
  public var format: String
  /// Name of the format for people.
  public var formatTitle: String
  /// What the file is about.
  public var kind: DataFile.Kind
  /// Wrappings taken off, outermost first.
  public var wrappings: [String]
  /// What a reader of the data should know.
  public var notes: [String]
  /// Titles of text columns that are not read.
  public var ignoredColumns: [String]
  /// One entry per table.
  public var tables: [TableSummary]
}

/// What one table holds.
public struct TableSummary: Codable, Sendable {
  /// A pause in the data.
  public struct Gap: Codable, Sendable, Hashable {
    /// Time of the last sample before it, in seconds.
    public var start: Double
    /// Length in seconds.
    public var seconds: Double
    /// Row after it, from 0.
    public var row: Int
  }

  /// All pauses in the data.
  public struct Gaps: Codable, Sendable, Hashable {
    /// Shortest interval that counts as a gap, in seconds; nil without two distinct times.
    public var limit: Double?
    /// How many there are.
    public var count: Int
    /// Their length together, in seconds.
    public var seconds: Double
    /// The longest, longest first, at most ten.
    public var longest: [Gap]
  }

  /// What one column holds.
  public struct Column: Codable, Sendable {
    /// Title in the source.
    public var name: String
    /// What it holds; nil for a column of no known quantity.
    public var quantity: QuantityKey?
    /// Position from 0 in a per-cell or per-probe quantity.
    public var element: Int
    /// Unit in the source.
    public var sourceUnit: String
    /// Coherent SI unit of the statistics below; the source's where the quantity is unknown.
    public var unit: String
    /// Factor of the declared mapping `SI = source × scale + offset`.
    public var scale: Double
    /// Offset of the mapping.
    public var offset: Double
    /// Samples that can be used.
    public var usable: Int
    /// Empty fields.
    public var missing: Int
    /// Samples that the source marks as not available.
    public var invalid: Int
    /// Samples that the source marks as faulty.
    public var abnormal: Int
    /// Samples outside the valid range.
    public var outOfRange: Int
    /// Fields that are no numbers.
    public var notNumeric: Int
    /// Least usable value; nil without one.
    public var minimum: Double?
    /// Greatest usable value; nil without one.
    public var maximum: Double?
    /// Mean of the usable values; nil without one.
    public var mean: Double?
  }

  /// What the source is about.
  public var identity: String
  /// Machine name of the table's format.
  public var format: String
  /// Rows.
  public var rows: Int
  /// What times count from.
  public var timeReference: TimeReference
  /// Least time in seconds; nil without times.
  public var start: Double?
  /// Greatest time in seconds; nil without times.
  public var end: Double?
  /// Typical sampling interval in seconds; nil without two distinct times.
  public var interval: Double?
  /// Cells or parallel groups with a voltage of their own.
  public var cells: Int
  /// Temperature probes.
  public var probes: Int
  /// Cycles by their highest number; nil where the source does not count them.
  public var cycles: Int?
  /// Pauses.
  public var gaps: Gaps
  /// Rows that repeat the time before them.
  public var duplicates: Int
  /// Rows that lie before the row before them.
  public var outOfOrder: Int
  /// One entry per column.
  public var columns: [Column]
}
