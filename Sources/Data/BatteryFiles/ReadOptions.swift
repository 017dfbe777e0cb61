// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a caller can say about a file that its content does not say.

/// What a caller can say about a file that its content does not say.
public struct ReadOptions: Sendable, Hashable {
  /// Columns named by the caller; when not empty, only these are read. See ``ColumnMapping``.
  public var columns: [ColumnMapping]
  /// Name of the one sheet of a workbook to read; nil for every sheet that holds a table.
  public var sheet: String?
  /// Seconds between rows for files that have no time column; nil for the format's own interval.
  public var rowInterval: Double?
  /// Seconds that the clock of the file is ahead of UTC; nil for the format's own offset.
  public var wallClockOffset: Double?
  /// Most rows in one batch; the reader takes fewer where a row is wide.
  public var batchRows: Int

  /// Creates options; the defaults let the content decide.
  public init(
    columns: [ColumnMapping] = [], sheet: String? = nil, rowInterval: Double? = nil,
    wallClockOffset: Double? = nil, batchRows: Int = 4096
  ) {
    self.columns = columns
    self.sheet = sheet
    self.rowInterval = rowInterval
    self.wallClockOffset = wallClockOffset
    self.batchRows = batchRows
  }
}

/// The limits that keep a hostile or broken file from taking the machine.
public enum ReadLimits {
  /// Most columns of a table; wider than any cycler or vehicle, and Excel's own limit.
  public static let columns = 16_384
  /// Most bytes in one record of text.
  public static let recordBytes = 4 << 20
  /// Most bytes of a workbook's shared strings, workbook and relation parts.
  public static let workbookPartBytes = 64 << 20
  /// Most bytes of a MATLAB file, which is held in memory.
  public static let matlabBytes = 256 << 20
  /// Most members of an archive that are looked at.
  public static let archiveMembers = 1_000
}
