// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading vehicles and frames back, in commit order or by time.

import Foundation
import GRDB

extension TelemetryStore {
  /// All vehicles, by identity.
  public nonisolated func vehicles() async throws(StoreError) -> [StoredVehicle] {
    try await read { db in
      try Row.fetchAll(
        db, sql: "SELECT id, identity, first_received FROM vehicle ORDER BY identity"
      ).map { StoredVehicle(id: $0[0], identity: $0[1], firstReceived: $0[2]) }
    }
  }

  /// Identities of the vehicles that have frames committed after a given one.
  ///
  /// - Parameter frameID: Only frames committed after this one count.
  /// - Returns: The identities, and the id of the newest frame of all (0 in an empty store).
  /// - Throws: ``StoreError`` if the database cannot be read.
  /// - Complexity: O(n) in the number of such frames.
  public nonisolated func identities(
    withFramesAfter frameID: Int64
  ) async throws(StoreError) -> (identities: [String], newest: Int64) {
    try await read { db in
      let newest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM frame") ?? 0
      let identities = try String.fetchAll(
        db,
        sql: """
          SELECT identity FROM vehicle WHERE id IN
            (SELECT DISTINCT vehicle_id FROM frame WHERE id > ? AND id <= ?)
          ORDER BY identity
          """, arguments: [frameID, newest])
      return (identities, newest)
    }
  }

  /// Frames of a vehicle in commit order.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - frameID: Only frames committed after this one.
  ///   - limit: Largest number returned.
  /// - Returns: The frames, oldest first.
  /// - Throws: ``StoreError`` if the database cannot be read.
  public nonisolated func frames(
    of identity: String, after frameID: Int64, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await read { db in
      try fetchFrames(
        db,
        sql: """
          SELECT id, collection_time, receive_time, command, bytes FROM frame
          WHERE vehicle_id = (SELECT id FROM vehicle WHERE identity = ?) AND id > ?
          ORDER BY id LIMIT ?
          """, arguments: [identity, frameID, limit])
    }
  }

  /// Reports (real-time and reissued) of a vehicle in a span of collection time, in its order.
  ///
  /// If there are more than `limit`, every n-th is returned, so that the span is covered evenly.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - span: Collection times in seconds since the Unix epoch, both ends included.
  ///   - limit: Largest number returned; positive.
  /// - Returns: The reports by collection time.
  /// - Throws: ``StoreError`` if the database cannot be read.
  public nonisolated func reports(
    of identity: String, in span: ClosedRange<Int64>, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await read { db in
      let chosen = """
        vehicle_id = (SELECT id FROM vehicle WHERE identity = ?)
          AND collection_time BETWEEN ? AND ? AND command IN (2, 3)
        """
      let arguments: StatementArguments = [identity, span.lowerBound, span.upperBound]
      let count =
        try Int.fetchOne(
          db, sql: "SELECT count(*) FROM frame WHERE \(chosen)", arguments: arguments)
        ?? 0
      let stride = max(1, (count + limit - 1) / max(1, limit))
      return try fetchFrames(
        db,
        sql: """
          SELECT id, collection_time, receive_time, command, bytes FROM frame WHERE id IN
            (SELECT id FROM
              (SELECT id, row_number() OVER (ORDER BY collection_time, id) - 1 AS place
               FROM frame WHERE \(chosen))
             WHERE place % ? = 0)
          ORDER BY collection_time, id
          """, arguments: arguments + [stride])
    }
  }

  /// Collection times of a vehicle's first and last report, in seconds since the Unix epoch; nil
  /// if it has sent none.
  public nonisolated func reportSpan(
    of identity: String
  ) async throws(StoreError) -> ClosedRange<Int64>? {
    try await read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT min(collection_time), max(collection_time) FROM frame
          WHERE vehicle_id = (SELECT id FROM vehicle WHERE identity = ?) AND command IN (2, 3)
          """, arguments: [identity])
      guard let row, let first = row[0] as Int64?, let last = row[1] as Int64? else { return nil }
      return first...last
    }
  }

  /// Number of frames of a vehicle, or of all vehicles.
  public nonisolated func frameCount(
    of identity: String? = nil
  ) async throws(StoreError) -> Int {
    try await read { db in
      if let identity {
        try Int.fetchOne(
          db,
          sql: """
            SELECT count(*) FROM frame
            WHERE vehicle_id = (SELECT id FROM vehicle WHERE identity = ?)
            """, arguments: [identity]) ?? 0
      } else {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM frame") ?? 0
      }
    }
  }

  nonisolated func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreError) -> Value {
    do { return try await pool.read(body) } catch { throw StoreError(error, path: path) }
  }
}

private func fetchFrames(
  _ db: Database, sql: String, arguments: StatementArguments
) throws -> [StoredFrame] {
  let rows = try Row.fetchCursor(try db.cachedStatement(sql: sql), arguments: arguments)
  var frames: [StoredFrame] = []
  while let row = try rows.next() {
    frames.append(
      StoredFrame(
        id: row[0], collectionTime: row[1], receiveTime: row[2], command: row[3],
        bytes: [UInt8](row[4] as Data)))
  }
  return frames
}
