// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Finds header, separator, decimal mark and format of a delimited text.

import Foundation

/// Finds header, separator, decimal mark and format of a delimited text from its first bytes.
struct DelimitedSniffer {
  let file: String
  let options: ReadOptions
  private(set) var plan: TablePlan
  private(set) var dialect: DelimitedDialect
  private let head: [UInt8]
  private let rest: any ByteSource

  /// Lines looked through for a header; BioLogic preambles are the longest known, about 100 lines.
  private static let headerSearchLines = 400
  /// Rows looked at for the decimal mark and for text columns.
  private static let sampleRows = 40
  private static let delimiters: [UInt8] = [0x2C, 0x09, 0x3B, 0x7C]  // , tab ; |

  /// Looks at the head of a text.
  ///
  /// - Parameters:
  ///   - file: Path for errors.
  ///   - options: What the caller knows.
  ///   - head: The first bytes, at most ``FileOpener/headBytes`` unless a line is longer.
  ///   - rest: The source after those bytes.
  /// - Throws: ``FileError`` when the text is not a table of a known kind.
  init(
    file: String, options: ReadOptions, head: [UInt8], rest: any ByteSource
  ) throws(FileError) {
    self.file = file
    self.options = options
    self.rest = rest
    var bytes = head
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    if let zero = bytes.prefix(8192).firstIndex(of: 0) {
      throw .unrecognised(
        file: file,
        hint: "byte \(zero + 1) is NUL, so it is not text; \(MagicNumber.describe(bytes))")
    }
    try Self.extendToWholeLines(&bytes, rest: rest, file: file)
    self.head = bytes
    let wholeFile = bytes.count < FileOpener.headBytes
    let lines = HeadLines(bytes: bytes, from: mark, wholeFile: wholeFile)
    guard !lines.ranges.isEmpty else { throw .empty(file: file) }
    let planner = TablePlanner(file: file, options: options)
    let found = try Self.find(in: lines, file: file, options: options)
    dialect = DelimitedDialect(
      delimiter: found.delimiter, decimalPoint: found.decimalPoint,
      dataOffset: found.dataLine < lines.ranges.count
        ? lines.ranges[found.dataLine].lowerBound : bytes.count,
      linesBefore: found.dataLine)
    let sample = Self.sample(lines, from: found.dataLine, delimiter: found.delimiter)
    guard !sample.isEmpty || !wholeFile else { throw .empty(file: file) }
    let isText = { (column: Int) -> Bool in
      let values = sample.compactMap { column < $0.count ? $0[column] : nil }
      let filled = values.filter { !HeadLines.isBlank($0) }
      return !filled.isEmpty
        && !filled.contains { HeadLines.isNumeric($0, point: found.decimalPoint) }
    }
    if !options.columns.isEmpty {
      plan = try planner.explicitPlan(
        header: found.header, width: sample.first?.count ?? found.header.count,
        firstForm: { column in
          Self.form(of: sample.first.flatMap { column < $0.count ? $0[column] : nil } ?? [])
        })
    } else if let format = found.format {
      plan = try planner.plan(format: format, header: found.header, isText: isText)
      ImpedanceSign.check(
        &plan, header: found.header, sample: sample, point: found.decimalPoint)
    } else {
      throw Self.unknown(file: file, header: found.header)
    }
  }

  /// The source from the first record of data on.
  func body() -> any ByteSource {
    PrefixedSource(prefix: Array(head[min(dialect.dataOffset, head.count)...]), rest: rest)
  }

  private struct Found {
    var header: [HeaderName]
    var format: FormatDefinition?
    var delimiter: UInt8
    var decimalPoint: UInt8
    var dataLine: Int
  }

  private static func find(
    in lines: HeadLines, file: String, options: ReadOptions
  ) throws(FileError) -> Found {
    var preamble = ""
    var generic: Found?
    let text = lines.ranges.prefix(headerSearchLines)
    for line in text.indices {
      // The separator that gives most fields is the likeliest.
      let counted = delimiters.map { ($0, lines.fields(line, delimiter: $0).count) }
      for delimiter in counted.sorted(by: { $0.1 > $1.1 }).map(\.0) {
        let fields = lines.fields(line, delimiter: delimiter)
        guard fields.count >= 2 || (options.columns.count > 0 && fields.count == 1) else {
          continue
        }
        guard fields.count <= ReadLimits.columns else {
          throw .tooLarge(
            file: file, what: "columns", value: fields.count, limit: ReadLimits.columns)
        }
        guard HeadLines.looksLikeTitles(fields) else { continue }
        let header = fields.map { HeaderName(TextEncoding.decode($0)) }
        let format = FormatTable.recognise(header: header, preamble: preamble)
        var found = Found(
          header: header, format: format, delimiter: delimiter, decimalPoint: 0x2E,
          dataLine: line + 1)
        takeUnits(&found, lines)
        found.decimalPoint = decimalPoint(lines, from: found.dataLine, delimiter: delimiter)
        if format != nil, options.columns.isEmpty { return found }
        // A title line is followed by numbers in as many fields.
        guard generic == nil, found.dataLine < lines.ranges.count else { continue }
        let next = lines.fields(found.dataLine, delimiter: delimiter)
        let numbers = next.filter { HeadLines.isNumeric($0, point: found.decimalPoint) }
        if next.count == fields.count || options.columns.count > 0, !numbers.isEmpty {
          generic = found
        }
      }
      if options.columns.count > 0, generic != nil { break }
      preamble += TextEncoding.decode(Array(lines.bytes[lines.ranges[line]])) + "\n"
    }
    if let generic { return generic }
    if !options.columns.isEmpty, options.columns.allSatisfy({ $0.column.first == "#" }) {
      let counted = delimiters.map { ($0, lines.fields(0, delimiter: $0).count) }
      let best = counted.max { $0.1 < $1.1 }?.0 ?? 0x2C
      return Found(
        header: [], format: nil, delimiter: best,
        decimalPoint: decimalPoint(lines, from: 0, delimiter: best), dataLine: 0)
    }
    throw .unrecognised(
      file: file,
      hint: "no line of titles over columns of numbers was found in its first "
        + "\(min(lines.ranges.count, headerSearchLines)) lines; \(MagicNumber.describe(lines.bytes))"
    )
  }

  /// Takes a second title line of units, if there is one.
  private static func takeUnits(_ found: inout Found, _ lines: HeadLines) {
    guard found.dataLine < lines.ranges.count else { return }
    let fields = lines.fields(found.dataLine, delimiter: found.delimiter)
    guard fields.count <= found.header.count else { return }
    let units = fields.map { field -> String in
      let text = HeaderName(TextEncoding.decode(field)).title
      return String(
        text.drop { $0 == "[" || $0 == "(" }.reversed().drop { $0 == "]" || $0 == ")" }
          .reversed())
    }
    let named = units.filter { !$0.isEmpty }
    guard named.count >= 2,
      named.allSatisfy({ UnitTable.entry(of: $0) != nil && Double($0) == nil })
    else { return }
    for (column, unit) in units.enumerated()
    where !unit.isEmpty && found.header[column].unit.isEmpty {
      found.header[column] = HeaderName("\(found.header[column].title) [\(unit)]")
    }
    found.dataLine += 1
  }

  private static func decimalPoint(
    _ lines: HeadLines, from line: Int, delimiter: UInt8
  ) -> UInt8 {
    guard delimiter != 0x2C else { return 0x2E }
    var commas = 0
    var points = 0
    for fields in sample(lines, from: line, delimiter: delimiter) {
      for field in fields {
        if HeadLines.isNumeric(field, point: 0x2C), field.contains(0x2C) { commas += 1 }
        if HeadLines.isNumeric(field, point: 0x2E), field.contains(0x2E) { points += 1 }
      }
    }
    return commas > points ? 0x2C : 0x2E
  }

  private static func sample(
    _ lines: HeadLines, from line: Int, delimiter: UInt8
  ) -> [[[UInt8]]] {
    guard line < lines.ranges.count else { return [] }
    let last = min(lines.ranges.count, line + sampleRows)
    return (line..<last).filter { !lines.ranges[$0].isEmpty }
      .map { lines.fields($0, delimiter: delimiter) }
  }

  private static func form(of field: [UInt8]) -> NumberForm {
    field.withUnsafeBufferPointer { text in
      if DecimalParser.parse(text, decimalPoint: 0x2E) != nil { return .decimal }
      if TimestampParser.date(text) != nil { return .date }
      return TimestampParser.duration(text) != nil ? .duration : .decimal
    }
  }

  private static func unknown(file: String, header: [HeaderName]) -> FileError {
    let titles = header.prefix(8).map { "'\($0.title)'" }.joined(separator: ", ")
    return .unrecognised(
      file: file,
      hint: "its columns are \(titles)\(header.count > 8 ? ", …" : ""), which no known export has; "
        + "name them with --columns, for example --columns 'time=t[s],voltage=U[V],current=-I[A]'")
  }

  /// Reads on until the head holds a whole line, counting columns on the way.
  private static func extendToWholeLines(
    _ bytes: inout [UInt8], rest: any ByteSource, file: String
  ) throws(FileError) {
    guard bytes.count >= FileOpener.headBytes else { return }
    while !bytes.contains(0x0A), !bytes.contains(0x0D) {
      for delimiter in delimiters {
        let count = bytes.count { $0 == delimiter }
        guard count < ReadLimits.columns else {
          throw .tooLarge(
            file: file, what: "columns (at least, in line 1)", value: count + 1,
            limit: ReadLimits.columns)
        }
      }
      guard bytes.count < ReadLimits.recordBytes else {
        throw .tooLarge(
          file: file, what: "bytes in line 1", value: bytes.count, limit: ReadLimits.recordBytes)
      }
      let more = try FileOpener.head(of: rest)
      if more.isEmpty { return }
      bytes += more
    }
  }
}
