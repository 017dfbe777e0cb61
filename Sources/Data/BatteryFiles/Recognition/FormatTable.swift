// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The table of known exports, searched from the most particular to the most general.

/// The table of known exports.
///
/// A format is a row of data: how its header is recognised and what each column means. Adding one
/// needs no code.
enum FormatTable {
  /// All formats, the most particular first.
  static let all: [FormatDefinition] =
    vehicles + published + cyclers + batteryDataFormat + abuse + plainTables

  /// The first format that recognises a header, or nil.
  ///
  /// - Parameters:
  ///   - header: The column titles.
  ///   - preamble: The text before the header.
  /// - Returns: The format's row.
  static func recognise(header: [HeaderName], preamble: String) -> FormatDefinition? {
    var names = Set<String>()
    for column in header {
      names.insert(column.name)
      if let indexed = column.indexed { names.insert(indexed.pattern) }
    }
    return all.first { $0.recognises(names: names, preambleText: preamble) }
  }
}
