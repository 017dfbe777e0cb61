// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Readings as tables on disk, one file an asset, each row durable before it counts.

import BatteryDomain
import BatteryFiles
public import Foundation

/// Readings as Battery Data Format tables in a folder, one file an asset.
///
/// When ``write(_:)`` returns, the row is on the disk. A file that is there already goes on if
/// its columns are those of the first reading and nobody else writes it; otherwise the asset gets a
/// file with a number behind its name. Nothing is ever overwritten.
public struct ReadingFolder {
  private struct Table {
    var rows: ReadingTable
    var text: BDFText
    let handle: FileHandle
  }

  /// Rows written.
  public private(set) var rowCount = 0
  /// Files in use.
  public var fileCount: Int { tables.count }
  /// Values that found no column, because the first reading of their asset did not have them.
  public var surplus: Int { tables.values.reduce(0) { $0 + $1.rows.surplus } }

  private let folder: URL
  private let format: String
  private var tables: [String: Table] = [:]
  private var inUse: Set<String> = []
  private static let mostFiles = 10_000

  /// Uses a folder, and makes it if it is not there.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - format: Name of the source's format.
  /// - Throws: An error of Foundation with the path.
  public init(_ folder: URL, format: String) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.folder = folder
    self.format = format
  }

  /// Writes a reading as one row, and returns when it is durable.
  ///
  /// - Throws: An error of Foundation with the path.
  public mutating func write(_ reading: SourceReading) throws {
    var table = try tables[reading.asset] ?? open(reading)
    table.rows.add(reading)
    if let batch = table.rows.take() {
      try table.handle.write(contentsOf: Data(table.text.rows(of: batch)))
      try table.handle.synchronize()
      rowCount += batch.rowCount
    }
    tables[reading.asset] = table
  }

  private mutating func open(_ reading: SourceReading) throws -> Table {
    let rows = ReadingTable(template: reading, format: format)
    let text = BDFText(schema: rows.schema)
    let header = Data(text.header())
    let name = Self.fileName(reading.asset)
    for number in 1...Self.mostFiles {
      let file = folder.appending(path: number == 1 ? "\(name).csv" : "\(name)-\(number).csv")
      // Names that differ only in what a file cannot show, or in case, each get their own.
      guard !inUse.contains(file.path.lowercased()) else { continue }
      if !FileManager.default.fileExists(atPath: file.path) {
        try header.write(to: file, options: .withoutOverwriting)
      }
      let handle = try FileHandle(forUpdating: file)
      // Another listener that writes the same file holds its lock.
      if try handle.read(upToCount: header.count) == header,
        flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0
      {
        try Self.endLine(handle)
        inUse.insert(file.path.lowercased())
        return Table(rows: rows, text: text, handle: handle)
      }
      try handle.close()
    }
    throw CocoaError(.fileWriteFileExists, userInfo: [NSFilePathErrorKey: folder.path])
  }

  /// Goes to the end; a row that a crash cut short gets its end, so that the next one is whole.
  private static func endLine(_ handle: FileHandle) throws {
    let end = try handle.seekToEnd()
    try handle.seek(toOffset: end - 1)
    if try handle.read(upToCount: 1) != Data([0x0A]) { try handle.write(contentsOf: Data([0x0A])) }
    try handle.seekToEnd()
  }

  /// A name that is one file in every file system.
  private static func fileName(_ asset: String) -> String {
    let plain = asset.map { $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : "_" }
    return plain.isEmpty ? "_" : String(plain.prefix(100))
  }
}
