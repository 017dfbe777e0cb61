// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading vehicles and frames back; each answer is of one moment.

package import TelemetryStore

extension PostgresEngine {
  package func vehicles() async throws(StoreError) -> [StoredVehicle] {
    try await read { connection in
      let rows = try connection.run("SELECT id, identity, first_received FROM vehicle")
      return try (0..<rows.count).map { row in
        StoredVehicle(
          id: try rows.integer(row, 0), identity: try rows.text(row, 1),
          firstReceived: Double(try rows.integer(row, 2)) / 1_000)
      }
      .sorted { $0.identity < $1.identity }
    }
  }

  package func identities(
    withFramesAfter frameID: Int64
  ) async throws(StoreError) -> (identities: [String], newest: Int64) {
    try await read { connection in
      // One statement sees one moment: no frame is newer than `newest` says, none is left out.
      let rows = try connection.run(
        """
        SELECT c.last_id, v.identity FROM store_counter c LEFT JOIN (
          SELECT vehicle_id FROM frame WHERE id > $1
          UNION SELECT vehicle_id FROM block WHERE last_id > $1) t ON true
        LEFT JOIN vehicle v ON v.id = t.vehicle_id
        """, [.int64(frameID)])
      var newest: Int64 = 0
      var identities: [String] = []
      for row in 0..<rows.count {
        newest = try rows.integer(row, 0)
        if try !rows.isNull(row, 1) { identities.append(try rows.text(row, 1)) }
      }
      return (identities.sorted(), newest)
    }
  }

  package func reportSpan(of identity: String) async throws(StoreError) -> ClosedRange<Int64>? {
    try await read { connection in
      guard let vehicle = try Self.vehicle(identity, connection) else { return nil }
      let rows = try connection.run(
        """
        SELECT least(f.low, b.low), greatest(f.high, b.high) FROM
          (SELECT min(time) low, max(time) high FROM frame
            WHERE vehicle_id = $1 AND command IN (2, 3)) f,
          (SELECT min(first_report) low, max(last_report) high FROM block WHERE vehicle_id = $1) b
        """, [.int32(vehicle)])
      guard let low = try rows.optionalInteger(0, 0), let high = try rows.optionalInteger(0, 1)
      else { return nil }
      return low...high
    }
  }

  package func frameCount(of identity: String?) async throws(StoreError) -> Int {
    try await read { connection in
      let rows: PostgresRows
      if let identity {
        guard let vehicle = try Self.vehicle(identity, connection) else { return 0 }
        rows = try connection.run(
          """
          SELECT (SELECT count(*) FROM frame WHERE vehicle_id = $1)
            + (SELECT coalesce(sum(rows), 0)::bigint FROM block WHERE vehicle_id = $1)
          """, [.int32(vehicle)])
      } else {
        rows = try connection.run(
          """
          SELECT (SELECT count(*) FROM frame)
            + (SELECT coalesce(sum(rows), 0)::bigint FROM block)
          """)
      }
      return Int(try rows.integer(0, 0))
    }
  }

  package func frames(
    of identity: String, after frameID: Int64, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await read { connection in
      guard limit > 0, let vehicle = try Self.vehicle(identity, connection) else { return [] }
      return try connection.moment {
        var found: [StoredFrame] = []
        var after = frameID
        // A vehicle's frames are sealed in the order of their ids: blocks first, then the log.
        while found.count < limit {
          let rows = try connection.run(
            """
            SELECT last_id, data, id FROM block WHERE vehicle_id = $1 AND last_id > $2
            ORDER BY last_id LIMIT 1
            """, [.int32(vehicle), .int64(after)])
          guard rows.count == 1 else { break }
          let (from, room) = (after, limit - found.count)
          let frames = try Self.decode(
            try rows.bytes(0, 1), place: connection.place, block: try rows.integer(0, 2))
          found += frames.filter { $0.id > from }.prefix(room)
          after = try rows.integer(0, 0)
        }
        if found.count == limit { return found }
        return found
          + (try Self.logged(
            """
            SELECT id, time, received, command, bytes FROM frame
            WHERE vehicle_id = $1 AND id > $2 ORDER BY id LIMIT $3
            """, [.int32(vehicle), .int64(after), .int64(Int64(limit - found.count))], connection))
      }
    }
  }

  package func reports(
    of identity: String, in span: ClosedRange<Int64>, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await read { connection in
      guard limit > 0, let vehicle = try Self.vehicle(identity, connection) else { return [] }
      return try connection.moment {
        try Self.reports(of: vehicle, in: span, limit: limit, connection)
      }
    }
  }

  /// A report that may be chosen; `block` is a key, nil in the log.
  private struct Candidate {
    var time: Int64
    var id: Int64
    var block: Int64?
  }

  static func reports(
    of vehicle: Int32, in span: ClosedRange<Int64>, limit: Int, _ connection: PostgresConnection
  ) throws -> [StoredFrame] {
    var candidates: [Candidate] = []
    try BlockGathering(connection, vehicle: vehicle, in: span).each {
      try $0.heads()
    } take: { key, heads in
      for row in heads.ids.indices where heads.isReport[row] && span.contains(heads.times[row]) {
        candidates.append(Candidate(time: heads.times[row], id: heads.ids[row], block: key))
      }
    }
    let rows = try connection.run(
      """
      SELECT time, id FROM frame
      WHERE vehicle_id = $1 AND time BETWEEN $2 AND $3 AND command IN (2, 3)
      """, [.int32(vehicle), .int64(span.lowerBound), .int64(span.upperBound)])
    for row in 0..<rows.count {
      candidates.append(Candidate(time: try rows.integer(row, 0), id: try rows.integer(row, 1)))
    }
    candidates.sort { ($0.time, $0.id) < ($1.time, $1.id) }
    let stride = max(1, (candidates.count - 1) / limit + 1)
    let chosen = Swift.stride(from: 0, to: candidates.count, by: stride).map { candidates[$0] }
    var found: [Int64: StoredFrame] = [:]
    for (block, members) in Dictionary(grouping: chosen, by: \.block) {
      let ids = Set(members.map(\.id))
      if let block {
        let rows = try connection.run(
          "SELECT data FROM block WHERE vehicle_id = $1 AND id = $2",
          [.int32(vehicle), .int64(block)])
        let frames = try decode(try rows.bytes(0, 0), place: connection.place, block: block)
        for frame in frames where ids.contains(frame.id) { found[frame.id] = frame }
      } else {
        let frames = try logged(
          """
          SELECT id, time, received, command, bytes FROM frame
          WHERE vehicle_id = $1 AND id = ANY ($2)
          """, [.int32(vehicle), .int64s(ids.sorted())], connection)
        for frame in frames { found[frame.id] = frame }
      }
    }
    return chosen.compactMap { found[$0.id] }
  }

  /// A vehicle as a measurement table, read on the caller's thread.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - span: Collection times in seconds since the Unix epoch, both ends included.
  /// - Returns: The table, in the order of collection time.
  /// - Throws: ``StoreError/unknownVehicle(_:)`` if the store has no report of it.
  package func recordReader(
    of identity: String, in span: ClosedRange<Int64>
  ) async throws(StoreError) -> StoreRecordReader {
    guard let known = try await reportSpan(of: identity) else { throw .unknownVehicle(identity) }
    let (keys, session, patience) = (try await signals(of: identity), readers[0], patience)
    return StoreRecordReader(
      path: path, identity: identity, known: known, signals: keys, in: span
    ) { span throws(StoreError) in
      try session.runNow(patience: patience) { connection in
        guard let vehicle = try Self.vehicle(identity, connection) else { return [] }
        return try connection.moment {
          try Self.reports(of: vehicle, in: span, limit: .max, connection)
        }
      }
    }
  }

  // MARK: - Parts

  /// Key of a vehicle; nil if it has sent nothing.
  static func vehicle(
    _ identity: String, _ connection: PostgresConnection
  ) throws(PostgresError) -> Int32? {
    let rows = try connection.run("SELECT id FROM vehicle WHERE identity = $1", [.text(identity)])
    return rows.count == 0 ? nil : Int32(truncatingIfNeeded: try rows.integer(0, 0))
  }

  /// Frames of the log that a statement returns as id, time, arrival, command and bytes.
  static func logged(
    _ sql: String, _ values: [PostgresValue], _ connection: PostgresConnection
  ) throws(PostgresError) -> [StoredFrame] {
    let rows = try connection.run(sql, values)
    var frames: [StoredFrame] = []
    frames.reserveCapacity(rows.count)
    for row in 0..<rows.count {
      frames.append(
        StoredFrame(
          id: try rows.integer(row, 0), collectionTime: try rows.integer(row, 1),
          receiveTime: Double(try rows.integer(row, 2)) / 1_000,
          command: UInt8(truncatingIfNeeded: try rows.integer(row, 3)),
          bytes: try rows.bytes(row, 4)))
    }
    return frames
  }

  /// Frames of a block, naming it in what goes wrong.
  static func decode(
    _ bytes: [UInt8], place: String, block: Int64
  ) throws(StoreError) -> [StoredFrame] {
    do throws(StoreError) {
      return try ColumnBlock.decode(bytes)
    } catch {
      guard case .corrupt(_, let reason) = error else { throw error }
      throw .damaged(path: "\(place), block \(block)", offset: 0, reason: reason)
    }
  }
}
