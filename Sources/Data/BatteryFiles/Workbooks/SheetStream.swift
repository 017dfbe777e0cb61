// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The rows of one worksheet, parsed as they stream out of the archive.

/// One cell of a worksheet.
struct SheetCell {
  /// Column from 0.
  let column: Int
  /// Text of a string cell, else nil.
  let text: String?
  /// Number of a numeric cell; NaN for text, errors and text that is no number.
  let number: Double
}

/// One row of a worksheet.
struct SheetRow {
  /// Row number as the workbook shows it, from 1.
  let number: Int
  let cells: [SheetCell]
}

/// The rows of one worksheet in order, with memory for a chunk's rows only.
///
/// - Note: A class because it owns the archive stream and listens to a C parser.
final class SheetStream: XMLListener {
  private let source: ArchiveSource
  private let sharedStrings: [String]
  private var parser: XMLPushParser?
  private var queue: [SheetRow] = []
  private var next = 0
  private var done = false
  private var chunk = [UInt8](repeating: 0, count: 64 << 10)

  private var cells: [SheetCell] = []
  private var rowNumber = 0
  private var column = 0
  private var type = ""
  private var collecting = false
  private var buffer: [UInt8] = []
  private var overflow: FileError?

  init(path: String, member: ArchiveSource.Member, sharedStrings: [String]) throws(FileError) {
    source = try ArchiveSource(path: path, member: member)
    self.sharedStrings = sharedStrings
  }

  var progress: Double { source.progress }

  /// The next row that has a cell, or nil at the end of the sheet.
  ///
  /// - Throws: ``FileError`` when the archive is cut or the XML is damaged.
  func nextRow() throws(FileError) -> SheetRow? {
    while next >= queue.count {
      guard !done else { return nil }
      queue.removeAll(keepingCapacity: true)
      next = 0
      try readChunk()
    }
    next += 1
    return queue[next - 1]
  }

  private func readChunk() throws(FileError) {
    if parser == nil { parser = XMLPushParser(listener: self) }
    guard let parser else {
      throw .library(file: source.path, name: "expat", code: -1, message: "out of memory")
    }
    var count = 0
    var failure: FileError?
    chunk.withUnsafeMutableBytes { bytes in
      do throws(FileError) {
        count = try source.read(into: bytes)
        do throws(XMLPushParser.Failure) {
          try parser.feed(
            UnsafeRawBufferPointer(rebasing: bytes[..<count]), isFinal: count == 0)
        } catch {
          failure =
            count == 0
            ? .truncated(
              file: source.path, row: rowNumber, expected: "the end of the sheet (\(error.message))"
            )
            : .malformed(
              file: source.path, row: rowNumber, column: nil, expected: "well-formed sheet XML",
              found: "\(error.message) at line \(error.line) of the sheet")
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    if let overflow { throw overflow }
    if count == 0 { done = true }
  }

  func begin(_ name: String, attribute: (String) -> String?) {
    switch name {
    case "row":
      let stated = attribute("r").flatMap { Int($0) } ?? rowNumber + 1
      rowNumber = stated > 0 && stated <= 1 << 30 ? stated : rowNumber + 1
      column = -1
    case "c":
      column = attribute("r").flatMap(Self.column(of:)) ?? column + 1
      type = attribute("t") ?? ""
      buffer.removeAll(keepingCapacity: true)
    case "v", "t":
      collecting = true
    default: break
    }
  }

  func end(_ name: String) {
    switch name {
    case "v", "t":
      collecting = false
    case "c":
      finishCell()
    case "row":
      if !cells.isEmpty { queue.append(SheetRow(number: rowNumber, cells: cells)) }
      cells.removeAll(keepingCapacity: true)
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard collecting else { return }
    guard buffer.count + bytes.count <= 1 << 20 else {
      overflow =
        overflow
        ?? .tooLarge(
          file: source.path, what: "bytes in one cell of row \(rowNumber)", value: buffer.count,
          limit: 1 << 20)
      return
    }
    buffer.append(contentsOf: bytes)
  }

  private func finishCell() {
    guard column >= 0, column < ReadLimits.columns, cells.count < ReadLimits.columns else {
      overflow =
        overflow
        ?? .tooLarge(
          file: source.path, what: "columns in row \(rowNumber)", value: column + 1,
          limit: ReadLimits.columns)
      return
    }
    guard !buffer.isEmpty else { return }
    switch type {
    case "s":
      let text = String(decoding: buffer, as: UTF8.self)
      if let index = Int(text), sharedStrings.indices.contains(index) {
        append(text: sharedStrings[index])
      }
    case "str", "inlineStr":
      append(text: String(decoding: buffer, as: UTF8.self))
    case "e":
      append(text: String(decoding: buffer, as: UTF8.self))
    default:
      let number = buffer.withUnsafeBufferPointer {
        DecimalParser.parse($0, decimalPoint: 0x2E)
      }
      cells.append(SheetCell(column: column, text: nil, number: number ?? .nan))
    }
  }

  /// Some exporters print numbers as text; the number is kept beside the text.
  private func append(text: String) {
    var copy = text
    let number = copy.withUTF8 { DecimalParser.parse($0, decimalPoint: 0x2E) }
    cells.append(SheetCell(column: column, text: text, number: number ?? .nan))
  }

  /// The column of a reference: `A1` is 0, `AB12` is 27.
  static func column(of reference: String) -> Int? {
    var column = 0
    var letters = 0
    for byte in reference.utf8 {
      let upper = byte & 0xDF
      guard upper >= 0x41, upper <= 0x5A else { break }
      letters += 1
      guard letters <= 4 else { return nil }
      column = column * 26 + Int(upper - 0x40)
    }
    return letters == 0 ? nil : column - 1
  }
}
