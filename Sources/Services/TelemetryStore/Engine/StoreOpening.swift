// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Opening a store: what a crash left is put right, what is damaged is reported.

import Foundation
import GRDB

/// Opening a store: what a crash left is put right, what is damaged is reported.
struct StoreOpening {
  let folder: String
  let settings: StoreSettings
  let files: any StoreFiles
  let pool: DatabasePool
  private(set) var state = EngineState()
  private var active: (segment: LogSegment, end: Int)?
  /// The active segment as it was found: where its last batch begins, whether a proof follows.
  private var found: (lastBatch: Int?, isProven: Bool, salt: UInt32?) = (nil, false, nil)
  /// The id behind the last frame of the log.
  private var logEnd: Int64 = 0
  /// Segments that a crash or a failed roll left without frames.
  private var debris: [String] = []

  init(folder: String, settings: StoreSettings, files: any StoreFiles, pool: DatabasePool) {
    self.folder = folder
    self.settings = settings
    self.files = files
    self.pool = pool
  }

  private var logFolder: String { folder + "/log" }
  private var blockFolder: String { folder + "/blocks" }

  /// Does everything, in the order that makes each step repeatable.
  ///
  /// - Returns: The log, ready to be appended to.
  mutating func run() throws -> FrameLog {
    try files.makeFolder(logFolder)
    try files.makeFolder(blockFolder)
    try files.syncFolder(folder)
    try LegacyFrames.move(pool: pool, files: files, blockFolder: blockFolder, settings: settings)
    try loadVehicles()
    try readLog(try openSegments())
    try clearBlockFolder()
    return try openLog()
  }

  /// Only reads what is there; another process may be writing it.
  ///
  /// The log is opened before the index is read, so that what is sealed meanwhile is in one of the
  /// two. A segment that ends in a commit under way simply ends before it.
  mutating func look() throws {
    let segments = try openSegments()
    try loadVehicles()
    try readLog(segments)
  }

  // MARK: - Index

  private mutating func loadVehicles() throws {
    let (vehicles, blocks, sealed) = try pool.read { db in
      (
        try Row.fetchAll(db, sql: "SELECT id, identity, first_received FROM vehicle ORDER BY id"),
        try Row.fetchAll(
          db,
          sql: """
            SELECT vehicle_id, sum(rows), max(last_id), min(first_time), max(last_time),
              min(first_report), max(last_report) FROM block GROUP BY vehicle_id
            """),
        try BlockIndex.sealedThrough(db)
      )
    }
    state.sealedThrough = sealed
    state.nextID = sealed + 1
    for row in vehicles {
      state.add(VehicleState(key: row[0], identity: row[1], firstReceived: row[2]))
    }
    for row in blocks {
      guard let slot = state.slot(row[0] as Int32) else { continue }
      let reports: ClosedRange<Int64>? =
        if let first = row[5] as Int64?, let last = row[6] as Int64? { first...last } else { nil }
      state.with(slot: slot) { vehicle in
        vehicle.sealedFrames = row[1]
        vehicle.sealedLastID = row[2]
        vehicle.sealedTimes = (row[3] as Int64)...(row[4] as Int64)
        vehicle.sealedReports = reports
      }
    }
  }

  // MARK: - Log

  private struct OpenSegment {
    var number: Int64
    var file: any StoreFile
    var size: Int
  }

  private func openSegments() throws -> [OpenSegment] {
    let numbers = try files.names(in: logFolder).compactMap(LogSegment.number(ofName:)).sorted()
    return try numbers.compactMap { number in
      do {
        let file = try files.open(logFolder + "/" + LogSegment.name(number), create: false)
        return OpenSegment(number: number, file: file, size: try file.size())
      } catch let fault as FileFault where fault.code == ENOENT {
        return nil
      }
    }
  }

  private mutating func readLog(_ segments: [OpenSegment]) throws {
    var expected: Int64?
    for (index, segment) in segments.enumerated() {
      let (number, file) = (segment.number, segment.file)
      let path = file.path
      let bytes = try file.read(segment.size, at: 0)
      guard let header = LogFormat.readSegmentHeader(bytes), header.number == number else {
        // A crash while a segment was made leaves at most the last one without a header.
        guard index == segments.count - 1, LogScan(bytes, firstID: nil).isEmpty else {
          throw StoreError.damaged(
            path: path, offset: 0, reason: "its header is not whole, and frames follow it")
        }
        debris.append(path)
        continue
      }
      let scan = LogScan(bytes, firstID: header.firstID)
      let first = expected ?? min(header.firstID, state.sealedThrough + 1)
      if scan.entries.isEmpty, scan.isEmpty, header.firstID < first {
        // Made for a roll that failed; the log went on in the segment before.
        debris.append(path)
        continue
      }
      // A crash while sealed segments were removed may leave some of them, and a gap: what is
      // missing up to the border is in blocks.
      let isGapSealed = header.firstID > first && header.firstID <= state.sealedThrough + 1
      guard header.firstID == first || isGapSealed else {
        throw StoreError.damaged(
          path: path, offset: 0,
          reason: "it begins with frame \(header.firstID), and \(first) is nowhere")
      }
      for case .damaged(let offset, let count, let frames) in scan.faults {
        throw StoreError.damaged(
          path: path, offset: offset,
          reason: "\(count) bytes are not whole and \(frames) acknowledged frames in them are lost")
      }
      try take(scan, number: number, firstID: header.firstID, file: file)
      found = (scan.lastBatch, scan.isProven, LogFormat.salt(of: bytes))
      expected = (scan.entries.last?.id ?? header.firstID - 1) + 1
    }
    if let expected {
      logEnd = expected
      state.nextID = max(state.nextID, expected)
    }
  }

  private mutating func take(
    _ scan: LogScan, number: Int64, firstID: Int64, file: any StoreFile
  ) throws {
    let lastID = scan.entries.last?.id ?? firstID - 1
    if let active {
      state.closed.append((active.segment.number, state.nextID - 1))
    }
    for entry in scan.entries where entry.id > state.sealedThrough {
      guard let slot = state.slot(entry.vehicle) else {
        throw StoreError.damaged(
          path: file.path, offset: entry.offset,
          reason: "frame \(entry.id) names vehicle \(entry.vehicle), which the index does not have")
      }
      state.with(slot: slot) { $0.add(entry, segment: number) }
    }
    state.nextID = max(state.nextID, lastID + 1)
    let segment = LogSegment(number: number, firstID: firstID, file: file)
    state.segments[number] = segment
    active = (segment, scan.end)
  }

  private mutating func openLog() throws -> FrameLog {
    // Segments that are sealed wholly were to be removed when the crash came. An active one that
    // ends before the next id is among them: ids in a segment are consecutive.
    var gone = state.closed.prefix { $0.lastID <= state.sealedThrough }.map(\.number)
    if let last = active, logEnd < state.nextID {
      gone.append(last.segment.number)
      active = nil
    }
    // After a commit whose flush failed, what SQLite reads of it may not be on the disk: copying it
    // into its file puts it there, before anything goes that only this commit made superfluous.
    try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    for path in debris { try files.remove(path) }
    let highest = state.segments.keys.max() ?? 0
    state.closed.removeAll { gone.contains($0.number) }
    for number in gone {
      try files.remove(logFolder + "/" + LogSegment.name(number))
      state.segments[number] = nil
    }
    if !gone.isEmpty { try files.syncFolder(logFolder) }
    guard let active else {
      let log = try FrameLog(
        files: files, folder: logFolder, number: highest + 1, firstID: state.nextID)
      state.segments[highest + 1] = log.active
      return log
    }
    // Cuts off what a crash left behind the last whole batch, before anything is written there.
    if try active.segment.file.size() > active.end {
      try active.segment.file.truncate(to: active.end)
    }
    if !found.isProven { try rewrite(active) }
    try active.segment.file.sync()
    try files.syncFolder(logFolder)
    var log = FrameLog(
      files: files, folder: logFolder, active: active.segment, end: active.end,
      salt: found.salt)
    if !found.isProven {
      log.isProven = false
      log.prove(nextID: state.nextID)
      if let fault = log.failure { throw fault }
    }
    return log
  }

  /// Writes the header and the last batch once more.
  ///
  /// If their flush failed, the system keeps what it read back for written: flushing again would do
  /// nothing, and a power cut would take a batch that is acknowledged when it comes again.
  private func rewrite(_ active: (segment: LogSegment, end: Int)) throws {
    let file = active.segment.file
    try file.writeAll(try file.read(LogFormat.segmentHeaderSize, at: 0), at: 0)
    guard let start = found.lastBatch else { return }
    try file.writeAll(try file.read(active.end - start, at: start), at: start)
  }

  // MARK: - Blocks

  /// Removes files that are to be deleted and those of a sealing that was not finished.
  private mutating func clearBlockFolder() throws {
    let (used, dropped) = try pool.read(BlockIndex.files)
    let names = try files.names(in: blockFolder)
    var present: Set<Int64> = []
    for name in names {
      let path = blockFolder + "/" + name
      guard let number = BlockHandles.number(ofName: name) else {
        if name.hasSuffix(".new") { try files.remove(path) }
        continue
      }
      present.insert(number)
      if dropped.contains(number) {
        try files.remove(path)
      } else if !used.contains(number) {
        try removeUnfinished(path)
      }
    }
    for number in used.subtracting(present).sorted() {
      throw StoreError.damaged(
        path: blockFolder + "/" + BlockHandles.name(number), offset: 0,
        reason: "the index names this file, and it is not there")
    }
    if !dropped.isEmpty {
      try files.syncFolder(blockFolder)
      try pool.write { try $0.execute(sql: "DELETE FROM block_file WHERE is_dropped = 1") }
    }
  }

  /// Removes a file that no transaction entered, if its frames are elsewhere.
  private func removeUnfinished(_ path: String) throws {
    let file = try files.open(path, create: false)
    let size = try file.size()
    let logged = state.sealedThrough + 1
    var place = 0
    let zstandard = Zstandard()
    while place < size {
      let head = try file.read(BlockFormat.headerSize, at: place)
      guard let length = BlockReader.length(ofHeader: head), place + length <= size else { break }
      let start = place
      let key: Int32
      let ids: [Int64]
      do throws(BlockError) {
        var reader = try BlockReader(length: length, zstandard: zstandard) {
          (offset, count) throws(FileFault) in try file.read(count, at: start + offset)
        }
        key = reader.vehicle
        ids = try reader.ids()
      } catch {
        if case .file(let fault) = error { throw fault }
        throw StoreError.damaged(
          path: path, offset: place,
          reason: "\(error.reason), in a block that the index does not know")
      }
      let isLogged = (ids.first ?? 0) >= logged && (ids.last ?? 0) < state.nextID
      if !isLogged, try !isIndexed(vehicle: key, ids) {
        throw StoreError.damaged(
          path: path, offset: place,
          reason: "the index does not know this block and the log does not have its frames: "
            + "the index is older than the blocks")
      }
      place += length
    }
    try files.remove(path)
  }

  private func isIndexed(vehicle: Int32, _ ids: [Int64]) throws -> Bool {
    guard let first = ids.first, let last = ids.last else { return true }
    let rows = try pool.read { db in
      try BlockIndex.blocks(
        db, where: "vehicle_id = ? AND last_id >= ? AND first_id <= ?",
        arguments: [vehicle, first, last]
      ).reduce(0) { $0 + $1.rows }
    }
    return rows >= ids.count
  }
}
