// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading signals without the rest of the frames.

package import TelemetryStore

extension PostgresEngine {
  package func series(
    of identity: String, signals: [SignalKey], in span: ClosedRange<Int64>
  ) async throws(StoreError) -> [SignalSeries] {
    try await read { connection in
      guard let vehicle = try Self.vehicle(identity, connection) else { return [] }
      return try connection.moment {
        var collector = SeriesCollector(signals, in: span)
        let gathering = BlockGathering(connection, vehicle: vehicle, in: span)
        let reading = collector
        try gathering.each({ try reading.read($0) }, take: { collector.add($1) })
        let frames = try Self.logged(
          """
          SELECT id, time, received, command, bytes FROM frame
          WHERE vehicle_id = $1 AND time BETWEEN $2 AND $3 AND command IN (2, 3) ORDER BY id
          """, [.int32(vehicle), .int64(span.lowerBound), .int64(span.upperBound)], connection)
        for frame in frames { collector.add(frame) }
        return collector.series()
      }
    }
  }

  package func signals(of identity: String) async throws(StoreError) -> [SignalKey] {
    try await read { connection in
      guard let vehicle = try Self.vehicle(identity, connection) else { return [] }
      return try connection.moment {
        var found: Set<SignalKey> = []
        try BlockGathering(connection, vehicle: vehicle, in: Int64.min...Int64.max)
          .each({ try $0.signals() }, take: { found.formUnion($1) })
        var after: Int64 = 0
        while true {
          let frames = try Self.logged(
            """
            SELECT id, time, received, command, bytes FROM frame
            WHERE vehicle_id = $1 AND id > $2 ORDER BY id LIMIT 10000
            """, [.int32(vehicle), .int64(after)], connection)
          guard let last = frames.last else { return found.sorted() }
          found.formUnion(SeriesCollector.signals(of: frames))
          after = last.id
        }
      }
    }
  }

  // MARK: - States of analyses

  package func snapshot(of identity: String) async throws(StoreError) -> AnalysisSnapshot? {
    try await read { connection in
      let rows = try connection.run(
        """
        SELECT s.frame_id, s.revision, s.state FROM analysis_snapshot s
        JOIN vehicle v ON v.id = s.vehicle_id WHERE v.identity = $1
        """, [.text(identity)])
      if rows.count == 0 { return nil }
      return AnalysisSnapshot(
        frameID: try rows.integer(0, 0), revision: try rows.text(0, 1),
        state: try rows.bytes(0, 2))
    }
  }

  package func save(
    _ snapshots: [String: AnalysisSnapshot], at time: Double
  ) async throws(StoreError) {
    // In one order, so that two writers never wait for each other in a circle.
    let sorted = snapshots.sorted { $0.key < $1.key }
    try await write { connection in
      try connection.transaction {
        for (identity, snapshot) in sorted {
          try connection.run(
            """
            INSERT INTO analysis_snapshot(vehicle_id, frame_id, revision, saved_at, state)
            SELECT id, $2, $3, $4, $5 FROM vehicle WHERE identity = $1
            ON CONFLICT (vehicle_id) DO UPDATE SET frame_id = excluded.frame_id,
              revision = excluded.revision, saved_at = excluded.saved_at, state = excluded.state
            """,
            [
              .text(identity), .int64(snapshot.frameID), .text(snapshot.revision), .double(time),
              .bytes(snapshot.state),
            ])
        }
      }
    }
  }
}
