// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// After a flush that failed the system takes what it has in memory for written: the store must not.

import Foundation
import TelemetryStore
import Testing

@Suite struct FlushFaultTests {
  private let settings = StoreSettings(segmentBytes: 4_096, segmentsPerSeal: 1_000)

  private static let start: Int64 = 1_700_000_000

  private func large(at time: Int64) throws -> NewFrame {
    try report(at: Self.start + time, cells: [Double](repeating: 3.7, count: 190))
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `a batch whose flush failed is there when it is acknowledged after a restart`(
    seed: UInt64
  ) async throws {
    let folder = try TemporaryFolder()
    let disk = SimulatedDisk(seed: seed)
    var engine = try EmbeddedEngine(folder: folder.url, settings: settings, files: disk)
    for time: Int64 in 0..<3 { _ = try await engine.append([try large(at: time)]) }
    disk.arm(.sync(at: 1))
    await #expect(throws: StoreError.self) { _ = try await engine.append([try large(at: 3)]) }
    disk.arm(nil)
    await #expect(throws: StoreError.self) { _ = try await engine.append([try large(at: 4)]) }
    try await engine.close()

    // The process starts again, the machine does not: the batch is read back, but not on the disk.
    engine = try EmbeddedEngine(folder: folder.url, settings: settings, files: disk)
    let outcome = try await engine.append([try large(at: 3)])[0]
    try await engine.close()
    disk.restart()
    engine = try EmbeddedEngine(folder: folder.url, settings: settings, files: disk)
    let frames = try await engine.frames(of: "VIN00000000000001", after: 0, limit: 10)
    #expect(
      frames.map { $0.collectionTime - Self.start } == [0, 1, 2, 3], "acknowledged as \(outcome)")
    try await engine.close()
  }

  @Test func `no more is acknowledged after a new segment could not be flushed`() async throws {
    let folder = try TemporaryFolder()
    let disk = SimulatedDisk(seed: 5)
    var engine = try EmbeddedEngine(folder: folder.url, settings: settings, files: disk)
    var time: Int64 = 0
    // The flush of the batch, then that of the new segment: the second fails.
    var refused = false
    while !refused, time < 60 {
      disk.arm(.sync(at: 3))
      do {
        _ = try await engine.append([try large(at: time)])
        time += 1
      } catch {
        refused = true
      }
    }
    try #require(refused)
    disk.arm(nil)
    await #expect(throws: StoreError.self) { _ = try await engine.append([try large(at: 99)]) }
    try await engine.close()
    disk.restart()
    engine = try EmbeddedEngine(folder: folder.url, settings: settings, files: disk)
    let frames = try await engine.frames(of: "VIN00000000000001", after: 0, limit: 100)
    #expect(frames.map { $0.collectionTime - Self.start } == Array(0..<time))
    _ = try await engine.append([try large(at: 99)])
    try await engine.close()
  }

  /// The newest file of the log.
  private func newest(_ folder: TemporaryFolder) throws -> URL {
    let log = folder.url.appending(path: "log")
    let names = try FileManager.default.contentsOfDirectory(atPath: log.path).sorted()
    return log.appending(path: try #require(names.last))
  }

  @Test func `damage in the last batch is told from a commit that was never finished`()
    async throws
  {
    for isKilled in [false, true] {
      let folder = try TemporaryFolder()
      var store = try TelemetryStore(folder: folder.url)
      for time: Int64 in 0..<3 { _ = try await store.append([try large(at: time)]) }
      let file = try newest(folder)
      if isKilled {
        // As a killed process leaves it: without the proof. Opening it supplies one.
        let bytes = try Data(contentsOf: file)
        try await store.close()
        try bytes.write(to: file)
        store = try TelemetryStore(folder: folder.url)
        #expect(try await store.frameCount() == 3)
        let opened = try Data(contentsOf: file)
        try await store.close()
        try opened.write(to: file)
      } else {
        try await store.close()
      }
      var bytes = try Data(contentsOf: file)
      let last = bytes.count - 60
      bytes[last] ^= 0x40
      try bytes.write(to: file)
      #expect {
        _ = try TelemetryStore(folder: folder.url)
      } throws: { error in
        guard case StoreError.damaged(_, _, let reason) = error else { return false }
        return reason.contains("1 acknowledged frames")
      }
      var verifier = StoreVerifier(folder: folder.url)
      #expect(try verifier.run().faults.map(\.lostFrames) == [1])
      // What is cut off in the middle of a commit is still no damage.
      bytes[last] ^= 0x40
      try (bytes + Data([UInt8](repeating: 3, count: 90))).write(to: file)
      store = try TelemetryStore(folder: folder.url)
      #expect(try await store.frameCount() == 3)
      #expect(try await store.append([try large(at: 7)]) == [.stored(id: 4)])
      try await store.close()
    }
  }
}
