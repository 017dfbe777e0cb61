// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Copies a store, also while it is written; brings a copy back; saves what is left of a damaged one.

public import Foundation
import GRDB

/// Copies a store, also while it is written, and brings a copy back.
public enum StoreBackup {
  /// Copies a store into a folder that is empty or not there.
  ///
  /// The store may be open and written to by another process. The copy holds every frame that was
  /// acknowledged when the call began. The log is opened before the index is copied, so that what
  /// is sealed meanwhile is in one of the two; if a block is merged away under the copy, it begins
  /// again. The copy is checked byte by byte before the call returns.
  ///
  /// - Parameters:
  ///   - source: Folder of the store.
  ///   - target: Folder of the copy.
  ///   - progress: Called with the share done, from 0 to 1.
  /// - Returns: The check of the copy.
  /// - Throws: ``StoreError``, also for a source that is not whole.
  /// - Complexity: O(n) in the bytes of the store.
  public static func copy(
    _ source: URL, to target: URL, progress: (Double) -> Void = { _ in }
  ) throws(StoreError) -> StoreVerification {
    do {
      try makeEmpty(target)
      var attempt = 0
      while true {
        attempt += 1
        do {
          try copyOnce(source.path, to: target.path) { progress($0 * 0.5) }
          break
        } catch let fault as FileFault where fault.code == ENOENT && attempt < 10 {
          for name in ["log", "blocks", "telemetry.sqlite"] {
            try? FileManager.default.removeItem(at: target.appending(path: name))
          }
        }
      }
    } catch {
      throw StoreError(error, path: source.path)
    }
    var verifier = StoreVerifier(folder: target)
    let result = try verifier.run { progress(0.5 + $0 * 0.5) }
    if let fault = result.faults.first {
      throw .damaged(
        path: source.appending(path: fault.file).path, offset: fault.offset, reason: fault.reason)
    }
    return result
  }

  /// Fails unless the folder is empty or can be made.
  static func makeEmpty(_ folder: URL) throws {
    let path = folder.path
    if let names = try? FileManager.default.contentsOfDirectory(atPath: path), !names.isEmpty {
      throw StoreError.cannotCreate(path: path, reason: "the folder is not empty: name another")
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError.cannotCreate(path: path, reason: error.localizedDescription)
    }
  }

  private static func copyOnce(
    _ source: String, to target: String, progress: (Double) -> Void
  ) throws {
    let files = PosixFiles()
    for name in ["log", "blocks"] { try files.makeFolder(target + "/" + name) }
    // Sizes are taken before the index: a record never names a vehicle that the copy lacks.
    var segments: [(name: String, file: any StoreFile, size: Int)] = []
    for name in try files.names(in: source + "/log") where LogSegment.number(ofName: name) != nil {
      let file = try files.open(source + "/log/" + name, create: false)
      segments.append((name, file, try file.size()))
    }
    let index = try StoreIndexReader(folder: source)
    defer { index.close() }
    let copy = try DatabaseQueue(path: target + "/telemetry.sqlite")
    try index.backup(to: copy)
    let blocks = try copy.read { try BlockIndex.blocks($0, where: "1", arguments: []) }
    let numbers = Set(blocks.map(\.file)).sorted()
    let work = Double(max(1, numbers.count + segments.count))
    var last = try copy.read(BlockIndex.sealedThrough)
    for (place, number) in numbers.enumerated() {
      let name = "blocks/" + BlockHandles.name(number)
      let file = try files.open(source + "/" + name, create: false)
      try transfer(file, size: try file.size(), to: target + "/" + name, files)
      progress(Double(place + 1) / work)
    }
    for (place, segment) in segments.enumerated() {
      let bytes = try segment.file.read(segment.size, at: 0)
      if let header = LogFormat.readSegmentHeader(bytes) {
        last = max(last, LogScan(bytes, firstID: header.firstID).entries.last?.id ?? 0)
      }
      try transfer(segment.file, size: segment.size, to: target + "/log/" + segment.name, files)
      progress(Double(numbers.count + place + 1) / work)
    }
    // An analysis may have been saved that knows later frames than the copy has.
    try copy.write { db in
      try db.execute(sql: "DELETE FROM analysis_snapshot WHERE frame_id > ?", arguments: [last])
      try db.execute(sql: "DELETE FROM block_file WHERE is_dropped = 1")
    }
    try copy.close()
    for folder in ["/log", "/blocks", ""] { try files.syncFolder(target + folder) }
  }

  private static func transfer(
    _ file: any StoreFile, size: Int, to path: String, _ files: PosixFiles
  ) throws {
    let copy = try files.open(path, create: true)
    var place = 0
    while place < size {
      let bytes = try file.read(min(4 << 20, size - place), at: place)
      if bytes.isEmpty { break }
      try copy.writeAll(bytes, at: place)
      place += bytes.count
    }
    try copy.sync()
  }

  // MARK: - Salvage

  /// Makes a whole store of what can still be read of a damaged one.
  ///
  /// Blocks that are whole, and whole records of the log, are taken with their ids; the rest is
  /// left out. The damaged store is not changed.
  ///
  /// - Parameters:
  ///   - source: Folder of the damaged store; no process may have it open.
  ///   - target: Folder of the new store, empty or not there.
  ///   - progress: Called with the share done, from 0 to 1.
  /// - Returns: The check of the new store, and what the source had lost.
  /// - Throws: ``StoreError`` if the index cannot be read or the target not be written.
  public static func salvage(
    _ source: URL, to target: URL, progress: (Double) -> Void = { _ in }
  ) throws(StoreError) -> (kept: StoreVerification, lost: [StoreFault]) {
    try salvage(source, to: target, files: PosixFiles(), progress: progress)
  }

  /// The same over a file layer of the tests.
  package static func salvage(
    _ source: URL, to target: URL, files: any StoreFiles, progress: (Double) -> Void = { _ in }
  ) throws(StoreError) -> (kept: StoreVerification, lost: [StoreFault]) {
    let lock = try FolderLock.forReading(source.appending(path: "telemetry.lock").path)
    defer { lock?.release() }
    var verifier = StoreVerifier(folder: source, files: files)
    let damage = try verifier.run { progress($0 * 0.3) }
    do {
      try makeEmpty(target)
      try StoreSalvage(source: source.path, target: target.path, files: files)
        .run { progress(0.3 + $0 * 0.4) }
    } catch {
      throw StoreError(error, path: source.path)
    }
    var check = StoreVerifier(folder: target)
    return (try check.run { progress(0.7 + $0 * 0.3) }, damage.faults)
  }
}
