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
        try seal(isHasty: true)
        try merge()
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
  ///
  /// - Parameter isHasty: Whether short blocks may be kept as they are until they are merged.
  /// - Throws: ``StoreError`` or ``FileFault``; the log keeps the frames.
  func seal(isHasty: Bool) throws {
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
        number: number, files: files, folder: blockFolder, settings: settings,
        isHasty: isHasty)
      var blocks: [BlockEntry] = []
      var units: [UnitCores.Unit] = []
      do {
        for slot in slots {
          let (key, entries, known) = state.withLock { state in
            let vehicle = state.vehicles[slot]
            return (
              vehicle.key, Array(vehicle.tail.prefix { $0.entry.id <= border }),
              vehicle.sealedTimes
            )
          }
          let before = writer.blocks.count
          try writer.add(try rows(of: entries, segments), vehicle: key)
          try enter(
            Array(writer.blocks[before...]), entries, known, into: &blocks, &units)
        }
        try writer.finish()
      } catch {
        writer.abandon()
        throw error
      }
      // A commit that fails may still be found after a crash: the file it names must stay. The next
      // opening removes it if no commit names it.
      let (entered, outside) = (blocks, units)
      try pool.write { db in
        try BlockIndex.insertFile(number, db)
        try BlockIndex.insert(entered, db)
        try UnitCores.insert(outside, db)
        try BlockIndex.setSealedThrough(border, db)
      }
      state.withLock { state in
        for block in entered {
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

  /// Gives new blocks of a vehicle their cores, and the units outside to the table.
  private func enter(
    _ made: [BlockEntry], _ entries: [TailEntry], _ known: ClosedRange<Int64>?,
    into blocks: inout [BlockEntry], _ units: inout [UnitCores.Unit]
  ) throws {
    guard let vehicle = made.first?.vehicle else { return }
    var taken: [ClosedRange<Int64>] = []
    let low = made.reduce(Int64.max) { min($0, $1.firstTime) }
    let high = made.reduce(Int64.min) { max($0, $1.lastTime) }
    if let known, known.upperBound >= low, known.lowerBound <= high {
      taken = try pool.read { try UnitCores.taken($0, vehicle: vehicle, low...high) }
    }
    var rest = entries[...]
    for var block in made {
      let own = rest.prefix { $0.entry.id <= block.lastID }
      rest = rest.dropFirst(own.count)
      block.core = UnitCores.core(of: own.map(\.entry.time), taken: taken)
      block.isLoose = false
      if let core = block.core { taken.append(core) }
      for entry in own where !(block.core?.contains(entry.entry.time) ?? false) {
        units.append(
          UnitCores.Unit(
            vehicle: vehicle, time: entry.entry.time, hash: entry.entry.hash, id: entry.entry.id))
      }
      blocks.append(block)
    }
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
      try seal(isHasty: false)
      try merge(isLast: true)
      return try pool.read { db in
        let row = try Row.fetchOne(
          db, sql: "SELECT coalesce(sum(rows), 0), count(*), coalesce(sum(length), 0) FROM block")
        return CompactionSummary(
          frames: row?[0] ?? 0, blocks: row?[1] ?? 0, bytes: row?[2] ?? 0)
      }
    }
  }

  /// Whether a block is well below what a full one holds.
  private func isShort(_ block: BlockEntry) -> Bool {
    block.rows < settings.rowsPerBlock / 2 && block.frameBytes < settings.bytesPerBlock / 2
  }

  /// Merges runs of short blocks of a vehicle into long ones.
  ///
  /// A run is merged when that makes a long block, or when there are many short ones: so each frame
  /// is written into columns once, or twice, whatever a vehicle's share of the log.
  ///
  /// - Parameter isLast: Merge every run of two, and blocks that were made in haste.
  /// - Throws: ``StoreError`` or ``FileFault``; the old blocks stay.
  func merge(isLast: Bool = false) throws {
    let few = isLast ? 1 : 2
    let keys = try pool.read { db in
      try Int32.fetchAll(
        db,
        sql: """
          SELECT vehicle_id FROM block WHERE rows < ? AND frame_bytes < ?
          GROUP BY vehicle_id HAVING count(*) >= ?
          """,
        arguments: [settings.rowsPerBlock / 2, settings.bytesPerBlock / 2, few])
    }
    for key in keys {
      let blocks = try pool.read { db in
        try BlockIndex.blocks(db, where: "vehicle_id = ?", arguments: [key])
      }
      var runs: [[BlockEntry]] = []
      for run in blocks.split(whereSeparator: { !isShort($0) }) {
        let run = isLast ? run : worthMerging(run)
        if run.count >= 2 || (isLast && run.contains(where: \.isHasty)) { runs.append(Array(run)) }
      }
      if !runs.isEmpty { try replace(runs, vehicle: key) }
    }
  }

  /// The part of a run of short blocks that is worth merging now; empty if it can wait.
  private func worthMerging(_ run: ArraySlice<BlockEntry>) -> ArraySlice<BlockEntry> {
    var run = run
    var (rows, bytes) = run.reduce(into: (0, 0)) { $0 = ($0.0 + $1.rows, $0.1 + $1.frameBytes) }
    if rows >= settings.rowsPerBlock / 2 || bytes >= settings.bytesPerBlock / 2 { return run }
    // Many short ones: without the first that are long beside the rest, lest these be written
    // again and again.
    while let first = run.first, first.rows * 2 > rows {
      rows -= first.rows
      bytes -= first.frameBytes
      run = run.dropFirst()
    }
    return run.count >= 64 ? run : []
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
    let merged = runs.flatMap { $0 }
    let old = merged.map(\.key)
    let made = writer.blocks
    try pool.write { db in
      try BlockIndex.insertFile(number, db)
      try BlockIndex.insert(try cores(of: made, from: merged, db), db)
      let drop = try db.cachedStatement(sql: "DELETE FROM block WHERE id = ?")
      for key in old { try drop.execute(arguments: [key]) }
      _ = try BlockIndex.dropEmptyFiles(db)
    }
    try deleteDropped()
  }

  /// Merged blocks with the cores of those that they were made of, put together.
  ///
  /// A frame that is in no core stays in the table of units; a core may only grow.
  private func cores(
    of made: [BlockEntry], from old: [BlockEntry], _ db: Database
  ) throws -> [BlockEntry] {
    try made.map { block in
      var block = block
      block.core = nil
      block.isLoose = false
      let parts = old.filter { $0.firstID <= block.lastID && $0.lastID >= block.firstID }
      guard
        let hull = parts.reduce(nil, { VehicleState.union($0, $1.core) })?
          .clamped(to: block.firstTime...block.lastTime)
      else { return block }
      block.core = hull
      let keys = Set(old.map(\.key))
      let others = try BlockIndex.blocks(
        db, where: "vehicle_id = ? AND core_last >= ? AND core_first <= ?",
        arguments: [block.vehicle, hull.lowerBound, hull.upperBound]
      ).filter { !keys.contains($0.key) }
      block.isLoose = !others.isEmpty || made.count > 1
      return block
    }
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
        for block in gone { try UnitCores.remove(block, db) }
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
