// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sectors that cannot be read, and media that cannot be written: what is left is still taken.

import Foundation
import TelemetryStore
import Testing

/// The real file system, with one stretch of each log segment that cannot be read.
private struct BadSectors: StoreFiles {
  let base = PosixFiles()
  let bad: Range<Int>

  func open(_ path: String, create: Bool) throws(FileFault) -> any StoreFile {
    let file = try base.open(path, create: create)
    return path.hasSuffix(".log") ? File(file: file, bad: bad) : file
  }
  func names(in folder: String) throws(FileFault) -> [String] { try base.names(in: folder) }
  func makeFolder(_ path: String) throws(FileFault) { try base.makeFolder(path) }
  func rename(_ path: String, to target: String) throws(FileFault) {
    try base.rename(path, to: target)
  }
  func remove(_ path: String) throws(FileFault) { try base.remove(path) }
  func syncFolder(_ path: String) throws(FileFault) { try base.syncFolder(path) }

  private final class File: StoreFile {
    let file: any StoreFile
    let bad: Range<Int>
    var path: String { file.path }
    init(file: any StoreFile, bad: Range<Int>) {
      self.file = file
      self.bad = bad
    }
    func size() throws(FileFault) -> Int { try file.size() }
    func write(_ bytes: [UInt8], from start: Int, at offset: Int) throws(FileFault) -> Int {
      try file.write(bytes, from: start, at: offset)
    }
    func read(_ count: Int, at offset: Int) throws(FileFault) -> [UInt8] {
      if bad.overlaps(offset..<offset + count) {
        throw FileFault(operation: "read", path: path, code: EIO)
      }
      return try file.read(count, at: offset)
    }
    func truncate(to size: Int) throws(FileFault) { try file.truncate(to: size) }
    func sync() throws(FileFault) { try file.sync() }
  }
}

@Suite struct UnreadableDiskTests {
  private func fill(_ folder: URL, frames: Int) async throws {
    let store = try TelemetryStore(folder: folder)
    for number in 0..<frames {
      _ = try await store.append([try report(at: 1_700_000_000 + Int64(number))])
    }
    try await store.save(
      [
        "VIN00000000000001": AnalysisSnapshot(
          frameID: Int64(frames), revision: "r", state: [1, 2])
      ], at: 1)
    _ = try await store.commit(
      RecordChange(
        alarms: [
          StoredAlarm(
            identity: "VIN00000000000001", rule: "r", level: 3, title: "t", raisedAt: 1)
        ]))
    try await store.close()
  }

  @Test func `verify and salvage go on past sectors that cannot be read`() async throws {
    let folder = try TemporaryFolder()
    let source = folder.url.appending(path: "store")
    try await fill(source, frames: 60)
    let files = BadSectors(bad: 4_096..<5_120)
    var verifier = StoreVerifier(folder: source, files: files)
    let check = try verifier.run()
    let unreadable = try #require(check.faults.first)
    #expect(unreadable.offset == 4_096 && unreadable.reason == "1024 bytes cannot be read")
    let lost = check.faults.reduce(0) { $0 + ($1.lostFrames ?? 0) }
    #expect((1...10).contains(lost) && check.frames + lost == 60, "\(check.faults)")

    let target = folder.url.appending(path: "saved")
    let (kept, named) = try StoreBackup.salvage(source, to: target, files: files)
    #expect(kept.isWhole && kept.frames == 60 - lost && named == check.faults)
    let store = try TelemetryStore(folder: target)
    // What was known beside the frames is kept, and no new frame takes the id of a lost one.
    #expect(try await store.snapshot(of: "VIN00000000000001")?.state == [1, 2])
    #expect(try await store.alarms().count == 1)
    guard case .stored(let id) = try await store.append([try report(at: 1_800_000_000)])[0] else {
      Issue.record("a new frame is no duplicate")
      return
    }
    #expect(id == 61)
    try await store.close()
  }

  @Test(.enabled(if: SmallDisk.isAvailable, "mounting a small file system needs root"))
  func `a store on a medium that cannot be written is verified, copied and salvaged`()
    async throws
  {
    let disk = try SmallDisk(megabytes: 8)
    defer { disk.unmount() }
    let source = disk.folder.url.appending(path: "store")
    try await fill(source, frames: 20)
    try disk.makeReadOnly()
    let folder = try TemporaryFolder()
    var verifier = StoreVerifier(folder: source)
    let check = try verifier.run()
    #expect(check.isWhole && check.frames == 20)
    let copy = try StoreBackup.copy(source, to: folder.url.appending(path: "copy"))
    #expect(copy.frames == 20)
    let (kept, lost) = try StoreBackup.salvage(source, to: folder.url.appending(path: "saved"))
    #expect(kept.frames == 20 && lost.isEmpty)
  }
}
