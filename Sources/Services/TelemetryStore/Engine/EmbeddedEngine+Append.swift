// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Taking frames in: known or new, into the log, flushed, then visible.

import Dispatch
import Foundation
import GRDB
import Synchronization

/// Tells frames of one commit apart.
private struct UnitKey: Hashable {
  var slot: Int
  var time: Int64
  var hash: Int64
}

extension EmbeddedEngine {
  package func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome] {
    try await run(on: writer) { [self] in
      let (outcomes, isDue) = try log.withLock { log in
        // An engine that only reads has no end of the log.
        guard var end = log else { throw StoreError.readOnly(path: path) }
        defer { log = end }
        return try append(frames, to: &end)
      }
      if isDue {
        sealIfDue()
        // The log grows faster than it is sealed: wait for the sealing under way. Should it fail,
        // the log grows on, since frames must be kept.
        if state.withLock({ $0.closed.count }) >= settings.mostSegments {
          state.withLock { $0.waits += 1 }
          sealer.sync {}
        }
      }
      return outcomes
    }
  }

  private func append(
    _ frames: [NewFrame], to log: inout FrameLog
  ) throws -> (outcomes: [AppendOutcome], isDue: Bool) {
    if let fault = log.failure {
      throw StoreError.inputOutput(
        path: fault.path, reason: "\(fault.operation): \(PosixFiles.message(fault.code))")
    }
    let slots = try slots(of: frames)
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(frames.count)
    var records: [LogRecord] = []
    var recordSlots: [Int] = []
    var newest: [UnitKey: Int] = [:]
    let firstID = state.withLock { $0.nextID }
    for (frame, slot) in zip(frames, slots) {
      let key = UnitKey(slot: slot, time: frame.collectionTime, hash: frame.unitHash)
      if let known = try stored(frame, key) {
        outcomes.append(.duplicate(id: known))
        continue
      }
      // Two units of one hash in one commit are as good as impossible; then both are kept.
      if let index = newest[key], frame.hasUnit(of: records[index].bytes) {
        outcomes.append(.duplicate(id: firstID + Int64(index)))
        continue
      }
      newest[key] = records.count
      outcomes.append(.stored(id: firstID + Int64(records.count)))
      recordSlots.append(slot)
      records.append(
        LogRecord(
          vehicle: state.withLock { $0.vehicles[slot].key }, time: frame.collectionTime,
          receiveMilliseconds: frame.receiveMilliseconds, hash: key.hash, command: frame.command,
          bytes: frame.bytes))
    }
    if records.isEmpty { return (outcomes, false) }
    let batch = LogBatch(records, firstID: firstID)
    let offsets: [Int]
    do {
      offsets = try log.append(batch)
    } catch {
      switch error {
      case .undone(let fault): throw StoreError(fault)
      case .final(let fault):
        throw StoreError.inputOutput(
          path: fault.path,
          reason: "\(fault.operation): \(PosixFiles.message(fault.code))")
      }
    }
    let segment = log.active.number
    state.withLock { state in
      for (index, record) in records.enumerated() {
        let entry = LogEntry(
          id: firstID + Int64(index), vehicle: record.vehicle, time: record.time,
          receiveMilliseconds: record.receiveMilliseconds, hash: record.hash,
          command: record.command, offset: offsets[index], length: record.bytes.count)
        state.with(slot: recordSlots[index]) { $0.add(entry, segment: segment) }
      }
      state.nextID = firstID + Int64(records.count)
    }
    return (outcomes, try rollIfFull(&log))
  }

  /// Goes on in a new segment when the present one is full.
  private func rollIfFull(_ log: inout FrameLog) throws -> Bool {
    guard log.end >= settings.segmentBytes else { return false }
    // The frames are durable already. A roll that fails for want of room is tried again with the
    // next commit; after a flush that failed, nothing more is acknowledged.
    do {
      try roll(&log)
    } catch {
      if error.operation.hasPrefix("sync") { log.failure = error }
      return false
    }
    return true
  }

  /// Closes the present segment and makes the next.
  func roll(_ log: inout FrameLog) throws(FileFault) {
    let (full, next) = (log.active.number, state.withLock { $0.nextID })
    try log.roll(firstID: next)
    let active = log.active
    state.withLock { state in
      state.closed.append((full, next - 1))
      state.segments[active.number] = active
    }
  }

  /// Places of the frames' vehicles; new ones are entered in the index first.
  private func slots(of frames: [NewFrame]) throws -> [Int] {
    var known: [String: Int] = [:]
    var unknown: [NewFrame] = []
    state.withLock { state in
      for frame in frames where known[frame.identity] == nil {
        if let slot = state.slot(frame.identity) {
          known[frame.identity] = slot
        } else {
          known[frame.identity] = -1
          unknown.append(frame)
        }
      }
    }
    if !unknown.isEmpty {
      let added = try pool.write { db in
        try unknown.map { frame in
          try db.execute(
            sql: "INSERT INTO vehicle(identity, first_received) VALUES (?, ?)",
            arguments: [frame.identity, Double(frame.receiveMilliseconds) / 1_000])
          return VehicleState(
            key: Int32(db.lastInsertedRowID), identity: frame.identity,
            firstReceived: Double(frame.receiveMilliseconds) / 1_000)
        }
      }
      state.withLock { state in
        for vehicle in added {
          state.add(vehicle)
          known[vehicle.identity] = state.slot(vehicle.identity)
        }
      }
    }
    return frames.map { known[$0.identity] ?? 0 }
  }

  // MARK: - Recognition

  /// The id under which a frame's unit is stored already.
  private func stored(_ frame: NewFrame, _ key: UnitKey) throws -> Int64? {
    let time = key.time
    let (candidates, segments, mayBeSealed, vehicle) = state.withLock { state in
      let vehicle = state.vehicles[key.slot]
      return (
        vehicle.candidates(time: time, hash: key.hash), state.segments,
        vehicle.sealedTimes?.contains(time) ?? false, vehicle.key
      )
    }
    for candidate in candidates {
      guard let segment = segments[candidate.segment] else { continue }
      let bytes = try segment.file.read(candidate.entry.length, at: candidate.entry.offset)
      if frame.hasUnit(of: bytes) { return candidate.entry.id }
    }
    guard mayBeSealed else { return nil }
    return try sealed(frame, vehicle: vehicle, hash: key.hash)
  }

  /// The id under which a block has a frame's unit.
  ///
  /// Blocks that were sealed or merged since are searched too: what they hold beyond the border is
  /// a duplicate as well. A block that cannot be read counts as without it: one vehicle's damage
  /// must not stop the commits of all, and a unit stored twice loses nothing.
  private func sealed(_ frame: NewFrame, vehicle: Int32, hash: Int64) throws -> Int64? {
    let time = frame.collectionTime
    do {
      return try whileBlocksMove {
        let blocks = try pool.read { db in
          try UnitCores.blocks(db, vehicle: vehicle, time: time, hash: hash)
        }
        let zstandard = Zstandard()
        for block in blocks {
          do {
            if let id = try find(frame, in: block, zstandard) { return id }
          } catch let fault as FileFault where fault.code == ENOENT {
            // Merged away, or lost.
            throw fault
          } catch {
            state.withLock { $0.skippedBlocks += 1 }
          }
        }
        return nil
      }
    } catch is FileFault {
      state.withLock { $0.skippedBlocks += 1 }
      return nil
    }
  }

  private func find(
    _ frame: NewFrame, in block: BlockEntry, _ zstandard: Zstandard
  ) throws -> Int64? {
    let time = frame.collectionTime
    if handles.rows(block) == nil {
      // The times alone usually say that it is not there.
      var reader = try reader(of: block, zstandard)
      let times = try naming(block) { () throws(BlockError) in try reader.times() }
      guard times.contains(time) else { return nil }
    }
    return try rows(of: block, zstandard)
      .first { $0.time == time && frame.hasUnit(of: $0.bytes) }?.id
  }
}

extension NewFrame {
  /// Arrival in whole milliseconds since the Unix epoch, as the store keeps it.
  var receiveMilliseconds: Int64 {
    let value = (receiveTime * 1_000).rounded()
    guard value > -9e15, value < 9e15 else { return 0 }
    return Int64(value)
  }

  /// Whether stored bytes are a frame with this frame's data unit.
  func hasUnit(of stored: [UInt8]) -> Bool {
    guard stored.count == bytes.count else { return false }
    for index in unit where stored[index] != bytes[index] { return false }
    return true
  }
}
