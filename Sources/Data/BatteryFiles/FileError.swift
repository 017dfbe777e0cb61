// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a file, with the place and the way out.

/// What can be wrong with a file; every case carries what a person needs to find the place.
public enum FileError: Error, Hashable, Sendable {
  /// The file does not exist or cannot be opened; `reason` is the system's own word.
  case unreadable(file: String, reason: String)
  /// The file has no data row.
  case empty(file: String)
  /// The file ends in the middle of a record or compressed stream.
  case truncated(file: String, row: Int, expected: String)
  /// No reader recognises the content; `hint` says what was seen and what to try.
  case unrecognised(file: String, hint: String)
  /// A row or field is not what the format demands.
  case malformed(file: String, row: Int?, column: String?, expected: String, found: String)
  /// A limit of the reader is exceeded, for example the number of columns.
  case tooLarge(file: String, what: String, value: Int, limit: Int)
  /// A library this reader stands on reported an error.
  case library(file: String, name: String, code: Int, message: String)
  /// The output cannot be written.
  case unwritable(file: String, reason: String)
}
