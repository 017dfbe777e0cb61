// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A column block that lies elsewhere, of which only the parts needed are fetched.

import Foundation

/// A column block that lies elsewhere, of which only the parts needed are fetched.
///
/// Reading says which bytes are missing; the owner fetches those of many blocks in one go, adds
/// them and reads again. Not for use by several threads at once.
package final class PartialBlock {
  /// What reading came to.
  package enum Outcome<Value> {
    /// What was asked for.
    case done(Value)
    /// These bytes of the block are needed first.
    case needs(Range<Int>)
  }

  /// What a block says of its rows without their contents.
  package struct Heads: Sendable {
    /// Ids of the rows.
    package var ids: [Int64]
    /// Collection times of the rows, Unix seconds.
    package var times: [Int64]
    /// Whether each row is a real-time or reissued report.
    package var isReport: [Bool]
  }

  private final class Parts {
    var list: [(offset: Int, bytes: [UInt8])] = []
    var missing: Range<Int>?

    func read(_ offset: Int, _ count: Int) throws(FileFault) -> [UInt8] {
      for part in list
      where part.offset <= offset && part.offset + part.bytes.count >= offset + count {
        return Array(part.bytes[offset - part.offset..<offset - part.offset + count])
      }
      missing = offset..<offset + count
      throw FileFault(operation: "read", path: "", code: EAGAIN)
    }
  }

  /// Bytes of the block.
  package let length: Int
  private let place: String
  private let parts = Parts()
  private var reader: BlockReader?

  /// Names a block.
  ///
  /// - Parameters:
  ///   - length: Its bytes.
  ///   - start: Its first bytes, as many as are at hand.
  ///   - place: Where it is, for messages.
  package init(length: Int, start: [UInt8], place: String) {
    self.length = length
    self.place = place
    parts.list = [(0, start)]
  }

  /// Adds bytes that were missing.
  package func add(_ bytes: [UInt8], at offset: Int) { parts.list.append((offset, bytes)) }

  /// Ids, times and commands of all rows.
  ///
  /// - Throws: ``StoreError/corrupt(path:reason:)`` if a check sum does not fit.
  package func heads() throws(StoreError) -> Outcome<Heads> {
    try read { reader throws(BlockError) in
      Heads(
        ids: try reader.ids(), times: try reader.times(),
        isReport: try reader.commands().map(BlockRow.isReport))
    }
  }

  /// Signals in the block.
  ///
  /// - Throws: ``StoreError/corrupt(path:reason:)`` if a check sum does not fit.
  package func signals() throws(StoreError) -> Outcome<Set<SignalKey>> {
    try read { reader throws(BlockError) in
      var found: Set<SignalKey> = []
      for shape in reader.shapes where shape.shape.kind != .plain {
        guard let walker = FrameWalker(shape.shape.template) else { continue }
        found.formUnion(walker.signals.keys)
      }
      return found
    }
  }

  func read<Value>(
    _ body: (inout BlockReader) throws(BlockError) -> Value
  ) throws(StoreError) -> Outcome<Value> {
    parts.missing = nil
    do throws(BlockError) {
      if reader == nil {
        let parts = parts
        reader = try BlockReader(length: length, zstandard: Zstandard()) {
          (offset, count) throws(FileFault) in try parts.read(offset, count)
        }
      }
      guard var open = reader else { throw .malformed("no reader") }
      // Moved out and back, so that unpacked pieces are kept and not copied.
      reader = nil
      defer { reader = open }
      return .done(try body(&open))
    } catch {
      if let missing = parts.missing { return .needs(missing) }
      throw .corrupt(path: place, reason: error.reason)
    }
  }
}

/// Gathers signals of one vehicle from blocks and single frames.
package struct SeriesCollector {
  private let span: ClosedRange<Int64>
  private var builders: [SeriesBuilder]
  private var finder = SignalFinder()

  /// Starts to gather.
  ///
  /// - Parameters:
  ///   - signals: Which.
  ///   - span: Collection times in seconds since the Unix epoch, both ends included.
  package init(_ signals: [SignalKey], in span: ClosedRange<Int64>) {
    self.span = span
    builders = signals.map { SeriesBuilder($0) }
  }

  /// Signals of one block.
  package struct Part {
    fileprivate var builders: [SeriesBuilder]
  }

  /// Reads the rows of a block.
  ///
  /// - Throws: ``StoreError/corrupt(path:reason:)`` if a check sum does not fit.
  package func read(_ block: PartialBlock) throws(StoreError) -> PartialBlock.Outcome<Part> {
    let (keys, span) = (builders.map(\.key), span)
    return try block.read { reader throws(BlockError) in
      var fresh = keys.map { SeriesBuilder($0) }
      try BlockSignals.read(&reader, into: &fresh, in: span)
      return Part(builders: fresh)
    }
  }

  /// Adds what was read from a block, in the order of blocks.
  package mutating func add(_ part: Part) {
    for (index, builder) in part.builders.enumerated() where index < builders.count {
      builders[index].add(builder)
    }
  }

  /// Adds a frame; one that is no report or lies outside the span has no signals here.
  package mutating func add(_ frame: StoredFrame) {
    guard BlockRow.isReport(frame.command), span.contains(frame.collectionTime) else { return }
    finder.add(BlockRow(frame), to: &builders)
  }

  /// The series, one a signal.
  package func series() -> [SignalSeries] { builders.map { $0.series() } }

  /// Signals that frames carry.
  package static func signals(of frames: [StoredFrame]) -> Set<SignalKey> {
    var found: Set<SignalKey> = []
    var shapes: [FrameShape] = []
    for frame in frames where BlockRow.isReport(frame.command) {
      let row = BlockRow(frame)
      if shapes.contains(where: { $0.fits(row) }) { continue }
      shapes.append(FrameShape(of: row))
      if let walker = FrameWalker(row.bytes) { found.formUnion(walker.signals.keys) }
    }
    return found
  }
}

extension BlockRow {
  /// A frame as a row; its arrival in whole milliseconds.
  init(_ frame: StoredFrame) {
    self.init(
      id: frame.id, time: frame.collectionTime,
      receiveMilliseconds: Int64((frame.receiveTime * 1_000).rounded()), command: frame.command,
      bytes: frame.bytes)
  }
}

extension StoredFrame {
  /// Whether it is a real-time or reissued report.
  package var isReport: Bool { BlockRow.isReport(command) }
}
