// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Content sniffing: from the first bytes to the right reader.

import Foundation

/// Looks at the first bytes of a file and hands it to the right reader.
struct FileOpener {
  let path: String
  let options: ReadOptions

  /// Bytes looked at before a decision; enough for the longest preambles of cyclers.
  static let headBytes = 256 << 10

  func open() throws(FileError) -> DataFile {
    let file = try PlainFile(path: path)
    guard file.byteCount > 0 else { throw .empty(file: path) }
    let head = try Self.head(of: file)
    let wrapping = Wrapping(head: head)
    if let sheet = options.sheet, MatFile.isMatlab(head) || wrapping != .zip {
      throw notAWorkbook(sheet)
    }
    if MatFile.isMatlab(head) { return try openMatlab() }
    switch wrapping {
    case .none: return try openText(head: head, rest: file, wrappings: [])
    case .compressed(let name): return try openCompressed(wrapping: name)
    case .zip: return try openArchive(wrapping: "zip")
    }
  }

  private func notAWorkbook(_ sheet: String) -> FileError {
    .unrecognised(
      file: path, hint: "it is not a workbook and has no sheet '\(sheet)'; leave the sheet out")
  }

  private func openMatlab() throws(FileError) -> DataFile {
    let variables = try MatFile.variables(of: path)
    let tables = MatTables.tables(variables, identity: DataFile.identity(of: path))
    guard let first = tables.first else {
      let names = variables.prefix(8).map(\.name).joined(separator: ", ")
      throw .unrecognised(
        file: path,
        hint: "its MATLAB variables are \(names), none of which is a structure of records or of "
          + "vectors t, I, V; export them as CSV")
    }
    var readers: [any RecordReader] = []
    var notes: [String] = []
    for table in tables {
      let reader = try MemoryReader(table, file: path, options: options)
      readers.append(reader)
      for note in reader.notes where !notes.contains(note) { notes.append(note) }
    }
    return DataFile(
      path: path, format: first.format, formatTitle: first.title, kind: first.kind, notes: notes,
      ignoredColumns: [], tables: readers)
  }

  private func openCompressed(wrapping: String) throws(FileError) -> DataFile {
    let source = try ArchiveSource(path: path, member: nil)
    let head = try Self.head(of: source)
    guard !head.isEmpty else { throw .empty(file: path) }
    return try openText(head: head, rest: source, wrappings: [wrapping])
  }

  private func openArchive(wrapping: String) throws(FileError) -> DataFile {
    let all = try ArchiveSource.members(of: path)
    if Workbook.isWorkbook(all) {
      return try WorkbookOpener(
        workbook: Workbook(path: path, members: all), options: options
      ).open()
    }
    if let sheet = options.sheet { throw notAWorkbook(sheet) }
    let members = all.filter { $0.size != 0 }
    guard let first = members.first else { throw .empty(file: path) }
    var result: DataFile?
    for member in members where !member.name.hasPrefix("__MACOSX/") {
      let source = try ArchiveSource(path: path, member: member)
      let opened = try openText(
        head: try Self.head(of: source), rest: source, wrappings: [wrapping])
      if result == nil { result = opened } else { result?.tables += opened.tables }
    }
    guard let result else { throw .unrecognised(file: path, hint: "no table in \(first.name)") }
    return result
  }

  /// Opens delimited text whose first bytes are `head`.
  func openText(
    head: [UInt8], rest: any ByteSource, wrappings: [String]
  ) throws(FileError) -> DataFile {
    let sniffer = try DelimitedSniffer(file: path, options: options, head: head, rest: rest)
    let identity = DataFile.identity(of: path)
    let builder = BatchBuilder(
      plan: sniffer.plan, identity: identity, file: path, batchRows: options.batchRows)
    let engine = DelimitedEngine(
      source: sniffer.body(), builder: builder, dialect: sniffer.dialect)
    return DataFile(
      path: path, format: sniffer.plan.format, formatTitle: sniffer.plan.title,
      kind: sniffer.plan.kind, wrappings: wrappings, notes: sniffer.plan.notes,
      ignoredColumns: sniffer.plan.ignored, tables: [DelimitedReader(engine: engine)])
  }

  /// The first bytes of a source.
  static func head(of source: any ByteSource, limit: Int = headBytes) throws(FileError) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: limit)
    var filled = 0
    while filled < limit {
      var count = 0
      var failure: FileError?
      head.withUnsafeMutableBytes { bytes in
        do throws(FileError) {
          count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      if count == 0 { break }
      filled += count
    }
    head.removeLast(limit - filled)
    return head
  }
}
