// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Temporary files and whole tables for the tests of readers.

import BatteryDomain
import BatteryFiles
import Foundation

/// A temporary file that is removed with the value that owns it.
final class Scratch: Sendable {
  let path: String

  init(_ bytes: [UInt8], name: String = "table.csv") {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "anodyne-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: name)
    try? Data(bytes).write(to: file)
    path = file.path
  }

  convenience init(_ text: String, name: String = "table.csv") {
    self.init(Array(text.utf8), name: name)
  }

  deinit {
    try? FileManager.default.removeItem(
      at: URL(fileURLWithPath: path).deletingLastPathComponent())
  }
}

/// All rows of one table.
struct WholeTable {
  var schema: TableSchema
  var columns: [[Double]]
  var flags: [[SampleFlags]]

  init(_ reader: any RecordReader) throws(FileError) {
    var reader = reader
    schema = reader.schema
    columns = Array(repeating: [], count: reader.schema.columns.count)
    flags = columns.map { _ in [] }
    while let batch = try reader.next() {
      for column in columns.indices {
        columns[column] += batch.columns[column]
        for row in 0..<batch.rowCount {
          flags[column].append(batch.flags(column: column, row: row))
        }
      }
    }
  }

  init(path: String, options: ReadOptions = .init(), table: Int = 0) throws(FileError) {
    try self.init(DataFile.open(path, options: options).tables[table])
  }

  init(text: String, options: ReadOptions = .init()) throws(FileError) {
    let scratch = Scratch(text)
    try self.init(path: scratch.path, options: options)
  }

  var rowCount: Int { columns.first?.count ?? 0 }

  /// Values of a quantity; empty when the table does not have it.
  func values(_ quantity: QuantityKey, element: Int = 0) -> [Double] {
    schema.column(of: quantity, element: element).map { columns[$0] } ?? []
  }

  /// Marks of a quantity.
  func marks(_ quantity: QuantityKey, element: Int = 0) -> [SampleFlags] {
    schema.column(of: quantity, element: element).map { flags[$0] } ?? []
  }
}

/// A small generator with a fixed sequence per seed (Steele, Lea & Flood 2014, SplitMix64).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
