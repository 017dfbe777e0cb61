// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Checks every byte of blocks and log as of one moment, also while frames are stored.

package import TelemetryStore

extension PostgresEngine {
  /// Checks every byte of blocks and log as of one moment, also while frames are stored.
  ///
  /// - Parameter progress: Told the share done, from 0 to 1.
  /// - Returns: What was found.
  /// - Throws: ``StoreError`` if the database cannot be read; damage is a finding.
  /// - Complexity: O(n) in the stored bytes.
  package func verify(
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws(StoreError) -> StoreVerification {
    let place = path
    return try await read { connection in
      try connection.moment {
        var result = StoreVerification(folder: place)
        try Self.checkBlocks(&result, progress, connection)
        try Self.checkLog(&result, connection)
        try Self.checkAudit(&result, connection)
        return result
      }
    }
  }

  private static func checkBlocks(
    _ result: inout StoreVerification, _ progress: (Double) -> Void,
    _ connection: PostgresConnection
  ) throws {
    let vehicles = try connection.run("SELECT id, identity FROM vehicle ORDER BY id")
    result.vehicles = vehicles.count
    for row in 0..<vehicles.count {
      let (key, identity) = (
        Int32(truncatingIfNeeded: try vehicles.integer(row, 0)), try vehicles.text(row, 1)
      )
      var last: Int64 = 0
      while true {
        // One at a time: a block may have some megabytes.
        let rows = try connection.run(
          """
          SELECT id, rows, first_id, last_id, first_time, last_time, first_report, last_report,
            length, data
          FROM block WHERE vehicle_id = $1 AND last_id > $2 ORDER BY last_id LIMIT 1
          """, [.int32(key), .int64(last)])
        if rows.count == 0 { break }
        let bytes = try rows.bytes(0, 9)
        result.bytes += bytes.count
        if let reason = try fault(in: bytes, rows, after: last) {
          result.faults.append(
            StoreFault(
              file: "block \(try rows.integer(0, 0))", reason: reason,
              lostFrames: Int(try rows.integer(0, 1)), identity: identity,
              firstTime: try rows.integer(0, 4), lastTime: try rows.integer(0, 5)))
        } else {
          result.blocks += 1
          result.frames += Int(try rows.integer(0, 1))
        }
        last = try rows.integer(0, 3)
      }
      progress(Double(row + 1) / Double(vehicles.count))
    }
  }

  /// What is wrong with a block or with what its row says of it; nil if nothing is.
  private static func fault(
    in bytes: [UInt8], _ row: PostgresRows, after last: Int64
  ) throws -> String? {
    let frames: [StoredFrame]
    do throws(StoreError) {
      frames = try ColumnBlock.decode(bytes)
    } catch {
      if case .corrupt(_, let reason) = error { return reason }
      return error.description
    }
    let times = frames.map(\.collectionTime)
    let reports = frames.filter(\.isReport).map(\.collectionTime)
    let found: [Int64?] = [
      Int64(frames.count), frames.first?.id, frames.last?.id, times.min(), times.max(),
      reports.min(), reports.max(), Int64(bytes.count),
    ]
    for (place, name) in [
      "frames", "first id", "last id", "first time", "last time", "first report", "last report",
      "bytes",
    ].enumerated() {
      let stated = try row.optionalInteger(0, place + 1)
      if stated != found[place] {
        return "its row states \(stated.map(String.init) ?? "no") \(name) and it holds "
          + "\(found[place].map(String.init) ?? "none")"
      }
    }
    let isOrdered = zip(frames, frames.dropFirst()).allSatisfy { $0.id < $1.id }
    if !isOrdered || frames.first?.id ?? 0 <= last { return "ids of its frames occur twice" }
    return nil
  }

  private static func checkLog(
    _ result: inout StoreVerification, _ connection: PostgresConnection
  ) throws {
    let sums = try connection.run(
      "SELECT count(*), coalesce(sum(length(bytes)), 0)::bigint, coalesce(max(id), 0) FROM frame")
    let count = Int(try sums.integer(0, 0))
    result.loggedFrames = count
    result.frames += count
    result.bytes += Int(try sums.integer(0, 1))
    let newest = try connection.run("SELECT last_id FROM store_counter").integer(0, 0)
    if try sums.integer(0, 2) > newest {
      result.faults.append(
        StoreFault(
          file: "store_counter",
          reason: "frame \(try sums.integer(0, 2)) is newer than the counter's \(newest)"))
    }
    let changed = try connection.run(
      """
      SELECT f.id, v.identity, f.time FROM frame f JOIN vehicle v ON v.id = f.vehicle_id
      WHERE digest <> substring(sha256(substring(bytes FROM unit_start FOR unit_length)) FOR 16)
      ORDER BY f.id LIMIT 100
      """)
    for row in 0..<changed.count {
      let time = try changed.integer(row, 2)
      result.frames -= 1
      result.faults.append(
        StoreFault(
          file: "the log, frame \(try changed.integer(row, 0))",
          reason: "its data unit does not fit its digest", lostFrames: 1,
          identity: try changed.text(row, 1), firstTime: time, lastTime: time))
    }
    let twice = try connection.run(
      """
      SELECT count(*), min(v.identity) FROM frame f JOIN vehicle v ON v.id = f.vehicle_id
      JOIN (SELECT vehicle_id, max(last_id) last FROM block GROUP BY vehicle_id) b
        ON b.vehicle_id = f.vehicle_id AND f.id <= b.last
      """)
    if try twice.integer(0, 0) > 0 {
      result.faults.append(
        StoreFault(
          file: "the log",
          reason: "\(try twice.integer(0, 0)) frames are older than a sealed block",
          identity: try twice.text(0, 1)))
    }
  }

  private static func checkAudit(
    _ result: inout StoreVerification, _ connection: PostgresConnection
  ) throws {
    var last: AuditEntry?
    while true {
      let entries = try audit(after: last?.number ?? 0, limit: 1_000, connection)
      if entries.isEmpty { return }
      for entry in entries {
        if !entry.follows(last) {
          result.faults.append(
            StoreFault(
              file: "audit",
              reason: "audit entry \(entry.number) was changed, or one before it is gone"))
          return
        }
        last = entry
      }
    }
  }
}
