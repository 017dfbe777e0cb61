// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Finds the tables of a workbook: sheets, blocks of columns, continued channels.

/// Finds the tables of a workbook.
struct WorkbookOpener {
  let workbook: Workbook
  let options: ReadOptions

  /// Rows of a sheet looked through for titles; Arbin's Info sheet has four above its own.
  private static let headerSearchRows = 30

  /// One block of adjacent titles in one sheet.
  private struct Block {
    var part: SheetEngine.SheetPart
    var firstColumn: Int
    var header: [HeaderName]
    /// Whether a column of the block begins with text in the first rows.
    var isText: [Bool]
  }

  func open() throws(FileError) -> DataFile {
    let path = workbook.path
    var blocks: [Block] = []
    for sheet in workbook.sheets where options.sheet == nil || options.sheet == sheet.name {
      blocks += try findBlocks(sheet)
    }
    if let wanted = options.sheet, !workbook.sheets.contains(where: { $0.name == wanted }) {
      let names = workbook.sheets.map(\.name).joined(separator: ", ")
      throw .unrecognised(file: path, hint: "it has no sheet '\(wanted)'; its sheets are \(names)")
    }
    let planner = TablePlanner(file: path, options: options)
    var plans: [TablePlan] = []
    var groups: [[Block]] = []
    var ignored: [String] = []
    for block in blocks {
      if let last = groups.indices.last, groups[last][0].header == block.header,
        groups[last][0].part.sheet.member != block.part.sheet.member,
        Self.continues(block.part.sheet.name, groups[last][0].part.sheet.name)
      {
        groups[last].append(block)
        continue
      }
      if !options.columns.isEmpty {
        guard plans.isEmpty else { continue }
        plans.append(
          try planner.explicitPlan(header: block.header, width: block.header.count) { _ in
            .decimal
          })
      } else if let format = FormatTable.recognise(header: block.header, preamble: "") {
        plans.append(
          try planner.plan(format: format, header: block.header) { column in
            column < block.isText.count && block.isText[column]
          })
      } else {
        ignored += block.header.map(\.title)
        continue
      }
      groups.append([block])
    }
    guard let first = plans.first else {
      let titles = blocks.first?.header.prefix(8).map { "'\($0.title)'" }.joined(separator: ", ")
      throw .unrecognised(
        file: path,
        hint: titles.map {
          "its first table has the columns \($0), which no known export has; "
            + "name them with --columns"
        } ?? "no sheet has a row of titles over numbers")
    }
    let identity = DataFile.identity(of: path)
    let tables = zip(plans, groups).map { plan, group -> any RecordReader in
      let builder = BatchBuilder(
        plan: plan, identity: identity, file: path, batchRows: options.batchRows)
      return SheetReader(
        engine: SheetEngine(
          workbook: workbook, sheets: group.map(\.part), firstColumn: group[0].firstColumn,
          builder: builder))
    }
    var notes: [String] = []
    for note in plans.flatMap(\.notes) where !notes.contains(note) { notes.append(note) }
    return DataFile(
      path: path, format: first.format, formatTitle: first.title, kind: first.kind,
      wrappings: ["xlsx"], notes: notes, ignoredColumns: ignored + plans.flatMap(\.ignored),
      tables: tables)
  }

  /// Whether a sheet's name says that it goes on where another ended: Arbin names them
  /// `Channel_1-008_1`, `Channel_1-008_2` and so on.
  private static func continues(_ name: String, _ first: String) -> Bool {
    func stem(_ text: String) -> String {
      let parts = text.split(separator: "_", omittingEmptySubsequences: false)
      guard parts.count > 2, let last = parts.last, Int(last) != nil else { return text }
      return parts.dropLast().joined(separator: "_")
    }
    return stem(name) == stem(first)
  }

  private func findBlocks(_ sheet: Workbook.Sheet) throws(FileError) -> [Block] {
    let stream = try SheetStream(
      path: workbook.path, member: sheet.member, sharedStrings: workbook.sharedStrings)
    var rows: [SheetRow] = []
    while rows.count < Self.headerSearchRows, let row = try stream.nextRow() { rows.append(row) }
    for (index, row) in rows.enumerated() {
      let titles = row.cells.filter { $0.text != nil && $0.number.isNaN }
      guard titles.count >= 2, titles.count * 2 > row.cells.count else { continue }
      let below = rows.dropFirst(index + 1)
      guard below.prefix(3).contains(where: { $0.cells.contains { $0.number.isFinite } }) else {
        continue
      }
      let part = SheetEngine.SheetPart(sheet: sheet, headerRow: row.number)
      return Self.blocks(of: titles, part: part, below: Array(below))
    }
    return []
  }

  /// Cuts a row of titles where a column has none.
  private static func blocks(
    of titles: [SheetCell], part: SheetEngine.SheetPart, below: [SheetRow]
  ) -> [Block] {
    var blocks: [Block] = []
    for cell in titles.sorted(by: { $0.column < $1.column }) {
      let values = below.compactMap { row in row.cells.first { $0.column == cell.column } }
      let text = !values.isEmpty && !values.contains { $0.number.isFinite }
      let name = HeaderName(cell.text ?? "")
      if let last = blocks.indices.last,
        blocks[last].firstColumn + blocks[last].header.count == cell.column
      {
        blocks[last].header.append(name)
        blocks[last].isText.append(text)
      } else {
        blocks.append(
          Block(part: part, firstColumn: cell.column, header: [name], isText: [text]))
      }
    }
    return blocks
  }
}
