// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Taking frames in: one call of the server's own function is one durable transaction.

import Synchronization
package import TelemetryStore

/// Frames of a commit as the columns of the server's function.
private struct AppendColumns {
  var identities: [String] = []
  var slots: [Int32] = []
  var times: [Int64] = []
  var arrivals: [Int64] = []
  var commands: [Int16] = []
  var contents: [[UInt8]] = []
  var starts: [Int32] = []
  var lengths: [Int32] = []
  /// Ids of equal frames in blocks; 0 without one.
  var known: [Int64]
  /// Blocks that were searched.
  var checked: Set<Int64> = []

  init(_ frames: [NewFrame]) {
    known = Array(repeating: 0, count: frames.count)
    var places: [String: Int32] = [:]
    for frame in frames {
      let slot: Int32
      if let place = places[frame.identity] {
        slot = place
      } else {
        identities.append(frame.identity)
        slot = Int32(identities.count)
        places[frame.identity] = slot
      }
      slots.append(slot)
      times.append(frame.collectionTime)
      arrivals.append(frame.arrivalMilliseconds)
      commands.append(Int16(frame.command))
      contents.append(frame.bytes)
      // SQL counts from 1.
      starts.append(Int32(frame.unit.lowerBound + 1))
      lengths.append(Int32(frame.unit.count))
    }
  }

  func values(first: Int64?) -> [PostgresValue] {
    [
      .texts(identities), .int32s(slots), .int64s(times), .int64s(arrivals), .int16s(commands),
      .byteStrings(contents), .int32s(starts), .int32s(lengths), .int64s(known),
      .int64s(checked.sorted()), .optional(first),
    ]
  }
}

extension PostgresEngine {
  package func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome] {
    if frames.isEmpty { return [] }
    let outcomes = try await write { [self] connection in
      var columns = AppendColumns(frames)
      while true {
        do throws(PostgresError) {
          return try append(columns, connection)
        } catch {
          guard error.asksForSearch else { throw error }
          try search(&columns, frames, connection)
        }
      }
    }
    let bytes = frames.reduce(0) { $0 + $1.bytes.count }
    let isDue = counters.withLock { counters in
      counters.bytesSinceSeal += bytes
      let border = settings.segmentBytes * settings.segmentsPerSeal
      guard counters.bytesSinceSeal >= border, !counters.isSealing else { return false }
      counters.isSealing = true
      return true
    }
    if isDue { sealInBackground() }
    return outcomes
  }

  private func append(
    _ columns: AppendColumns, _ connection: PostgresConnection
  ) throws(PostgresError) -> [AppendOutcome] {
    _ = connection.takeWarning()
    var first: Int64?
    // Before the lock is taken: it lasts as long as the connection and must go on every way out.
    defer {
      if connection.isSharded, connection.isOpen {
        _ = try? connection.run(PostgresNames.unlock(.append))
      }
    }
    if connection.isSharded {
      try connection.run(PostgresNames.holdLock(.append))
      let count = Int64(columns.slots.count)
      first = try connection.run(
        "UPDATE store_counter SET next_id = next_id + $1 RETURNING next_id - $1", [.int64(count)]
      ).integer(0, 0)
    }
    let rows = try connection.run(
      "SELECT place, frame_id FROM store_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      columns.values(first: first))
    // A commit that stops waiting for its standby tells so in a warning and counts as done. The
    // frames are sent again; then the answer waits for the standby as any commit does.
    if let warning = connection.takeWarning() {
      throw .unconfirmed(place: connection.place, reason: warning)
    }
    var last: Int64?
    var equal: [Int64: Int64] = [:]
    for row in 0..<rows.count {
      let place = try rows.integer(row, 0)
      let id = try rows.integer(row, 1)
      if place == 0 { last = id } else { equal[place] = id }
    }
    guard let last else {
      throw .unexpected(
        place: connection.place, statement: "store_append", reason: "no id before the first")
    }
    return columns.slots.indices.map { index in
      let place = Int64(index + 1)
      return equal[place].map { .duplicate(id: $0) } ?? .stored(id: last + place)
    }
  }

  // MARK: - Recognition

  /// Searches the blocks that may hold frames of a commit already.
  ///
  /// A block that cannot be read counts as without them: one vehicle's damage must not stop the
  /// commits of all, and a unit stored twice loses nothing.
  private func search(
    _ columns: inout AppendColumns, _ frames: [NewFrame], _ connection: PostgresConnection
  ) throws {
    counters.withLock { $0.searches += 1 }
    let rows = try connection.run(
      """
      SELECT f.place, b.vehicle_id, b.id
      FROM unnest($1::text[]) WITH ORDINALITY n(identity, slot)
      JOIN vehicle v USING (identity)
      JOIN unnest($2::integer[], $3::bigint[]) WITH ORDINALITY f(slot, time, place)
        ON f.slot = n.slot AND f.time BETWEEN v.sealed_from AND v.sealed_to
      JOIN block b ON b.vehicle_id = v.id AND f.time BETWEEN b.first_time AND b.last_time
      WHERE b.id <> ALL ($4)
      """,
      [
        .texts(columns.identities), .int32s(columns.slots), .int64s(columns.times),
        .int64s(columns.checked.sorted()),
      ])
    var wanted: [Int64: (vehicle: Int32, frames: [Int])] = [:]
    for row in 0..<rows.count {
      let place = Int(try rows.integer(row, 0)) - 1
      let vehicle = Int32(try rows.integer(row, 1))
      wanted[try rows.integer(row, 2), default: (vehicle, [])].frames.append(place)
    }
    for (block, candidates) in wanted {
      columns.checked.insert(block)
      guard let stored = try contents(of: block, vehicle: candidates.vehicle, connection) else {
        continue
      }
      for place in candidates.frames where columns.known[place] == 0 {
        let frame = frames[place]
        let equal = stored.first {
          $0.collectionTime == frame.collectionTime && frame.isUnit(of: $0.bytes)
        }
        if let equal { columns.known[place] = equal.id }
      }
    }
  }

  /// The frames of a block; nil if it is damaged or was merged meanwhile.
  private func contents(
    of block: Int64, vehicle: Int32, _ connection: PostgresConnection
  ) throws -> [StoredFrame]? {
    if let known = blocks.frames(block) { return known }
    let rows = try connection.run(
      "SELECT data FROM block WHERE vehicle_id = $1 AND id = $2", [.int32(vehicle), .int64(block)])
    guard rows.count == 1 else { return nil }
    do throws(StoreError) {
      let frames = try ColumnBlock.decode(try Self.bytes(rows))
      blocks.keep(frames, of: block)
      return frames
    } catch {
      counters.withLock { $0.unreadableBlocks += 1 }
      return nil
    }
  }

  private static func bytes(_ rows: PostgresRows) throws(StoreError) -> [UInt8] {
    do throws(PostgresError) { return try rows.bytes(0, 0) } catch { throw StoreError(error) }
  }
}

extension NewFrame {
  /// Arrival in whole milliseconds since the Unix epoch, as the store keeps it.
  fileprivate var arrivalMilliseconds: Int64 {
    let value = (receiveTime * 1_000).rounded()
    return value > -9e15 && value < 9e15 ? Int64(value) : 0
  }

  /// Whether stored bytes are a frame with this frame's data unit.
  fileprivate func isUnit(of stored: [UInt8]) -> Bool {
    guard stored.count == bytes.count else { return false }
    for index in unit where stored[index] != bytes[index] { return false }
    return true
  }
}
