// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The careful way through a field: quotes, blanks, missing values, dates, errors.

import BatteryDomain

private let lineFeed: UInt8 = 0x0A
private let carriageReturn: UInt8 = 0x0D
private let quote: UInt8 = 0x22

extension DelimitedEngine {
  /// Skips a blank line.
  ///
  /// - Returns: Whether the line was whole in the block.
  func skipBlankLine(
    _ cursor: inout UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    if cursor[0] == carriageReturn {
      guard cursor + 1 < end || atEnd else { return false }
      cursor += cursor + 1 < end && cursor[1] == lineFeed ? 2 : 1
    } else {
      cursor += 1
    }
    blankLines += 1
    return true
  }

  /// Moves the cursor behind a field of any content, onto its separator.
  ///
  /// - Returns: Whether the field's closing quote, if it has one, was in the block.
  func skipField(
    _ cursor: inout UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let delimiter = dialect.delimiter
    if cursor[0] == quote, cursor < end {
      var at = cursor + 1
      while true {
        while at < end, at[0] != quote { at += 1 }
        guard at < end else { return false }
        if at + 1 < end, at[1] == quote {
          at += 2
          continue
        }
        at += 1
        break
      }
      cursor = at
    }
    while cursor[0] != delimiter, cursor[0] != lineFeed, cursor[0] != carriageReturn {
      cursor += 1
    }
    return true
  }

  /// Parses a field that the fast way refused.
  ///
  /// - Returns: Whether the field was whole in the block.
  /// - Throws: ``FileError`` for bytes that are no text, and for an open quote at the end.
  func slowField(
    _ cursor: inout UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>,
    _ plan: FieldPlan, _ row: Int
  ) throws(FileError) -> Bool {
    let field = cursor
    guard skipField(&cursor, end) else {
      if atEnd { throw openQuote(row) }
      return false
    }
    // A field that touches the end of the block may go on in the next one.
    if cursor == end, !atEnd { return false }
    var first = field
    var last = cursor
    while first < last, first[0] == 0x20 || first[0] == 0x09 { first += 1 }
    while last > first, last[-1] == 0x20 || last[-1] == 0x09 { last -= 1 }
    if last - first >= 2, first[0] == quote, last[-1] == quote {
      first += 1
      last -= 1
      while first < last, first[0] == 0x20 { first += 1 }
      while last > first, last[-1] == 0x20 { last -= 1 }
    }
    let text = UnsafeBufferPointer<UInt8>(start: first, count: last - first)
    if plan.action == .direction {
      builder.directions[row] = text.first ?? 0
      return true
    }
    let column = Int(plan.target)
    let cell = builder.workspace + (column * builder.stride + row)
    if Self.meansNothing(text) {
      builder.reject(column: column, row: row, .missing)
      return true
    }
    switch plan.action {
    case .date:
      if let date = TimestampParser.date(text) {
        cell.pointee = date.seconds - (date.offset ?? plan.clockOffset)
        return true
      }
      if let number = DecimalParser.parse(text, decimalPoint: dialect.decimalPoint),
        let seconds = TimestampParser.instant(ofNumber: number, clockOffset: plan.clockOffset)
      {
        cell.pointee = seconds
        return true
      }
    case .duration:
      if let seconds = TimestampParser.duration(text)
        ?? DecimalParser.parse(text, decimalPoint: dialect.decimalPoint)
      {
        cell.pointee = seconds
        return true
      }
    default:
      if let value = DecimalParser.parse(text, decimalPoint: dialect.decimalPoint) {
        cell.pointee = value
        return true
      }
    }
    try refuseForeignBytes(text, plan, row)
    builder.reject(column: column, row: row, .notNumeric)
    return true
  }

  /// Whether a field is empty or a word for "no value".
  static func meansNothing(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch text.count {
    case 0: return true
    case 1: return text[0] == 0x2D  // a lone dash
    case 2, 3, 4:
      let word = String(decoding: text, as: UTF8.self).lowercased()
      return ["nan", "na", "n/a", "null", "none", "-nan", "--", "nil"].contains(word)
    default: return false
    }
  }

  /// Marks the fields that a short record lacks.
  func fillMissing(from column: Int, _ row: Int) {
    for plan in fields[column...] {
      switch plan.action {
      case .skip: continue
      case .direction: builder.directions[row] = 0
      default: builder.reject(column: Int(plan.target), row: row, .missing)
      }
    }
  }

  private func refuseForeignBytes(
    _ text: UnsafeBufferPointer<UInt8>, _ plan: FieldPlan, _ row: Int
  ) throws(FileError) {
    let name = builder.plan.columns[Int(plan.target)].schema.sourceName
    if text.contains(0) {
      throw .malformed(
        file: source.path, row: line(of: row), column: name, expected: "text in one encoding",
        found: "NUL bytes; the file is binary or mixes encodings")
    }
    guard text.contains(where: { $0 >= 0x80 }) else { return }
    guard String(validating: text, as: UTF8.self) == nil else { return }
    let shown = text.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
    throw .malformed(
      file: source.path, row: line(of: row), column: name,
      expected: "a number in UTF-8 text",
      found: "bytes \(shown), which are not UTF-8; the file mixes encodings")
  }

  func openQuote(_ row: Int) -> FileError {
    .truncated(
      file: source.path, row: line(of: row), expected: "a closing quotation mark")
  }

  func cutRecord(_ row: Int, fields count: Int) -> FileError {
    .truncated(
      file: source.path, row: line(of: row),
      expected: "\(fields.count) fields as in the header, found \(count)")
  }

  func tooManyFields(_ row: Int, text: UnsafeBufferPointer<UInt8>) -> FileError {
    let shown = String(decoding: text.prefix(24), as: UTF8.self)
    return .malformed(
      file: source.path, row: line(of: row), column: "\(fields.count + 1)",
      expected: "\(fields.count) fields as in the header", found: "a further field '\(shown)'")
  }
}
