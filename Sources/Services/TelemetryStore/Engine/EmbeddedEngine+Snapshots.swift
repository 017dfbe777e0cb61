// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Saving and restoring the state of each vehicle's analysis.

import Foundation
import GRDB

extension EmbeddedEngine {
  package func snapshot(
    of identity: String
  ) async throws(StoreError) -> AnalysisSnapshot? {
    try await reading { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT frame_id, revision, state FROM analysis_snapshot
          WHERE vehicle_id = (SELECT id FROM vehicle WHERE identity = ?)
          """, arguments: [identity])
      guard let row else { return nil }
      return AnalysisSnapshot(
        frameID: row[0], revision: row[1], state: [UInt8](row[2] as Data))
    }
  }

  package func save(
    _ snapshots: [String: AnalysisSnapshot], at time: Double
  ) async throws(StoreError) {
    do {
      try await pool.write { db in
        let put = try db.cachedStatement(
          sql: """
            INSERT INTO analysis_snapshot(vehicle_id, frame_id, revision, saved_at, state)
            SELECT id, ?, ?, ?, ? FROM vehicle WHERE identity = ?
            ON CONFLICT(vehicle_id) DO UPDATE SET frame_id = excluded.frame_id,
              revision = excluded.revision, saved_at = excluded.saved_at, state = excluded.state
            """)
        for (identity, snapshot) in snapshots {
          try put.execute(arguments: [
            snapshot.frameID, snapshot.revision, time, Data(snapshot.state), identity,
          ])
        }
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  private func reading<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreError) -> Value {
    do { return try await pool.read(body) } catch { throw StoreError(error, path: path) }
  }
}
