// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How a delimited text file is written: separator, decimal mark, header and preamble.

/// How a delimited text file is written.
struct DelimitedDialect: Sendable, Hashable {
  /// Byte between fields: `,`, `;`, tab or `|`.
  var delimiter: UInt8
  /// Byte before the fraction: `.` or `,`.
  var decimalPoint: UInt8
  /// Byte offset of the first record of data.
  var dataOffset: Int
  /// Number of lines before the first record of data.
  var linesBefore: Int
}
