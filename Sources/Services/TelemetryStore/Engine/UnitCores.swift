// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where a stored unit is looked for, so that finding a duplicate never takes a vehicle's history.

import GRDB

/// Where a stored unit is looked for.
///
/// Each block has a core, a stretch of collection time that no other block's core overlaps: frames
/// in it are looked for in the block. Frames outside - late ones, repeating clocks, a time that
/// many frames share - are in a table by vehicle, time and hash. So whatever its clock does, one
/// block and one row of a table are all that is asked for a frame.
enum UnitCores {
  /// A unit outside the core of its block.
  struct Unit {
    var vehicle: Int32
    var time: Int64
    var hash: Int64
    var id: Int64
  }

  /// Frames of one time beyond which it is no business of a core.
  private static let mostOfOneTime = 16
  /// Longest pause inside a core, in seconds: a car parked for two months, not a clock gone wrong.
  private static let longestPause: Int64 = 60 * 86_400

  /// The core of a block.
  ///
  /// - Parameters:
  ///   - times: Collection times of its frames.
  ///   - taken: Cores of other blocks.
  /// - Returns: The stretch around the median that is free; nil if there is none.
  /// - Complexity: O(n log n).
  static func core(of times: [Int64], taken: [ClosedRange<Int64>]) -> ClosedRange<Int64>? {
    let sorted = times.sorted()
    if sorted.isEmpty { return nil }
    let middle = sorted.count / 2
    let median = sorted[middle]
    var (floor, ceiling) = (Int64.min, Int64.max)
    for other in taken {
      if other.contains(median) { return nil }
      if other.upperBound < median { floor = max(floor, other.upperBound) }
      if other.lowerBound > median { ceiling = min(ceiling, other.lowerBound) }
    }
    var (low, high) = (middle, middle)
    while low > 0, sorted[low - 1] > floor, isNear(sorted[low - 1], sorted[low]) { low -= 1 }
    while high + 1 < sorted.count, sorted[high + 1] < ceiling,
      isNear(sorted[high], sorted[high + 1])
    {
      high += 1
    }
    for place in low...high
    where place + mostOfOneTime <= high && sorted[place] == sorted[place + mostOfOneTime] {
      return nil
    }
    return sorted[low]...sorted[high]
  }

  private static func isNear(_ time: Int64, _ next: Int64) -> Bool {
    let (pause, overflow) = next.subtractingReportingOverflow(time)
    return !overflow && pause <= longestPause
  }

  /// Cores of a vehicle's blocks that overlap some times.
  static func taken(
    _ db: Database, vehicle: Int32, _ times: ClosedRange<Int64>
  ) throws -> [ClosedRange<Int64>] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT core_first, core_last FROM block
          WHERE vehicle_id = ? AND core_last >= ? AND core_first <= ?
          """), arguments: [vehicle, times.lowerBound, times.upperBound]
    ).map { row in (row[0] as Int64)...(row[1] as Int64) }
  }

  static func insert(_ units: [Unit], _ db: Database) throws {
    let put = try db.cachedStatement(
      sql: "INSERT OR IGNORE INTO unit(vehicle_id, time, hash, frame_id) VALUES (?, ?, ?, ?)")
    for unit in units {
      try put.execute(arguments: [unit.vehicle, unit.time, unit.hash, unit.id])
    }
  }

  /// Forgets the units of frames that are gone.
  static func remove(_ block: BlockEntry, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        DELETE FROM unit WHERE vehicle_id = ? AND time >= ? AND time <= ?
          AND frame_id >= ? AND frame_id <= ?
        """
    ).execute(arguments: [
      block.vehicle, block.firstTime, block.lastTime, block.firstID, block.lastID,
    ])
  }

  /// Blocks that may have a unit.
  ///
  /// - Complexity: O(log n) in the blocks of the vehicle, but for those of earlier versions.
  static func blocks(
    _ db: Database, vehicle: Int32, time: Int64, hash: Int64
  ) throws -> [BlockEntry] {
    var found = try BlockIndex.blocks(
      db, where: "vehicle_id = ? AND is_loose = 0 AND core_last >= ?",
      arguments: [vehicle, time], order: "core_last", limit: 1
    ).filter { $0.core?.contains(time) ?? false }
    found += try BlockIndex.blocks(
      db, where: "vehicle_id = ? AND is_loose = 1 AND core_last >= ? AND core_first <= ?",
      arguments: [vehicle, time, time])
    let ids = try Int64.fetchAll(
      db.cachedStatement(
        sql: "SELECT frame_id FROM unit WHERE vehicle_id = ? AND time = ? AND hash = ? LIMIT 4"),
      arguments: [vehicle, time, hash])
    for id in ids {
      found += try BlockIndex.blocks(
        db, where: "vehicle_id = ? AND last_id >= ?", arguments: [vehicle, id], limit: 1
      ).filter { $0.firstID <= id && !found.contains($0) }
    }
    return found
  }
}
