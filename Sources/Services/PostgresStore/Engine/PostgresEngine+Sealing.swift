// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sealing: frames of the log become column blocks in one transaction; merging; retention.

import Synchronization
package import TelemetryStore

/// A block on its way into the database.
private struct NewBlock {
  var vehicle: Int32
  var rows: Int
  var ids: ClosedRange<Int64>
  var times: ClosedRange<Int64>
  var reports: ClosedRange<Int64>?
  var bytes: [UInt8]

  /// Encodes frames in the order of their ids, and proves that they come back.
  init(_ frames: [StoredFrame], vehicle: Int32) throws(StoreError) {
    bytes = try ColumnBlock.encode(frames, vehicle: vehicle)
    self.vehicle = vehicle
    rows = frames.count
    ids = (frames.first?.id ?? 0)...(frames.last?.id ?? 0)
    let seconds = frames.map(\.collectionTime)
    times = (seconds.min() ?? 0)...(seconds.max() ?? 0)
    let reported = frames.filter(\.isReport).map(\.collectionTime)
    if let low = reported.min(), let high = reported.max() { reports = low...high }
  }

  /// Tells appending where to search, in a transaction before that of the block: with partitions on
  /// other servers the two do not end together, and a search too many does no harm.
  func announce(_ connection: PostgresConnection) throws(PostgresError) {
    try connection.run(
      """
      UPDATE vehicle SET sealed_from = least(sealed_from, $2), sealed_to = greatest(sealed_to, $3)
      WHERE id = $1 AND (sealed_from IS NULL OR sealed_from > $2 OR sealed_to < $3)
      """, [.int32(vehicle), .int64(times.lowerBound), .int64(times.upperBound)])
  }

  func insert(_ connection: PostgresConnection) throws(PostgresError) {
    try connection.run(
      """
      INSERT INTO block(vehicle_id, id, rows, first_id, last_id, first_time, last_time,
        first_report, last_report, length, data)
      VALUES ($1, nextval('block_key'), $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """,
      [
        .int32(vehicle), .int32(Int32(rows)), .int64(ids.lowerBound), .int64(ids.upperBound),
        .int64(times.lowerBound), .int64(times.upperBound), .optional(reports?.lowerBound),
        .optional(reports?.upperBound), .int32(Int32(bytes.count)), .bytes(bytes),
      ])
  }
}

extension PostgresEngine {
  /// Blocks that one transaction inserts.
  private static let blocksPerCommit = 16

  /// Seals after an append made it due; appending goes on meanwhile.
  func sealInBackground() {
    // Not structured on purpose: the append that made it due is done. The sealer's connection has a
    // queue of its own, and closing waits for it.
    Task { [self] in
      do throws(StoreError) {
        try await seal { [self] connection in
          _ = try exclusively(connection, waits: false) {
            try sealAll(connection)
            try merge(atLeast: 8, connection)
          }
        }
      } catch {
        let reason = error.description
        counters.withLock { counters in
          counters.sealFailures += 1
          counters.lastSealFailure = reason
        }
      }
      counters.withLock { $0.isSealing = false }
    }
  }

  package func compact() async throws(StoreError) -> CompactionSummary {
    try await seal { [self] connection in
      _ = try exclusively(connection, waits: true) {
        try sealAll(connection)
        try merge(atLeast: 2, connection)
      }
      let rows = try connection.run(
        """
        SELECT coalesce(sum(rows), 0)::bigint, count(*), coalesce(sum(length::bigint), 0)::bigint
        FROM block
        """)
      return CompactionSummary(
        frames: Int(try rows.integer(0, 0)), blocks: Int(try rows.integer(0, 1)),
        bytes: Int(try rows.integer(0, 2)))
    }
  }

  package func removeFrames(collectedBefore time: Int64) async throws(StoreError) -> Int {
    try await seal { [self] connection in
      try exclusively(connection, waits: true) {
        let rows = try connection.run(
          """
          WITH gone AS (DELETE FROM block WHERE last_time < $1 RETURNING rows)
          SELECT coalesce(sum(rows), 0)::bigint FROM gone
          """, [.int64(time)])
        return Int(try rows.integer(0, 0))
      } ?? 0
    }
  }

  /// Does work that one process does at a time; where `waits` is false and another process is at it,
  /// nothing.
  private func exclusively<Value>(
    _ connection: PostgresConnection, waits: Bool, _ body: () throws -> Value
  ) throws -> Value? {
    if waits {
      try connection.run(PostgresNames.holdLock(.sealing))
    } else {
      let isMine = try connection.run(PostgresNames.tryLock(.sealing)).integer(0, 0) == 1
      if !isMine { return nil }
    }
    // A connection that breaks gives its locks back.
    defer { if connection.isOpen { _ = try? connection.run(PostgresNames.unlock(.sealing)) } }
    return try body()
  }

  // MARK: - Sealing

  /// Moves everything that is in the log now into blocks.
  private func sealAll(_ connection: PostgresConnection) throws {
    let border = try connection.run("SELECT last_id FROM store_counter").integer(0, 0)
    counters.withLock { $0.bytesSinceSeal = 0 }
    let rows = try connection.run(
      "SELECT DISTINCT vehicle_id FROM frame WHERE id <= $1 ORDER BY 1", [.int64(border)])
    var waiting: [NewBlock] = []
    for row in 0..<rows.count {
      let vehicle = Int32(truncatingIfNeeded: try rows.integer(row, 0))
      var after: Int64 = 0
      while true {
        let frames = try Self.logged(
          """
          SELECT id, time, received, command, bytes FROM frame
          WHERE vehicle_id = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4
          """,
          [.int32(vehicle), .int64(after), .int64(border), .int64(Int64(settings.rowsPerBlock))],
          connection)
        if frames.isEmpty { break }
        for part in Self.split(frames, bytes: settings.bytesPerBlock) {
          waiting.append(try NewBlock(part, vehicle: vehicle))
        }
        after = frames.last?.id ?? after
        if waiting.count >= Self.blocksPerCommit { try move(&waiting, connection) }
      }
    }
    try move(&waiting, connection)
    counters.withLock { $0.seals += 1 }
  }

  /// Parts of at most so many bytes, each of at least one frame.
  private static func split(_ frames: [StoredFrame], bytes limit: Int) -> [[StoredFrame]] {
    var parts: [[StoredFrame]] = []
    var size = Int.max
    for frame in frames {
      if size > limit - frame.bytes.count {
        parts.append([])
        size = 0
      }
      parts[parts.count - 1].append(frame)
      size += frame.bytes.count
    }
    return parts
  }

  /// Inserts blocks and deletes their frames in one transaction.
  ///
  /// Appending waits for it: a frame that comes again meanwhile is found in one of the two places.
  private func move(_ blocks: inout [NewBlock], _ connection: PostgresConnection) throws {
    if blocks.isEmpty { return }
    for block in blocks { try block.announce(connection) }
    try connection.transaction {
      try connection.run("SELECT 1 FROM store_counter FOR UPDATE")
      for block in blocks {
        try block.insert(connection)
        let gone = try connection.run(
          "DELETE FROM frame WHERE vehicle_id = $1 AND id BETWEEN $2 AND $3",
          [.int32(block.vehicle), .int64(block.ids.lowerBound), .int64(block.ids.upperBound)])
        guard gone.touched == block.rows else {
          throw StoreError.corrupt(
            path: path,
            reason:
              "\(gone.touched) frames of vehicle \(block.vehicle) left the log for a block of "
              + "\(block.rows)")
        }
      }
    }
    blocks = []
  }

  // MARK: - Merging

  /// Merges runs of short blocks of a vehicle into full ones.
  private func merge(atLeast count: Int, _ connection: PostgresConnection) throws {
    let limit = settings.rowsPerBlock / 2
    let rows = try connection.run(
      """
      SELECT vehicle_id FROM block WHERE rows < $1 GROUP BY vehicle_id HAVING count(*) >= $2
      ORDER BY 1
      """, [.int32(Int32(limit)), .int64(Int64(count))])
    for row in 0..<rows.count {
      let vehicle = Int32(truncatingIfNeeded: try rows.integer(row, 0))
      let list = try connection.run(
        "SELECT id, rows, length FROM block WHERE vehicle_id = $1 ORDER BY last_id",
        [.int32(vehicle)])
      var run: [Int64] = []
      for place in 0..<list.count {
        let isShort = try list.integer(place, 1) < Int64(limit) && list.integer(place, 2) < 1 << 20
        if isShort { run.append(try list.integer(place, 0)) }
        if !isShort || place == list.count - 1 {
          if run.count >= count { try replace(run, of: vehicle, connection) }
          run = []
        }
      }
    }
  }

  private func replace(
    _ keys: [Int64], of vehicle: Int32, _ connection: PostgresConnection
  ) throws {
    let rows = try connection.run(
      "SELECT id, data FROM block WHERE vehicle_id = $1 AND id = ANY ($2) ORDER BY last_id",
      [.int32(vehicle), .int64s(keys)])
    var frames: [StoredFrame] = []
    for row in 0..<rows.count {
      frames += try Self.decode(
        try rows.bytes(row, 1), place: connection.place, block: try rows.integer(row, 0))
    }
    var blocks: [NewBlock] = []
    var start = 0
    while start < frames.count {
      let end = min(start + settings.rowsPerBlock, frames.count)
      for part in Self.split(Array(frames[start..<end]), bytes: settings.bytesPerBlock) {
        blocks.append(try NewBlock(part, vehicle: vehicle))
      }
      start = end
    }
    // Blocks that are short because their frames are large would come out as they are.
    guard blocks.count < keys.count else { return }
    try connection.transaction {
      try connection.run("SELECT 1 FROM store_counter FOR UPDATE")
      let gone = try connection.run(
        "DELETE FROM block WHERE vehicle_id = $1 AND id = ANY ($2)",
        [.int32(vehicle), .int64s(keys)])
      guard gone.touched == keys.count else {
        throw StoreError.corrupt(
          path: path, reason: "\(gone.touched) of \(keys.count) blocks were there to be merged")
      }
      for block in blocks { try block.insert(connection) }
    }
  }
}
