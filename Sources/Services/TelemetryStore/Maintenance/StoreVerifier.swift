// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Checks every byte of a store without changing one.

public import Foundation
import GRDB

/// Something in a store that is not as it should be.
public struct StoreFault: Hashable, Sendable, Codable {
  /// File, relative to the folder of the store.
  public var file: String
  /// Where in the file, in bytes.
  public var offset: Int
  /// What is wrong.
  public var reason: String
  /// Frames that cannot be read because of it; nil if their number is unknown.
  public var lostFrames: Int?
  /// Vehicle concerned, if it is known.
  public var identity: String?
  /// First collection time concerned, in seconds since the Unix epoch.
  public var firstTime: Int64?
  /// Last collection time concerned, in seconds since the Unix epoch.
  public var lastTime: Int64?

  /// States a fault.
  package init(
    file: String, offset: Int = 0, reason: String, lostFrames: Int? = nil,
    identity: String? = nil, firstTime: Int64? = nil, lastTime: Int64? = nil
  ) {
    self.file = file
    self.offset = offset
    self.reason = reason
    self.lostFrames = lostFrames
    self.identity = identity
    self.firstTime = firstTime
    self.lastTime = lastTime
  }

  /// One line.
  public var message: String {
    var text = "\(file), byte \(offset): \(reason)"
    if let lostFrames { text += "; \(lostFrames) frames lost" }
    if let identity { text += " of \(identity)" }
    if let firstTime, let lastTime {
      text += ", collected from \(firstTime) to \(lastTime) (Unix seconds)"
    }
    return text
  }
}

/// What a check of a store found.
public struct StoreVerification: Hashable, Sendable, Codable {
  /// The folder.
  public var folder: String
  /// Whether no acknowledged frame is damaged or lost.
  public var isWhole: Bool { faults.isEmpty }
  /// Vehicles.
  public var vehicles = 0
  /// Frames that can be read.
  public var frames = 0
  /// Of these, frames still in the log.
  public var loggedFrames = 0
  /// Column blocks that are whole.
  public var blocks = 0
  /// Bytes of blocks and log that were read.
  public var bytes = 0
  /// Bytes at the end of the log that belong to no finished commit; not a fault.
  public var unfinishedBytes = 0
  /// Everything that is wrong.
  public var faults: [StoreFault] = []

  /// Starts without findings.
  package init(folder: String) { self.folder = folder }
}

/// Checks every byte of a store without changing one.
public struct StoreVerifier {
  let folder: String
  private let files: any StoreFiles
  private var result: StoreVerification
  private var identities: [Int32: String] = [:]

  /// Prepares a check.
  ///
  /// - Parameter folder: Folder of the store; another process may have it open.
  public init(folder: URL) { self.init(folder: folder, files: PosixFiles()) }

  /// Prepares a check over a file layer of the tests.
  package init(folder: URL, files: any StoreFiles) {
    self.files = files
    self.folder = folder.path
    result = StoreVerification(folder: folder.path)
  }

  /// Checks the index, every block and every segment of the log.
  ///
  /// Every block is unpacked, decoded and compared with the index; every record of the log is
  /// checked; ids must follow each other without gap or overlap.
  ///
  /// - Parameter progress: Called with the share done, from 0 to 1.
  /// - Returns: What was found; damage is in its faults.
  /// - Throws: ``StoreError`` if the folder holds no store or the index cannot be opened.
  /// - Complexity: O(n) in the bytes of the store.
  public mutating func run(
    progress: (Double) -> Void = { _ in }
  ) throws(StoreError) -> StoreVerification {
    do {
      try check(progress)
    } catch {
      throw StoreError(error, path: folder + "/telemetry.sqlite")
    }
    return result
  }

  private mutating func check(_ progress: (Double) -> Void) throws {
    // The log first: what is sealed meanwhile is found in the index, which is read after it.
    let segments = try openLog()
    let index = try StoreIndexReader(folder: folder)
    defer { index.close() }
    let (blocks, sealed, problems) = try index.read { db in
      (
        try BlockIndex.blocks(db, where: "1", arguments: []), try BlockIndex.sealedThrough(db),
        try String.fetchAll(db, sql: "PRAGMA integrity_check(20)")
      )
    }
    for problem in problems where problem != "ok" {
      result.faults.append(
        StoreFault(file: "telemetry.sqlite", offset: 0, reason: "SQLite finds: \(problem)"))
    }
    try checkAudit(index)
    identities = try index.identities()
    result.vehicles = identities.count
    let work = blocks.reduce(0) { $0 + $1.length } + segments.reduce(0) { $0 + $1.size }
    func advance() { progress(work == 0 ? 1 : Double(result.bytes) / Double(work)) }
    let zstandard = Zstandard()
    for block in blocks {
      try check(block, zstandard, index)
      advance()
    }
    checkOverlaps(blocks)
    var expected: Int64?
    for (place, segment) in segments.enumerated() {
      try check(
        segment, isLast: place == segments.count - 1, sealed: sealed, expected: &expected)
      advance()
    }
    progress(1)
  }

  // MARK: - Blocks

  private mutating func check(
    _ block: BlockEntry, _ zstandard: Zstandard, _ index: StoreIndexReader
  ) throws {
    let name = "blocks/" + BlockHandles.name(block.file)
    result.bytes += block.length
    do {
      let file = try files.open(folder + "/" + name, create: false)
      var reader = try BlockReader(length: block.length, zstandard: zstandard) {
        (offset, count) throws(FileFault) in try file.read(count, at: block.place + offset)
      }
      try reader.verify()
      let (ids, times) = (try reader.ids(), try reader.times())
      guard ids.count == block.rows, ids.first == block.firstID, ids.last == block.lastID,
        times.min() == block.firstTime, times.max() == block.lastTime,
        reader.vehicle == block.vehicle, zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 })
      else { throw BlockError.malformed("other frames than the index") }
      result.blocks += 1
      result.frames += block.rows
    } catch let fault as FileFault {
      // A living store may have merged the block into another since the index was read.
      if fault.code == ENOENT, try index.isGone(block) { return }
      add(block, name, "\(fault.operation): \(PosixFiles.message(fault.code))")
    } catch let error as BlockError {
      add(block, name, error.reason)
    }
  }

  private mutating func add(_ block: BlockEntry, _ name: String, _ reason: String) {
    result.faults.append(
      StoreFault(
        file: name, offset: block.place, reason: reason, lostFrames: block.rows,
        identity: identities[block.vehicle], firstTime: block.firstTime, lastTime: block.lastTime))
  }

  private mutating func checkOverlaps(_ blocks: [BlockEntry]) {
    for (block, next) in zip(blocks, blocks.dropFirst())
    where block.vehicle == next.vehicle && next.firstID <= block.lastID {
      result.faults.append(
        StoreFault(
          file: "telemetry.sqlite", offset: 0,
          reason: "two blocks hold frame \(next.firstID)", lostFrames: nil,
          identity: identities[block.vehicle]))
    }
  }

  // MARK: - Log

  private struct OpenSegment {
    var number: Int64
    var file: any StoreFile
    var size: Int
  }

  private func openLog() throws -> [OpenSegment] {
    try files.names(in: folder + "/log").compactMap(LogSegment.number(ofName:)).sorted()
      .compactMap { number in
        do {
          let file = try files.open(
            folder + "/log/" + LogSegment.name(number), create: false)
          return OpenSegment(number: number, file: file, size: try file.size())
        } catch let fault as FileFault where fault.code == ENOENT {
          return nil
        }
      }
  }

  private mutating func check(
    _ segment: OpenSegment, isLast: Bool, sealed: Int64, expected: inout Int64?
  ) throws {
    let name = "log/" + LogSegment.name(segment.number)
    let read = try segment.file.readPastDamage(segment.size)
    let bytes = read.bytes
    for range in read.unreadable {
      result.faults.append(
        StoreFault(
          file: name, offset: range.lowerBound, reason: "\(range.count) bytes cannot be read"))
    }
    result.bytes += bytes.count
    guard let header = LogFormat.readSegmentHeader(bytes) else {
      if isLast, LogScan(bytes, firstID: nil).isEmpty {
        result.unfinishedBytes += bytes.count
      } else {
        result.faults.append(StoreFault(file: name, offset: 0, reason: "no whole header"))
      }
      return
    }
    let first = expected ?? min(header.firstID, sealed + 1)
    // Segments that are sealed wholly may be gone already; their frames are in blocks.
    let isGapSealed = header.firstID > first && header.firstID <= sealed + 1
    if header.firstID != first && !isGapSealed {
      result.faults.append(
        StoreFault(
          file: name, offset: 0, reason: "it begins with frame \(header.firstID), not \(first)",
          lostFrames: Int(clamping: header.firstID - first)))
    }
    let scan = LogScan(bytes, firstID: header.firstID, salvages: true)
    for entry in scan.entries where entry.id > sealed {
      result.frames += 1
      result.loggedFrames += 1
      if identities[entry.vehicle] == nil {
        result.faults.append(
          StoreFault(
            file: name, offset: entry.offset,
            reason: "frame \(entry.id) names vehicle \(entry.vehicle), which the index lacks",
            lostFrames: 1))
      }
    }
    for fault in scan.faults {
      switch fault {
      case .torn(_, let count): result.unfinishedBytes += count
      case .damaged(let offset, let count, let frames):
        result.faults.append(
          StoreFault(
            file: name, offset: offset, reason: "\(count) bytes are not whole",
            lostFrames: frames))
      }
    }
    expected = max((scan.entries.last?.id ?? header.firstID - 1) + 1, header.firstID)
  }

  /// Checks that every entry of the record of who did what follows the one before.
  private mutating func checkAudit(_ index: StoreIndexReader) throws {
    var last: AuditEntry?
    while true {
      let after = last?.number ?? 0
      let page = try index.read { try RecordTables.audit(after: after, limit: 1_000, $0) }
      if page.isEmpty { return }
      for entry in page {
        if !entry.follows(last) {
          result.faults.append(
            StoreFault(
              file: "telemetry.sqlite", offset: 0,
              reason: "audit entry \(entry.number) was changed, or one before it is gone"))
        }
        last = entry
      }
    }
  }
}
