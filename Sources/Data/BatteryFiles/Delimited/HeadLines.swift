// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The first lines of a text, split for looking at; speed does not matter here.

/// The first lines of a text.
struct HeadLines {
  let bytes: [UInt8]
  /// Range of each line without its end.
  private(set) var ranges: [Range<Int>] = []

  /// Splits at line ends outside quotes.
  ///
  /// - Parameters:
  ///   - bytes: The head.
  ///   - start: First byte after a byte-order mark.
  ///   - wholeFile: Whether the head is all there is; if not, the cut last line is left out.
  init(bytes: [UInt8], from start: Int, wholeFile: Bool) {
    self.bytes = bytes
    var begin = start
    var at = start
    while at < bytes.count, ranges.count < 1000 {
      if bytes[at] == 0x0A || bytes[at] == 0x0D {
        ranges.append(begin..<at)
        if bytes[at] == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A { at += 1 }
        begin = at + 1
      }
      at += 1
    }
    if begin < bytes.count, wholeFile || ranges.isEmpty, ranges.count < 1000 {
      ranges.append(begin..<bytes.count)
    }
    while let last = ranges.last, last.isEmpty { ranges.removeLast() }
  }

  /// The fields of a line, without quotes.
  func fields(_ line: Int, delimiter: UInt8) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    var field: [UInt8] = []
    var quoted = false
    var at = ranges[line].lowerBound
    let end = ranges[line].upperBound
    while at < end {
      let byte = bytes[at]
      if byte == 0x22, quoted || field.isEmpty {
        if quoted, at + 1 < end, bytes[at + 1] == 0x22 {
          field.append(byte)
          at += 1
        } else {
          quoted.toggle()
        }
      } else if byte == delimiter, !quoted {
        fields.append(field)
        field = []
        if fields.count > ReadLimits.columns { break }
      } else {
        field.append(byte)
      }
      at += 1
    }
    fields.append(field)
    return fields
  }

  /// Whether a field is empty or a word for "no value".
  static func isBlank(_ field: [UInt8]) -> Bool {
    field.withUnsafeBufferPointer { text in
      text.allSatisfy { $0 == 0x20 || $0 == 0x09 } || DelimitedEngine.meansNothing(text)
    }
  }

  /// Whether a field is one decimal number.
  static func isNumeric(_ field: [UInt8], point: UInt8) -> Bool {
    field.withUnsafeBufferPointer { DecimalParser.parse($0, decimalPoint: point) != nil }
  }

  /// Whether a line can be a line of titles: some words, and fewer numbers than words.
  static func looksLikeTitles(_ fields: [[UInt8]]) -> Bool {
    var words = 0
    var numbers = 0
    for field in fields {
      if isNumeric(field, point: 0x2E) || isNumeric(field, point: 0x2C) {
        numbers += 1
      } else if !field.allSatisfy({ $0 == 0x20 }) {
        words += 1
      }
    }
    return words > 0 && numbers < words
  }
}
