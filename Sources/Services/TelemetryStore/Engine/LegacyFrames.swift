// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Moves frames of the first layout, one row each in SQLite, into column blocks.

import Foundation
import GRDB

/// Moves frames of the first layout, one row each in SQLite, into column blocks.
///
/// All frames move in one transaction after their file is on the disk; a crash before it leaves
/// the old layout untouched. Ids stay, because saved analyses name them.
enum LegacyFrames {
  static func move(
    pool: DatabasePool, files: any StoreFiles, blockFolder: String, settings: StoreSettings
  ) throws {
    let (vehicles, last) = try pool.read { db in
      (
        try Int32.fetchAll(db, sql: "SELECT DISTINCT vehicle_id FROM frame ORDER BY vehicle_id"),
        try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'frame'") ?? 0
      )
    }
    if vehicles.isEmpty { return }
    var writer = try BlockFileWriter(
      number: try pool.read(BlockIndex.nextFile), files: files, folder: blockFolder,
      settings: settings)
    do {
      for vehicle in vehicles {
        var after: Int64 = 0
        while true {
          let rows = try pool.read { db in
            try fetch(db, vehicle: vehicle, after: after, limit: settings.rowsPerBlock)
          }
          guard let end = rows.last?.id else { break }
          try writer.add(rows, vehicle: vehicle)
          after = end
        }
      }
      try writer.finish()
    } catch {
      writer.abandon()
      throw error
    }
    let (number, blocks) = (writer.number, writer.blocks)
    try pool.write { db in
      try BlockIndex.insertFile(number, db)
      try BlockIndex.insert(blocks, db)
      try BlockIndex.setSealedThrough(last, db)
      try db.execute(sql: "DELETE FROM frame")
    }
    // Gives the space back; without room for it the file only stays long.
    try? pool.writeWithoutTransaction { try $0.execute(sql: "VACUUM") }
  }

  private static func fetch(
    _ db: Database, vehicle: Int32, after id: Int64, limit: Int
  ) throws -> [BlockRow] {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, collection_time, receive_time, command, bytes FROM frame
          WHERE vehicle_id = ? AND id > ? ORDER BY id LIMIT ?
          """), arguments: [vehicle, id, limit])
    return rows.map { row in
      BlockRow(
        id: row[0], time: row[1],
        receiveMilliseconds: Int64(((row[2] as Double) * 1_000).rounded()), command: row[3],
        bytes: [UInt8](row[4] as Data))
    }
  }
}
