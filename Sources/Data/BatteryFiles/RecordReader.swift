// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The one protocol of all readers: batches of rows, in order, in bounded memory.

public import BatteryDomain

/// A source of measurement rows that is read in batches with bounded memory.
///
/// A reader normalises units and signs by the mapping in its schema, marks suspicious samples and
/// never repairs them: that is the work of `Cleaning`.
public protocol RecordReader {
  /// The columns, known once the reader is open.
  var schema: TableSchema { get }

  /// Share of the source read so far, from 0 to 1.
  var progress: Double { get }

  /// The next rows, or nil at the end of the source.
  ///
  /// - Throws: ``FileError`` with file, row and column where the source is broken.
  mutating func next() throws(FileError) -> RecordBatch?
}
