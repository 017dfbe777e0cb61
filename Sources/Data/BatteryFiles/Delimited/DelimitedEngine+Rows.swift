// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The hot loop: bytes of records to raw numbers.

import BatteryDomain

private let lineFeed: UInt8 = 0x0A
private let carriageReturn: UInt8 = 0x0D
private let quote: UInt8 = 0x22

extension DelimitedEngine {
  /// Parses records until the batch is full or the block is used up.
  ///
  /// A record that the block cuts is left for the next block: the line feed behind the block
  /// stops every loop, and a record that ends there is rolled back.
  ///
  /// - Returns: Whether more bytes are needed.
  /// - Throws: ``FileError`` for a record that the format does not allow.
  /// - Complexity: O(bytes).
  func parseRows() throws(FileError) -> Bool {
    let end = buffer + filled
    var cursor = buffer + position
    let delimiter = dialect.delimiter
    let point = dialect.decimalPoint
    let stride = builder.stride
    let workspace = builder.workspace
    let columnCount = fields.count
    var row = builder.rows
    let rowLimit = builder.capacity
    defer {
      position = cursor - buffer
      builder.rows = row
    }
    return try fields.withUnsafeBufferPointer { plans throws(FileError) -> Bool in
      try DecimalParser.exactPowers.withUnsafeBufferPointer { powers throws(FileError) -> Bool in
        while row < rowLimit {
          if cursor >= end { return true }
          let start = cursor
          if cursor[0] == lineFeed || cursor[0] == carriageReturn {
            guard skipBlankLine(&cursor, end) else { return true }
            continue
          }
          let issuesBefore = builder.issues.count
          var column = 0
          while true {
            if column < columnCount {
              let plan = plans[column]
              switch plan.action {
              case .decimal:
                let cell = workspace + (Int(plan.target) &* stride &+ row)
                if !Self.fastDecimal(&cursor, cell, delimiter, point, powers) {
                  guard try slowField(&cursor, end, plan, row) else {
                    builder.rollBack(issueCount: issuesBefore)
                    cursor = start
                    return true
                  }
                }
              case .skip:
                guard skipField(&cursor, end) else {
                  if atEnd { throw openQuote(row) }
                  builder.rollBack(issueCount: issuesBefore)
                  cursor = start
                  return true
                }
              case .date:
                if end - cursor >= 20, let seconds = TimestampParser.fixedForm(cursor),
                  cursor[19] == delimiter || cursor[19] == lineFeed || cursor[19] == carriageReturn
                {
                  workspace[Int(plan.target) &* stride &+ row] = Double(seconds) - plan.clockOffset
                  cursor += 19
                } else {
                  guard try slowField(&cursor, end, plan, row) else {
                    builder.rollBack(issueCount: issuesBefore)
                    cursor = start
                    return true
                  }
                }
              case .duration, .direction:
                guard try slowField(&cursor, end, plan, row) else {
                  builder.rollBack(issueCount: issuesBefore)
                  cursor = start
                  return true
                }
              }
            } else {
              // A field too many; an empty one behind a trailing separator is tolerated.
              let field = cursor
              guard skipField(&cursor, end) else {
                if atEnd { throw openQuote(row) }
                builder.rollBack(issueCount: issuesBefore)
                cursor = start
                return true
              }
              if cursor > field, cursor < end || atEnd {
                throw tooManyFields(
                  row, text: UnsafeBufferPointer(start: field, count: cursor - field))
              }
            }
            if cursor[0] == delimiter, cursor < end {
              cursor += 1
              column += 1
              continue
            }
            break
          }
          // The cursor stands on a line feed or carriage return, or on the sentinel.
          if cursor == end {
            guard atEnd else {
              builder.rollBack(issueCount: issuesBefore)
              cursor = start
              return true
            }
            if column + 1 < columnCount { throw cutRecord(row, fields: column + 1) }
          } else if cursor[0] == carriageReturn {
            guard cursor + 1 < end || atEnd else {
              builder.rollBack(issueCount: issuesBefore)
              cursor = start
              return true
            }
            cursor += cursor + 1 < end && cursor[1] == lineFeed ? 2 : 1
          } else {
            cursor += 1
          }
          if column + 1 < columnCount { fillMissing(from: column + 1, row) }
          row &+= 1
        }
        return false
      }
    }
  }

  /// Parses a plain decimal field of up to 15 digits that ends at a separator.
  ///
  /// With at most 15 digits the mantissa is below 2⁵³ and the power of ten at most 15, so one
  /// division rounds correctly (see ``DecimalParser``).
  ///
  /// - Returns: Whether the field was stored; if not, the cursor has not moved.
  @inline(__always)
  static func fastDecimal(
    _ cursor: inout UnsafeMutablePointer<UInt8>, _ cell: UnsafeMutablePointer<Double>,
    _ delimiter: UInt8, _ point: UInt8, _ powers: UnsafeBufferPointer<Double>
  ) -> Bool {
    var at = cursor
    var byte = at[0]
    let negative = byte == 0x2D
    if negative {
      at += 1
      byte = at[0]
    }
    let first = at
    var mantissa: UInt64 = 0
    var digit = byte &- 0x30
    while digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      at += 1
      digit = at[0] &- 0x30
    }
    var digits = at - first
    var fraction = 0
    if at[0] == point {
      at += 1
      let begin = at
      digit = at[0] &- 0x30
      while digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        at += 1
        digit = at[0] &- 0x30
      }
      fraction = at - begin
      digits &+= fraction
    }
    let last = at[0]
    guard digits &- 1 < 15, digits > 0,
      last == delimiter || last == lineFeed || last == carriageReturn
    else { return false }
    let magnitude = Double(Int64(bitPattern: mantissa)) / powers[fraction]
    cell.pointee = negative ? -magnitude : magnitude
    cursor = at
    return true
  }
}
