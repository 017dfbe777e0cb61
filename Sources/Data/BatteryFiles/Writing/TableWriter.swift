// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables out: Battery Data Format CSV and JSON lines.

import BatteryDomain
import Foundation

/// A format that tables are written in.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// Battery Data Format 1.1 as CSV.
  case bdf
  /// One JSON object per row, in SI, with the marks of each sample.
  case jsonLines = "jsonl"

  /// The format that a path's ending asks for, looking through `.gz`, `.zst` and `.xz`.
  ///
  /// `.csv` and `.bdf` give BDF, `.jsonl` and `.ndjson` JSON lines, others nil.
  ///
  /// - Parameter path: Path of the output.
  public init?(path: String) {
    var name = path.lowercased()
    for ending in [".gz", ".zst", ".xz"] where name.hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
    }
    if name.hasSuffix(".csv") || name.hasSuffix(".bdf") {
      self = .bdf
    } else if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") {
      self = .jsonLines
    } else {
      return nil
    }
  }
}

/// Copies tables into files.
public enum TableWriter {
  /// Writes one table; the file appears whole or not at all.
  ///
  /// BDF keeps every number, usable or not; reading it back marks them again. JSON lines carry
  /// the marks themselves, as `"flags": {"voltage": ["out_of_range"]}`.
  ///
  /// - Parameters:
  ///   - reader: The table, standing before its first row.
  ///   - path: Path of the output; `.gz`, `.zst` and `.xz` compress.
  ///   - format: Format of the output.
  ///   - progress: Called after each batch with the share read, from 0 to 1.
  /// - Returns: Number of rows written.
  /// - Throws: ``FileError`` of the source, or ``FileError/unwritable(file:reason:)``.
  /// - Complexity: O(rows × columns) time, memory of one batch.
  public static func write(
    _ reader: any RecordReader, to path: String, format: ExportFormat,
    progress: (Double) -> Void = { _ in }
  ) throws(FileError) -> Int {
    var reader = reader
    let output = try OutputFile(path: path)
    var rows = 0
    switch format {
    case .bdf:
      var csv = BDFText(schema: reader.schema)
      try output.write(csv.header())
      while let batch = try reader.next() {
        try output.write(csv.rows(of: batch))
        rows += batch.rowCount
        progress(reader.progress)
      }
    case .jsonLines:
      let json = JSONLinesText(schema: reader.schema)
      while let batch = try reader.next() {
        try output.write(json.rows(of: batch))
        rows += batch.rowCount
        progress(reader.progress)
      }
    }
    try output.commit()
    return rows
  }
}

/// Rows as JSON lines.
private struct JSONLinesText {
  /// `"key":` of each column, with its comma.
  private let keys: [[UInt8]]
  private let names: [String]

  init(schema: TableSchema) {
    var used = Set<String>()
    names = schema.columns.map { column in
      var name = column.sourceName
      if let quantity = column.quantity {
        let shape = QuantityCatalogue.descriptor(of: quantity).shape
        name = quantity.rawValue + (shape == .scalar ? "" : "_\(column.element + 1)")
      }
      while !used.insert(name).inserted { name += "_" }
      return name
    }
    keys = names.map { Array("\(Self.quoted($0)):".utf8) }
  }

  private static func quoted(_ text: String) -> String {
    let data = (try? JSONEncoder().encode([text])) ?? Data("[\"\"]".utf8)
    return String(decoding: data.dropFirst().dropLast(), as: UTF8.self)
  }

  func rows(of batch: RecordBatch) -> [UInt8] {
    var bytes: [UInt8] = []
    let marked = batch.flags.indices.filter { !batch.flags[$0].isEmpty }
    for row in 0..<batch.rowCount {
      bytes.append(0x7B)
      var first = true
      for column in keys.indices {
        let value = batch.columns[column][row]
        guard value.isFinite else { continue }
        if !first { bytes.append(0x2C) }
        first = false
        bytes += keys[column]
        NumberText.append(value, to: &bytes)
      }
      let flagged = marked.filter { !batch.flags[$0][row].isEmpty }
      if !flagged.isEmpty {
        if !first { bytes.append(0x2C) }
        let list = flagged.map { column in
          let words = FlagNames.words(batch.flags[column][row]).map { "\"\($0)\"" }
          return "\(Self.quoted(names[column])):[\(words.joined(separator: ","))]"
        }
        bytes += Array("\"flags\":{\(list.joined(separator: ","))}".utf8)
      }
      bytes += [0x7D, 0x0A]
    }
    return bytes
  }
}

/// The marks of a sample by name.
enum FlagNames {
  private static let table: [(SampleFlags, String)] = [
    (.missing, "missing"), (.invalid, "invalid"), (.abnormal, "abnormal"),
    (.outOfRange, "out_of_range"), (.notNumeric, "not_numeric"), (.duplicate, "duplicate"),
    (.outOfOrder, "out_of_order"), (.unitSlip, "unit_slip"), (.outlier, "outlier"),
    (.repaired, "repaired"),
  ]

  /// The names of the marks in a set.
  static func words(_ flags: SampleFlags) -> [String] {
    table.filter { flags.contains($0.0) }.map(\.1)
  }
}
