// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The JSON form of a report.

public import Foundation

extension ReportDocument {
  /// The document as JSON after `Docs/schema/report.schema.json`, in UTF-8 with a final newline.
  ///
  /// Keys are snake_case and sorted, so the same document gives the same bytes. A number that is
  /// not finite is written as `null`.
  ///
  /// - Returns: The bytes.
  /// - Throws: `EncodingError` if a part of the document cannot be encoded.
  /// - Complexity: O(*n*) in the size of the document.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    // JSON has no word for these; a private-use character keeps the stand-in apart from all text.
    let standIn = "\u{F8FF}not-finite"
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: standIn, negativeInfinity: standIn, nan: standIn)
    var data = try encoder.encode(self)
    let token = Data("\"\(standIn)\"".utf8)
    var start = data.startIndex
    while let range = data.range(of: token, in: start..<data.endIndex) {
      data.replaceSubrange(range, with: Data("null".utf8))
      start = range.lowerBound
    }
    data.append(UInt8(ascii: "\n"))
    return data
  }
}
