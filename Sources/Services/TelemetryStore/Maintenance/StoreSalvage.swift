// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads what is whole in a damaged store into the blocks of a new one.

import Foundation
import GRDB

/// Reads what is whole in a damaged store into the blocks of a new one.
struct StoreSalvage {
  let source: String
  let target: String
  let files: any StoreFiles
  private let own = PosixFiles()
  private let settings = StoreSettings()

  func run(_ progress: (Double) -> Void) throws {
    let index = try StoreIndexReader(folder: source)
    defer { index.close() }
    let (blocks, sealed) = try index.read { db in
      (try BlockIndex.blocks(db, where: "1", arguments: []), try BlockIndex.sealedThrough(db))
    }
    for name in ["log", "blocks"] { try own.makeFolder(target + "/" + name) }
    let copy = try DatabaseQueue(path: target + "/telemetry.sqlite")
    defer { try? copy.close() }
    try index.backup(to: copy)
    var logged = try loggedRows(after: sealed)
    var last = sealed
    for rows in logged.values { last = max(last, rows.last?.id ?? 0) }
    let known = try index.identities()
    for vehicle in logged.keys where known[vehicle] == nil {
      let identity = Self.identity(of: logged[vehicle]?.first?.bytes ?? [])
      try copy.write { db in
        try db.execute(
          sql: "INSERT INTO vehicle(id, identity, first_received) VALUES (?, ?, 0)",
          arguments: [vehicle, identity])
      }
    }
    try copy.write { db in
      try db.execute(sql: "DELETE FROM block")
      try db.execute(sql: "DELETE FROM block_file")
    }
    var writer = try BlockFileWriter(
      number: try copy.read(BlockIndex.nextFile), files: own, folder: target + "/blocks",
      settings: settings)
    let zstandard = Zstandard()
    for (place, block) in blocks.enumerated() {
      if let rows = rows(of: block, zstandard) { try writer.add(rows, vehicle: block.vehicle) }
      if place + 1 == blocks.count || blocks[place + 1].vehicle != block.vehicle {
        if let rows = logged.removeValue(forKey: block.vehicle) {
          try writer.add(rows, vehicle: block.vehicle)
        }
      }
      progress(Double(place + 1) / Double(blocks.count))
    }
    for (vehicle, rows) in logged.sorted(by: { $0.key < $1.key }) {
      try writer.add(rows, vehicle: vehicle)
    }
    try writer.finish()
    let (number, entries) = (writer.number, writer.blocks)
    try copy.write { db in
      // A saved analysis may know frames that are lost: no new frame may have the id of one, or the
      // analysis would pass it over.
      let known = try Int64.fetchOne(db, sql: "SELECT max(frame_id) FROM analysis_snapshot") ?? 0
      let border = max(last, known)
      try BlockIndex.insertFile(number, db)
      try BlockIndex.insert(entries, db)
      try BlockIndex.setSealedThrough(border, db)
    }
    for folder in ["/log", ""] { try own.syncFolder(target + folder) }
  }

  /// The vehicle that a frame names, for one that the index has lost.
  private static func identity(of frame: [UInt8]) -> String {
    guard frame.count >= 21 else { return "unknown" }
    return String(decoding: frame[4..<21].filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
  }

  private func rows(of block: BlockEntry, _ zstandard: Zstandard) -> [BlockRow]? {
    guard
      let file = try? files.open(
        source + "/blocks/" + BlockHandles.name(block.file), create: false),
      var reader = try? BlockReader(
        length: block.length, zstandard: zstandard,
        fetch: { (offset, count) throws(FileFault) in
          try file.read(count, at: block.place + offset)
        })
    else { return nil }
    return try? reader.rows()
  }

  private func loggedRows(after sealed: Int64) throws -> [Int32: [BlockRow]] {
    var rows: [Int32: [BlockRow]] = [:]
    let numbers = try files.names(in: source + "/log").compactMap(LogSegment.number(ofName:))
    for number in numbers.sorted() {
      let file = try files.open(source + "/log/" + LogSegment.name(number), create: false)
      let bytes = try file.readPastDamage(try file.size()).bytes
      // Without a header the first batch tells where ids begin.
      let first = LogFormat.readSegmentHeader(bytes)?.firstID
      for entry in LogScan(bytes, firstID: first, salvages: true).entries where entry.id > sealed {
        rows[entry.vehicle, default: []].append(
          BlockRow(
            id: entry.id, time: entry.time, receiveMilliseconds: entry.receiveMilliseconds,
            command: entry.command,
            bytes: Array(bytes[entry.offset..<entry.offset + entry.length])))
      }
    }
    return rows
  }
}
