// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sealing: closed segments of the log become column blocks, then go.

import Dispatch
import GRDB
import Synchronization

extension EmbeddedEngine {
  /// Seals in the background when enough segments are closed.
  func sealIfDue() {
    let due = state.withLock { state in
      guard !state.isSealing, state.closed.count >= settings.segmentsPerSeal else { return false }
      state.isSealing = true
      return true
    }
    guard due else { return }
    sealer.async { [self] in
      do {
        try seal()
        try merge(atLeast: 8)
      } catch {
        // The log keeps every frame; the next full segment tries again.
        let reason = StoreError(error, path: path).description
        state.withLock { state in
          state.sealFailures += 1
          state.lastSealFailure = reason
        }
      }
      state.withLock { $0.isSealing = false }
    }
  }

  /// Makes blocks of all closed segments.
  ///
  /// The order decides what a crash leaves: blocks are written, flushed, named and flushed again;
  /// one transaction enters them and moves the border between log and blocks; only then do the
  /// segments go. Before the transaction the log is the truth and the file is debris, after it
  /// the blocks are and the segments are.
  func seal() throws {
    let (closed, segments) = state.withLock { ($0.closed, $0.segments) }
    guard let last = closed.last else { return }
    let border = last.lastID
    let slots = state.withLock { state in
      state.vehicles.indices.filter {
        (state.vehicles[$0].tail.first?.entry.id ?? .max) <= border
      }
    }
    if !slots.isEmpty {
      let number = try nextFile()
      var writer = try BlockFileWriter(
        number: number, files: files, folder: blockFolder, settings: settings)
      do {
        for slot in slots {
          let (key, entries) = state.withLock { state in
            let vehicle = state.vehicles[slot]
            return (vehicle.key, Array(vehicle.tail.prefix { $0.entry.id <= border }))
          }
          try writer.add(try rows(of: entries, segments), vehicle: key)
        }
        try writer.finish()
      } catch {
        writer.abandon()
        throw error
      }
      // A commit that fails may still be found after a crash: the file it names must stay. The next
      // opening removes it if no commit names it.
      let blocks = writer.blocks
      try pool.write { db in
        try BlockIndex.insertFile(number, db)
        try BlockIndex.insert(blocks, db)
        try BlockIndex.setSealedThrough(border, db)
      }
      state.withLock { state in
        for block in blocks {
          guard let slot = state.slot(block.vehicle) else { continue }
          state.with(slot: slot) { $0.add(block) }
        }
        for slot in slots { state.with(slot: slot) { $0.forget(through: border) } }
        state.sealedThrough = border
        state.seals += 1
      }
    }
    // Oldest first, so that a crash leaves no gap among those that are left.
    let gone = closed.map(\.number)
    state.withLock { state in
      state.closed.removeAll { gone.contains($0.number) }
      for number in gone { state.segments[number] = nil }
    }
    for number in gone { try files.remove(logFolder + "/" + LogSegment.name(number)) }
    try files.syncFolder(logFolder)
  }

  /// Frames in the log.
  func rows(
    of entries: some Collection<TailEntry>, _ segments: [Int64: LogSegment]
  ) throws -> [BlockRow] {
    try entries.map { entry in
      guard let segment = segments[entry.segment] else { throw StoreError.closed }
      let bytes = try segment.file.read(entry.entry.length, at: entry.entry.offset)
      return BlockRow(
        id: entry.entry.id, time: entry.entry.time,
        receiveMilliseconds: entry.entry.receiveMilliseconds, command: entry.entry.command,
        bytes: bytes)
    }
  }

  // MARK: - Merging

  package func compact() async throws(StoreError) -> CompactionSummary {
    try await run(on: writer) { [self] in
      try log.withLock { log in
        guard var end = log else { throw StoreError.readOnly(path: path) }
        let holdsFrames = state.withLock { $0.nextID } > end.active.firstID
        if holdsFrames { try roll(&end) }
        log = end
      }
    }
    return try await run(on: sealer) { [self] in
      try seal()
      try merge(atLeast: 2)
      return try pool.read { db in
        let row = try Row.fetchOne(
          db, sql: "SELECT coalesce(sum(rows), 0), count(*), coalesce(sum(length), 0) FROM block")
        return CompactionSummary(
          frames: row?[0] ?? 0, blocks: row?[1] ?? 0, bytes: row?[2] ?? 0)
      }
    }
  }

  /// Merges runs of short blocks of a vehicle into full ones.
  ///
  /// - Parameter count: Shortest run worth it.
  /// - Throws: ``StoreError`` or ``FileFault``; the old blocks stay.
  func merge(atLeast count: Int) throws {
    let keys = try pool.read { db in
      try Int32.fetchAll(
        db,
        sql: """
          SELECT vehicle_id FROM block WHERE rows < ? GROUP BY vehicle_id HAVING count(*) >= ?
          """, arguments: [settings.rowsPerBlock / 2, count])
    }
    for key in keys {
      let blocks = try pool.read { db in
        try BlockIndex.blocks(db, where: "vehicle_id = ?", arguments: [key])
      }
      var run: [BlockEntry] = []
      var runs: [[BlockEntry]] = []
      for block in blocks {
        let isShort = block.rows < settings.rowsPerBlock / 2 && block.length < 1 << 20
        if isShort { run.append(block) }
        if !isShort || block == blocks.last {
          if run.count >= count { runs.append(run) }
          run = []
        }
      }
      if !runs.isEmpty { try replace(runs, vehicle: key) }
    }
  }

  private func replace(_ runs: [[BlockEntry]], vehicle: Int32) throws {
    let number = try nextFile()
    var writer = try BlockFileWriter(
      number: number, files: files, folder: blockFolder, settings: settings)
    let zstandard = Zstandard()
    do {
      for run in runs {
        try writer.add(
          try run.flatMap { try rows(of: $0, zstandard, keeps: false) }, vehicle: vehicle)
      }
      try writer.finish()
    } catch {
      writer.abandon()
      throw error
    }
    let blocks = writer.blocks
    let old = runs.flatMap { $0 }.map(\.key)
    try pool.write { db in
      try BlockIndex.insertFile(number, db)
      try BlockIndex.insert(blocks, db)
      let drop = try db.cachedStatement(sql: "DELETE FROM block WHERE id = ?")
      for key in old { try drop.execute(arguments: [key]) }
      _ = try BlockIndex.dropEmptyFiles(db)
    }
    try deleteDropped()
  }

  /// A number that neither the index nor the folder has used.
  private func nextFile() throws -> Int64 {
    let onDisk = try files.names(in: blockFolder).compactMap(BlockHandles.number(ofName:)).max()
    return max(try pool.read(BlockIndex.nextFile), (onDisk ?? 0) + 1)
  }

  /// Deletes files that no block is in any more.
  private func deleteDropped() throws {
    let dropped = try pool.read { try BlockIndex.files($0).dropped }
    if dropped.isEmpty { return }
    handles.close(dropped)
    for number in dropped { try files.remove(blockFolder + "/" + BlockHandles.name(number)) }
    try files.syncFolder(blockFolder)
    try pool.write { db in
      let forget = try db.cachedStatement(sql: "DELETE FROM block_file WHERE id = ?")
      for number in dropped { try forget.execute(arguments: [number]) }
    }
  }

  // MARK: - Retention

  package func removeFrames(collectedBefore time: Int64) async throws(StoreError) -> Int {
    try await run(on: sealer) { [self] in
      let gone = try pool.write { db in
        let gone = try BlockIndex.blocks(db, where: "last_time < ?", arguments: [time])
        try db.execute(sql: "DELETE FROM block WHERE last_time < ?", arguments: [time])
        _ = try BlockIndex.dropEmptyFiles(db)
        return gone
      }
      try deleteDropped()
      let keys = Set(gone.map(\.vehicle))
      for key in keys {
        let left = try pool.read { db in
          try BlockIndex.blocks(db, where: "vehicle_id = ?", arguments: [key])
        }
        state.withLock { state in
          guard let slot = state.slot(key) else { return }
          state.with(slot: slot) { vehicle in
            let last = vehicle.sealedLastID
            vehicle.sealedFrames = 0
            vehicle.sealedTimes = nil
            vehicle.sealedReports = nil
            for block in left { vehicle.add(block) }
            vehicle.sealedLastID = last
          }
        }
      }
      return gone.reduce(0) { $0 + $1.rows }
    }
  }
}
