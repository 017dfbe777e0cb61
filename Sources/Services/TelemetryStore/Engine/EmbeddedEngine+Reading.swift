// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading frames back out of blocks and log.

import Foundation
import GRDB
import Synchronization

extension EmbeddedEngine {
  package func vehicles() async throws(StoreError) -> [StoredVehicle] {
    try look(\.vehicles)
      .map {
        StoredVehicle(id: Int64($0.key), identity: $0.identity, firstReceived: $0.firstReceived)
      }
      .sorted { $0.identity < $1.identity }
  }

  package func identities(
    withFramesAfter frameID: Int64
  ) async throws(StoreError) -> (identities: [String], newest: Int64) {
    try look { state in
      let touched = state.vehicles.filter { $0.lastID > frameID }.map(\.identity).sorted()
      return (touched, state.nextID - 1)
    }
  }

  package func reportSpan(of identity: String) async throws(StoreError) -> ClosedRange<Int64>? {
    try look { $0.vehicle(identity)?.reports }
  }

  package func frameCount(of identity: String?) async throws(StoreError) -> Int {
    try look { state in
      if let identity { return state.vehicle(identity)?.frameCount ?? 0 }
      return state.vehicles.reduce(0) { $0 + $1.frameCount }
    }
  }

  package func frames(
    of identity: String, after frameID: Int64, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await run(on: readers) { [self] in
      try whileBlocksMove {
        guard limit > 0, let view = view(of: identity, after: frameID, limit: limit) else {
          return []
        }
        var found: [StoredFrame] = []
        let zstandard = Zstandard()
        var after = frameID
        while found.count < limit {
          let from = after
          let blocks = try pool.read { db in
            try BlockIndex.blocks(
              db, where: "vehicle_id = ? AND last_id > ? AND first_id <= ?",
              arguments: [view.vehicle, from, view.sealedThrough], limit: 1)
          }
          guard let block = blocks.first else { break }
          // A block that was merged meanwhile may begin before the last and end behind the border.
          for row in try rows(of: block, zstandard)
          where row.id > from && row.id <= view.sealedThrough {
            if found.count < limit { found.append(row.stored) }
          }
          after = block.lastID
        }
        let rest = view.tail.prefix(limit - found.count)
        return found + (try rows(of: rest, view.segments)).map(\.stored)
      }
    }
  }

  package func reports(
    of identity: String, in span: ClosedRange<Int64>, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await run(on: readers) { [self] in
      guard limit > 0 else { return [] }
      return try reportsNow(of: identity, in: span, limit: limit)
    }
  }

  /// Reports by collection time, read on the caller's thread.
  func reportsNow(
    of identity: String, in span: ClosedRange<Int64>, limit: Int = .max
  ) throws -> [StoredFrame] {
    try whileBlocksMove {
      guard let view = view(of: identity, in: span) else { return [] }
      return try reports(view, in: span, limit: limit)
    }
  }

  /// Collection times of the first and the last report.
  func span(of identity: String) -> ClosedRange<Int64>? {
    state.withLock { $0.vehicle(identity)?.reports }
  }

  /// A report that may be chosen: its time, its id and the block or log entry it is in.
  private struct Candidate {
    var time: Int64
    var id: Int64
    var block: Int
    var row: Int
  }

  private func reports(
    _ view: VehicleView, in span: ClosedRange<Int64>, limit: Int
  ) throws -> [StoredFrame] {
    let zstandard = Zstandard()
    let blocks = try blocks(view, in: span)
    let tail = view.tail(behind: blocks)
    var candidates: [Candidate] = []
    for (number, block) in blocks.enumerated() {
      var reader = try reader(of: block, zstandard)
      let (ids, times, commands) = try naming(block) { () throws(BlockError) in
        (try reader.ids(), try reader.times(), try reader.commands())
      }
      for row in ids.indices
      where span.contains(times[row]) && BlockRow.isReport(commands[row]) {
        candidates.append(Candidate(time: times[row], id: ids[row], block: number, row: row))
      }
    }
    for (index, entry) in tail.enumerated() where BlockRow.isReport(entry.entry.command) {
      candidates.append(
        Candidate(time: entry.entry.time, id: entry.entry.id, block: -1, row: index))
    }
    candidates.sort { ($0.time, $0.id) < ($1.time, $1.id) }
    let stride = max(1, (candidates.count - 1) / limit + 1)
    let chosen = Swift.stride(from: 0, to: candidates.count, by: stride).map { candidates[$0] }
    var found: [Int64: StoredFrame] = [:]
    for (number, block) in blocks.enumerated() {
      let members = chosen.filter { $0.block == number }
      if members.isEmpty { continue }
      let rows = try rows(of: block, zstandard)
      for member in members { found[member.id] = rows[member.row].stored }
    }
    let logged = chosen.filter { $0.block < 0 }.map { tail[$0.row] }
    for row in try rows(of: logged, view.segments) { found[row.id] = row.stored }
    return chosen.compactMap { found[$0.id] }
  }

  // MARK: - Views

  /// A vehicle at one moment: what is in blocks, and chosen frames of what is in the log.
  struct VehicleView {
    var vehicle: Int32
    var sealedThrough: Int64
    var tail: [TailEntry]
    var segments: [Int64: LogSegment]

    /// The unsealed frames that no block of ``EmbeddedEngine/blocks(_:in:)`` has: a block that was
    /// merged since the view was taken may end behind its border.
    func tail(behind blocks: [BlockEntry]) -> [TailEntry] {
      let last = blocks.last?.lastID ?? 0
      return last <= sealedThrough ? tail : tail.filter { $0.entry.id > last }
    }
  }

  /// A vehicle with its unsealed frames after one, at most `limit`.
  func view(of identity: String, after frameID: Int64, limit: Int) -> VehicleView? {
    view(of: identity) { tail in
      // Ids grow: the border is found by halving.
      var (low, high) = (0, tail.count)
      while low < high {
        let middle = (low + high) / 2
        if tail[middle].entry.id <= frameID { low = middle + 1 } else { high = middle }
      }
      return Array(tail[low...].prefix(limit))
    }
  }

  /// A vehicle with its unsealed frames of a span of collection time.
  func view(of identity: String, in span: ClosedRange<Int64>) -> VehicleView? {
    view(of: identity) { tail in tail.filter { span.contains($0.entry.time) } }
  }

  // Only what is chosen is copied, so that the writer need not copy the rest.
  private func view(
    of identity: String, choosing: ([TailEntry]) -> [TailEntry]
  ) -> VehicleView? {
    state.withLock { state in
      guard let slot = state.slot(identity) else { return nil }
      return VehicleView(
        vehicle: state.vehicles[slot].key, sealedThrough: state.sealedThrough,
        tail: choosing(state.vehicles[slot].tail), segments: state.segments)
    }
  }

  /// Blocks of a vehicle with collection times in a span, in the order of ids.
  func blocks(_ view: VehicleView, in span: ClosedRange<Int64>) throws -> [BlockEntry] {
    try pool.read { db in
      try BlockIndex.blocks(
        db, where: "vehicle_id = ? AND last_time >= ? AND first_time <= ? AND first_id <= ?",
        arguments: [view.vehicle, span.lowerBound, span.upperBound, view.sealedThrough])
    }
  }

  /// A reader of one block.
  func reader(of block: BlockEntry, _ zstandard: Zstandard) throws -> BlockReader {
    let file = try handles.file(block.file, in: blockFolder, files)
    do {
      return try BlockReader(length: block.length, zstandard: zstandard) {
        (offset, count) throws(FileFault) in
        try file.read(count, at: block.place + offset)
      }
    } catch {
      throw Self.damage(error, in: block, path: file.path)
    }
  }

  /// The frames of a block.
  func rows(
    of block: BlockEntry, _ zstandard: Zstandard, keeps: Bool = true
  ) throws -> [BlockRow] {
    if let known = handles.rows(block) { return known }
    var reader = try reader(of: block, zstandard)
    do {
      let rows = try reader.rows()
      if keeps { handles.keep(rows, of: block) }
      return rows
    } catch {
      throw Self.damage(
        error, in: block, path: blockFolder + "/" + BlockHandles.name(block.file))
    }
  }

  /// Names the block in what goes wrong while it is read.
  func naming<Value>(
    _ block: BlockEntry, _ body: () throws(BlockError) -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch {
      throw Self.damage(
        error, in: block, path: blockFolder + "/" + BlockHandles.name(block.file))
    }
  }

  static func damage(_ error: BlockError, in block: BlockEntry, path: String) -> any Error {
    if case .file(let fault) = error { return fault }
    return StoreError.damaged(
      path: path, offset: block.place,
      reason: "\(error.reason); \(block.rows) frames collected from \(block.firstTime) "
        + "to \(block.lastTime) cannot be read")
  }

  /// Repeats a read whose block file was merged into another and deleted meanwhile.
  func whileBlocksMove<Value>(_ body: () throws -> Value) throws -> Value {
    var attempts = 0
    while true {
      do {
        return try body()
      } catch let fault as FileFault where fault.code == ENOENT && attempts < 8 {
        attempts += 1
      }
    }
  }
}
