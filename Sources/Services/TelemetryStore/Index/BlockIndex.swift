// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The rows of the index that say where blocks are.

import GRDB

/// Where a block is and what it holds.
struct BlockEntry: Hashable {
  var key: Int64
  var vehicle: Int32
  var file: Int64
  var place: Int
  var length: Int
  var rows: Int
  var firstID: Int64
  var lastID: Int64
  var firstTime: Int64
  var lastTime: Int64
  /// Times of the first and the last report in it.
  var reports: ClosedRange<Int64>?
  /// Bytes of its frames; 0 if an earlier version wrote it.
  var frameBytes = 0
  /// Whether it was made in haste and is to be merged.
  var isHasty = false
  /// Its frames of these times are looked for in the block, all others in the table of units.
  var core: ClosedRange<Int64>?
  /// Whether the cores of other blocks may overlap this one.
  var isLoose = false

  init(_ row: Row) {
    key = row[0]
    vehicle = row[1]
    file = row[2]
    place = row[3]
    length = row[4]
    rows = row[5]
    firstID = row[6]
    lastID = row[7]
    firstTime = row[8]
    lastTime = row[9]
    let (first, last) = (row[10] as Int64?, row[11] as Int64?)
    if let first, let last, first <= last { reports = first...last }
    frameBytes = row[12]
    isHasty = row[13]
    let (coreFirst, coreLast) = (row[14] as Int64?, row[15] as Int64?)
    if let coreFirst, let coreLast, coreFirst <= coreLast { core = coreFirst...coreLast }
    isLoose = row[16]
  }

  init(_ block: EncodedBlock, vehicle: Int32, file: Int64, place: Int) {
    key = 0
    self.vehicle = vehicle
    self.file = file
    self.place = place
    length = block.bytes.count
    rows = block.rows
    firstID = block.firstID
    lastID = block.lastID
    firstTime = block.firstTime
    lastTime = block.lastTime
    reports = block.reports
    frameBytes = block.frameBytes
    isHasty = block.isHasty
    core = block.firstTime...block.lastTime
    isLoose = true
  }
}

/// The rows of the index that say where blocks are.
enum BlockIndex {
  private static let columns = """
    id, vehicle_id, file_id, place, length, rows, first_id, last_id, first_time, last_time,
    first_report, last_report, frame_bytes, is_hasty, core_first, core_last, is_loose
    """

  /// The highest id that is in blocks and not only in the log.
  static func sealedThrough(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT value FROM store_state WHERE name = 'sealed_through'") ?? 0
  }

  static func setSealedThrough(_ id: Int64, _ db: Database) throws {
    try db.execute(
      sql: "UPDATE store_state SET value = ? WHERE name = 'sealed_through'", arguments: [id])
  }

  /// Blocks that a condition chooses, in the order of vehicles and ids.
  static func blocks(
    _ db: Database, where condition: String, arguments: StatementArguments,
    order: String = "vehicle_id, last_id", limit: Int = -1
  ) throws -> [BlockEntry] {
    let sql = """
      SELECT \(columns) FROM block WHERE \(condition)
      ORDER BY \(order) LIMIT \(limit)
      """
    return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
      .map(BlockEntry.init)
  }

  static func insert(_ blocks: [BlockEntry], _ db: Database) throws {
    let put = try db.cachedStatement(
      sql: """
        INSERT INTO block(vehicle_id, file_id, place, length, rows, first_id, last_id, first_time,
          last_time, first_report, last_report, frame_bytes, is_hasty, core_first, core_last,
          is_loose) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for block in blocks {
      try put.execute(arguments: [
        block.vehicle, block.file, block.place, block.length, block.rows, block.firstID,
        block.lastID, block.firstTime, block.lastTime, block.reports?.lowerBound,
        block.reports?.upperBound, block.frameBytes, block.isHasty, block.core?.lowerBound,
        block.core?.upperBound, block.isLoose,
      ])
    }
  }

  /// Enters a file of blocks.
  static func insertFile(_ number: Int64, _ db: Database) throws {
    try db.execute(sql: "INSERT INTO block_file(id) VALUES (?)", arguments: [number])
  }

  /// Numbers of all files: those in use and those to be deleted.
  static func files(_ db: Database) throws -> (used: Set<Int64>, dropped: Set<Int64>) {
    var used: Set<Int64> = []
    var dropped: Set<Int64> = []
    for row in try Row.fetchAll(db, sql: "SELECT id, is_dropped FROM block_file") {
      if row[1] == 0 { used.insert(row[0]) } else { dropped.insert(row[0]) }
    }
    return (used, dropped)
  }

  /// A number that no file has had.
  static func nextFile(_ db: Database) throws -> Int64 {
    let last = try Int64.fetchOne(
      db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'block_file'")
    let used = try Int64.fetchOne(db, sql: "SELECT max(id) FROM block_file")
    return max(last ?? 0, used ?? 0) + 1
  }

  /// Marks files without blocks for deletion and returns all that are marked.
  static func dropEmptyFiles(_ db: Database) throws -> Set<Int64> {
    try db.execute(
      sql: """
        UPDATE block_file SET is_dropped = 1
        WHERE id NOT IN (SELECT DISTINCT file_id FROM block)
        """)
    return try files(db).dropped
  }
}
