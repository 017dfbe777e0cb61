// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parts of an .xlsx workbook that are small: sheet names, relations, shared strings.

/// The parts of an `.xlsx` workbook (ECMA-376, SpreadsheetML) that are small enough to hold.
struct Workbook {
  /// One worksheet.
  struct Sheet {
    let name: String
    let member: ArchiveSource.Member
  }

  let path: String
  let sheets: [Sheet]
  let sharedStrings: [String]
  /// Whether dates count from 1904 instead of 1900.
  let startsIn1904: Bool

  /// Whether an archive's members are those of a workbook.
  static func isWorkbook(_ members: [ArchiveSource.Member]) -> Bool {
    members.contains { $0.name == "xl/workbook.xml" }
  }

  /// Reads names, relations and shared strings.
  ///
  /// - Throws: ``FileError`` when a part is missing, damaged or too large.
  init(path: String, members: [ArchiveSource.Member]) throws(FileError) {
    self.path = path
    let byName = Dictionary(members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let book = BookListener()
    try Self.parse(path, byName["xl/workbook.xml"], book)
    let relations = RelationListener()
    try Self.parse(path, byName["xl/_rels/workbook.xml.rels"], relations)
    let strings = StringListener()
    if let member = byName["xl/sharedStrings.xml"] { try Self.parse(path, member, strings) }
    startsIn1904 = book.startsIn1904
    sharedStrings = strings.strings
    sheets = book.sheets.compactMap { sheet in
      guard let target = relations.targets[sheet.relation] else { return nil }
      let part = target.hasPrefix("/") ? String(target.dropFirst()) : "xl/\(target)"
      return byName[part].map { Sheet(name: sheet.name, member: $0) }
    }
  }

  private static func parse(
    _ path: String, _ member: ArchiveSource.Member?, _ listener: any XMLListener
  ) throws(FileError) {
    guard let member else {
      throw .malformed(
        file: path, row: nil, column: nil, expected: "a workbook with its list of sheets",
        found: "an archive without it")
    }
    let source = try ArchiveSource(path: path, member: member)
    guard let parser = XMLPushParser(listener: listener) else {
      throw .library(file: path, name: "expat", code: -1, message: "out of memory")
    }
    var total = 0
    while true {
      let chunk = try FileOpener.head(of: source, limit: 64 << 10)
      total += chunk.count
      guard total <= ReadLimits.workbookPartBytes else {
        throw .tooLarge(
          file: path, what: "bytes in \(member.name)", value: total,
          limit: ReadLimits.workbookPartBytes)
      }
      var failure: FileError?
      chunk.withUnsafeBytes { bytes in
        do throws(XMLPushParser.Failure) {
          try parser.feed(bytes, isFinal: chunk.isEmpty)
        } catch {
          failure = .malformed(
            file: path, row: nil, column: nil, expected: "well-formed XML in \(member.name)",
            found: "\(error.message) at its line \(error.line)")
        }
      }
      if let failure { throw failure }
      if chunk.isEmpty { return }
    }
  }
}

private final class BookListener: XMLListener {
  var sheets: [(name: String, relation: String)] = []
  var startsIn1904 = false

  func begin(_ name: String, attribute: (String) -> String?) {
    if name == "sheet", let title = attribute("name"), let relation = attribute("id") {
      sheets.append((title, relation))
    } else if name == "workbookPr", let value = attribute("date1904") {
      startsIn1904 = value == "1" || value == "true"
    }
  }

  func end(_ name: String) {}
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

private final class RelationListener: XMLListener {
  var targets: [String: String] = [:]

  func begin(_ name: String, attribute: (String) -> String?) {
    if name == "Relationship", let id = attribute("Id"), let target = attribute("Target") {
      targets[id] = target
    }
  }

  func end(_ name: String) {}
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

private final class StringListener: XMLListener {
  var strings: [String] = []
  private var current: [UInt8] = []
  private var inText = false
  private var inPhonetic = false

  func begin(_ name: String, attribute: (String) -> String?) {
    switch name {
    case "si": current.removeAll(keepingCapacity: true)
    case "t": inText = true
    case "rPh": inPhonetic = true
    default: break
    }
  }

  func end(_ name: String) {
    switch name {
    case "si": strings.append(String(decoding: current, as: UTF8.self))
    case "t": inText = false
    case "rPh": inPhonetic = false
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    if inText, !inPhonetic { current.append(contentsOf: bytes) }
  }
}
