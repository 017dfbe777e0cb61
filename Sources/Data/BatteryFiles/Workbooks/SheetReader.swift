// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One table of a workbook: a block of columns of one sheet or of sheets that continue each other.

import BatteryDomain

/// Reads one block of columns of one or more sheets.
///
/// The reader shares its position with its copies: use one copy at a time.
struct SheetReader: RecordReader {
  private let engine: SheetEngine

  init(engine: SheetEngine) { self.engine = engine }

  var schema: TableSchema { engine.builder.schema }
  var progress: Double { engine.progress }

  mutating func next() throws(FileError) -> RecordBatch? { try engine.next() }
}

/// The position of a sheet reader.
///
/// - Note: A class because it owns the stream of the present sheet.
final class SheetEngine {
  let builder: BatchBuilder
  private let workbook: Workbook
  private let sheets: [SheetPart]
  private var current = 0
  private var stream: SheetStream?
  private var finished = false
  /// Column of the batch by column of the sheet; -1 where none is read.
  private var targets: [Int]

  /// One sheet and the row its titles are in.
  struct SheetPart {
    let sheet: Workbook.Sheet
    let headerRow: Int
  }

  init(workbook: Workbook, sheets: [SheetPart], firstColumn: Int, builder: BatchBuilder) {
    self.workbook = workbook
    self.sheets = sheets
    self.builder = builder
    let width = builder.plan.sourceColumns + firstColumn
    targets = Array(repeating: -1, count: width)
    for (index, column) in builder.plan.columns.enumerated() {
      targets[column.source + firstColumn] = index
    }
    builder.firstLine = (sheets.first?.headerRow ?? 1) + 1
  }

  var progress: Double {
    guard !sheets.isEmpty else { return 1 }
    return min(1, (Double(current) + (stream?.progress ?? 0)) / Double(sheets.count))
  }

  func next() throws(FileError) -> RecordBatch? {
    guard !finished else { return nil }
    while builder.rows < builder.capacity {
      guard let row = try nextRow() else {
        finished = true
        break
      }
      store(row)
    }
    if let batch = builder.finish() {
      if finished {
        finished = false
        current = sheets.count
      }
      return batch
    }
    finished = true
    try builder.checkWhole()
    return nil
  }

  private func nextRow() throws(FileError) -> SheetRow? {
    while current < sheets.count {
      if stream == nil {
        stream = try SheetStream(
          path: workbook.path, member: sheets[current].sheet.member,
          sharedStrings: workbook.sharedStrings)
      }
      while let row = try stream?.nextRow() {
        if row.number > sheets[current].headerRow { return row }
      }
      stream = nil
      current += 1
    }
    return nil
  }

  private func store(_ row: SheetRow) {
    // A block may end before its neighbours: rows without one of its cells are not rows of it.
    let used = row.cells.contains { cell in
      cell.column < targets.count && targets[cell.column] >= 0
    }
    guard used else { return }
    let index = builder.rows
    for column in builder.plan.columns.indices {
      builder.workspace[column * builder.stride + index] = .nan
    }
    var filled = Set<Int>()
    for cell in row.cells where cell.column < targets.count && targets[cell.column] >= 0 {
      let column = targets[cell.column]
      if store(cell, column: column, row: index) { filled.insert(column) }
    }
    for column in builder.plan.columns.indices where !filled.contains(column) {
      builder.reject(column: column, row: index, .missing)
    }
    builder.rows += 1
  }

  /// Stores one cell.
  ///
  /// - Returns: False when the cell counts as empty.
  private func store(_ cell: SheetCell, column: Int, row: Int) -> Bool {
    let plan = builder.plan.columns[column]
    if let text = cell.text, cell.number.isNaN {
      var copy = text
      let seconds = copy.withUTF8 { bytes -> Double? in
        switch plan.form {
        case .date, .excelDate:
          return TimestampParser.date(bytes).map { $0.seconds - ($0.offset ?? plan.clockOffset) }
        case .duration: return TimestampParser.duration(bytes)
        default: return nil
        }
      }
      if let seconds {
        builder.workspace[column * builder.stride + row] = seconds
        return true
      }
      if copy.withUTF8({ DelimitedEngine.meansNothing($0) }) { return false }
      builder.reject(column: column, row: row, .notNumeric)
      return true
    }
    guard cell.number.isFinite else {
      builder.reject(column: column, row: row, .notNumeric)
      return true
    }
    var value = cell.number
    switch plan.form {
    case .date, .excelDate:
      // Dates of 1904 workbooks are 1462 days behind (ECMA-376 part 1, 18.17.4.1).
      let serial = workbook.startsIn1904 ? value + 1462 : value
      value = TimestampParser.instant(ofNumber: serial, clockOffset: plan.clockOffset) ?? .nan
    case .duration:
      // Excel holds durations as fractions of a day; cyclers write seconds.
      break
    default: break
    }
    guard value.isFinite else {
      builder.reject(column: column, row: row, .notNumeric)
      return true
    }
    builder.workspace[column * builder.stride + row] = value
    return true
  }
}
