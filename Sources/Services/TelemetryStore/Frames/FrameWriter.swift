// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Puts frames into the tables, each data unit once.

import Foundation
import GRDB

/// Puts frames into the tables, each data unit of a vehicle and time once.
enum FrameWriter {
  /// Writes frames inside the caller's transaction.
  ///
  /// - Complexity: O(n log m) for n frames in a table of m.
  static func write(_ frames: [NewFrame], to db: Database) throws -> [AppendOutcome] {
    var vehicles: [String: Int64] = [:]
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(frames.count)
    for frame in frames {
      let vehicle: Int64
      if let known = vehicles[frame.identity] {
        vehicle = known
      } else {
        vehicle = try key(of: frame, in: db)
        vehicles[frame.identity] = vehicle
      }
      outcomes.append(try insert(frame, vehicle: vehicle, into: db))
    }
    return outcomes
  }

  private static func key(of frame: NewFrame, in db: Database) throws -> Int64 {
    let find = try db.cachedStatement(sql: "SELECT id FROM vehicle WHERE identity = ?")
    if let known = try Int64.fetchOne(find, arguments: [frame.identity]) { return known }
    let add = try db.cachedStatement(
      sql: "INSERT INTO vehicle(identity, first_received) VALUES (?, ?)")
    try add.execute(arguments: [frame.identity, frame.receiveTime])
    return db.lastInsertedRowID
  }

  private static func insert(
    _ frame: NewFrame, vehicle: Int64, into db: Database
  ) throws -> AppendOutcome {
    let add = try db.cachedStatement(
      sql: """
        INSERT INTO frame(vehicle_id, collection_time, receive_time, command, unit_hash, bytes)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT(vehicle_id, collection_time, unit_hash) DO NOTHING
        """)
    let find = try db.cachedStatement(
      sql: """
        SELECT id, bytes FROM frame
        WHERE vehicle_id = ? AND collection_time = ? AND unit_hash = ?
        """)
    var hash = frame.unitHash
    while true {
      try add.execute(arguments: [
        vehicle, frame.collectionTime, frame.receiveTime, frame.command, hash, Data(frame.bytes),
      ])
      if db.changesCount > 0 { return .stored(id: db.lastInsertedRowID) }
      let row = try Row.fetchOne(
        find, arguments: [vehicle, frame.collectionTime, hash])
      if let row, let stored = row[1] as Data?, isSameUnit(stored, frame) {
        return .duplicate(id: row[0])
      }
      // Two different units with one hash: both are kept, the second under the next free number.
      hash &+= 1
    }
  }

  private static func isSameUnit(_ stored: Data, _ frame: NewFrame) -> Bool {
    let bytes = [UInt8](stored)
    return frame.unit.upperBound <= bytes.count && bytes.count == frame.bytes.count
      && bytes[frame.unit] == frame.bytes[frame.unit]
  }
}
