// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading signals without the rest of the frames.

import BatteryDomain
import GRDB

extension EmbeddedEngine {
  package func series(
    of identity: String, signals: [SignalKey], in span: ClosedRange<Int64>
  ) async throws(StoreError) -> [SignalSeries] {
    try await run(on: readers) { [self] in
      try whileBlocksMove {
        guard let view = view(of: identity, in: span) else { return [] }
        var builders = signals.map { SeriesBuilder($0) }
        let zstandard = Zstandard()
        let blocks = try blocks(view, in: span)
        var finder = SignalFinder()
        for block in blocks {
          var reader = try reader(of: block, zstandard)
          do throws(BlockError) {
            if reader.isHasty {
              for row in try reader.rows() where row.isReport && span.contains(row.time) {
                finder.add(row, to: &builders)
              }
              continue
            }
            try BlockSignals.read(&reader, into: &builders, in: span)
          } catch {
            throw Self.damage(
              error, in: block, path: blockFolder + "/" + BlockHandles.name(block.file))
          }
        }
        for row in try rows(of: view.tail(behind: blocks), view.segments) where row.isReport {
          finder.add(row, to: &builders)
        }
        return builders.map { $0.series() }
      }
    }
  }

  package func signals(of identity: String) async throws(StoreError) -> [SignalKey] {
    try await run(on: readers) { [self] in try signalKeys(of: identity) }
  }

  /// Signals that a vehicle has sent.
  func signalKeys(of identity: String) throws -> [SignalKey] {
    guard let view = view(of: identity, in: Int64.min...Int64.max) else { return [] }
    return try whileBlocksMove {
      var found: Set<SignalKey> = []
      let zstandard = Zstandard()
      var hasty: [BlockRow] = []
      for block in try blocks(view, in: Int64.min...Int64.max) {
        if block.isHasty { hasty += try rows(of: block, zstandard, keeps: false) }
        for shape in try reader(of: block, zstandard).shapes where shape.shape.kind != .plain {
          guard let walker = FrameWalker(shape.shape.template) else { continue }
          found.formUnion(walker.signals.keys)
        }
      }
      var shapes: [FrameShape] = []
      for row in hasty + (try rows(of: view.tail, view.segments)) where row.isReport {
        if shapes.contains(where: { $0.fits(row) }) { continue }
        shapes.append(FrameShape(of: row))
        if let walker = FrameWalker(row.bytes) { found.formUnion(walker.signals.keys) }
      }
      return found.sorted()
    }
  }
}

/// Reads signals out of a block.
enum BlockSignals {
  /// Adds the rows of a span to each builder.
  ///
  /// - Complexity: O(rows) for each signal; other columns are not unpacked.
  static func read(
    _ reader: inout BlockReader, into builders: inout [SeriesBuilder],
    in span: ClosedRange<Int64>
  ) throws(BlockError) {
    let times = try reader.times()
    let isWhole = times.allSatisfy { span.contains($0) }
    let places = reader.shapes.count > 1 ? try reader.places() : []
    for (number, shape) in reader.shapes.enumerated() {
      guard shape.shape.kind != .plain, BlockRow.isReport(shape.shape.command),
        let walker = FrameWalker(shape.shape.template)
      else { continue }
      // Without a time that follows from the row, six fields stand in front.
      let shift = shape.shape.kind == .untimed ? 6 : 0
      let members = places.isEmpty ? times : rows(times, places, number)
      for index in builders.indices {
        guard let found = walker.signals[builders[index].key] else { continue }
        let raw = try reader.field(found.field + shift, ofShape: number, count: members.count)
        if isWhole {
          builders[index].add(times: members, raw: raw, found.scale)
        } else {
          let inside = members.indices.filter { span.contains(members[$0]) }
          builders[index].add(
            times: inside.map { members[$0] }, raw: inside.map { raw[$0] }, found.scale)
        }
      }
    }
  }

  private static func rows(_ times: [Int64], _ places: [Int64], _ shape: Int) -> [Int64] {
    var members: [Int64] = []
    for (time, place) in zip(times, places) where place == Int64(shape) { members.append(time) }
    return members
  }
}

/// Finds signals in single frames, walking only over layouts not seen before.
struct SignalFinder {
  private var known: [(shape: FrameShape, signals: [SignalKey: (field: Int, scale: SignalScale)])] =
    []

  /// Adds the signals of a frame.
  mutating func add(_ row: BlockRow, to builders: inout [SeriesBuilder]) {
    var place = known.firstIndex { $0.shape.fits(row) }
    if place == nil, let walker = FrameWalker(row.bytes) {
      known.append((FrameShape(of: row), walker.signals))
      place = known.count - 1
    }
    guard let place else { return }
    let (shape, signals) = known[place]
    let shift = shape.kind == .untimed ? 6 : 0
    for index in builders.indices {
      guard let found = signals[builders[index].key] else { continue }
      let field = shape.fields[found.field + shift]
      var raw: Int64 = 0
      for byte in row.bytes[field.offset..<field.offset + field.width] {
        raw = raw << 8 | Int64(byte)
      }
      builders[index].add(times: [row.time], raw: [raw], found.scale)
    }
  }
}
