// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A folder of the first layout opens, and its frames are as they were.

import Foundation
import GRDB
import TelemetryStore
import Testing

@Suite struct LegacyFolderTests {
  @Test func `frames of the first layout move into blocks with their ids`() async throws {
    let folder = try TemporaryFolder()
    try await TelemetryStore(folder: folder.url).close()
    let queue = try DatabaseQueue(path: folder.url.appending(path: "telemetry.sqlite").path)
    let frames = try (0..<50).map { try report(at: 1_700_000_000 + Int64($0) * 10) }
    try await queue.write { db in
      try db.execute(
        sql: "INSERT INTO vehicle(identity, first_received) VALUES ('VIN00000000000001', 1)")
      for (index, frame) in frames.enumerated() {
        try db.execute(
          sql: """
            INSERT INTO frame(id, vehicle_id, collection_time, receive_time, command, unit_hash,
              bytes) VALUES (?, 1, ?, ?, 2, ?, ?)
            """,
          arguments: [
            2 * index + 3, frame.collectionTime, frame.receiveTime, index, Data(frame.bytes),
          ])
      }
      try db.execute(
        sql: "INSERT INTO analysis_snapshot VALUES (1, 77, 'r', 1, x'0102')")
      // What the first layout did not have.
      try db.execute(
        sql: """
          DROP TABLE block; DROP TABLE block_file; DROP TABLE store_state; DROP TABLE unit;
          DROP TABLE alarm; DROP TABLE audit; DROP TABLE rule;
          DELETE FROM grdb_migrations WHERE identifier NOT LIKE '1 %'
          """)
    }
    try queue.close()

    let store = try TelemetryStore(folder: folder.url)
    let back = try await store.frames(of: "VIN00000000000001", after: 0, limit: 100)
    #expect(back.map(\.id) == (0..<50).map { 2 * $0 + 3 })
    #expect(back.map(\.bytes) == frames.map(\.bytes))
    #expect(try await store.snapshot(of: "VIN00000000000001")?.frameID == 77)
    #expect(try await store.append([frames[7]]) == [.duplicate(id: 17)])
    #expect(try await store.append([try report(at: 1_800_000_000)]) == [.stored(id: 102)])
    try await store.close()
    let again = try TelemetryStore(folder: folder.url)
    #expect(try await again.frameCount() == 51)
    try await again.close()
  }
}
