// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Checking, copying, bringing back, salvaging and exporting a store.

import BatteryDomain
import BatteryFiles
import Foundation
import TelemetryStore
import TestSupport
import Testing

@Suite struct MaintenanceTests {
  private let settings = StoreSettings(segmentBytes: 8_192, rowsPerBlock: 32)

  /// A store with 60 frames in blocks and 20 in the log, of two vehicles.
  private func fill(_ folder: TemporaryFolder) async throws -> [NewFrame] {
    let store = try TelemetryStore(folder: folder.url, settings: settings)
    let frames = try (0..<80).map {
      try report("VIN0000000000000\($0 % 2)", at: 1_700_000_000 + Int64($0), current: Double($0))
    }
    _ = try await store.append(Array(frames[..<60]))
    _ = try await store.compact()
    _ = try await store.append(Array(frames[60...]))
    try await store.save(
      ["VIN00000000000000": AnalysisSnapshot(frameID: 80, revision: "r", state: [1])], at: 1)
    try await store.close()
    return frames
  }

  private func change(_ file: URL, at place: Int) throws {
    var bytes = try Data(contentsOf: file)
    bytes[place] ^= 0x10
    try bytes.write(to: file)
  }

  private func only(_ folder: String, of store: TemporaryFolder) throws -> URL {
    let place = store.url.appending(path: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    return place.appending(path: try #require(names.last))
  }

  @Test func `a whole store is whole`() async throws {
    let folder = try TemporaryFolder()
    _ = try await fill(folder)
    var verifier = StoreVerifier(folder: folder.url)
    let result = try verifier.run()
    #expect(result.isWhole && result.frames == 80 && result.loggedFrames == 20)
    #expect(result.vehicles == 2 && result.blocks == 2 && result.unfinishedBytes == 0)
  }

  @Test func `any damaged byte of a block is found and placed`() async throws {
    let folder = try TemporaryFolder()
    _ = try await fill(folder)
    let file = try only("blocks", of: folder)
    let count = try Data(contentsOf: file).count
    for place in stride(from: 0, to: count, by: 211) {
      try change(file, at: place)
      var verifier = StoreVerifier(folder: folder.url)
      let faults = try verifier.run().faults
      #expect(faults.count == 1 && faults.first?.lostFrames == 30, "byte \(place)")
      #expect(faults.first?.file == "blocks/\(file.lastPathComponent)")
      try change(file, at: place)
    }
  }

  @Test func `a damaged record of the log is found, refused at opening, and salvaged`() async throws
  {
    let folder = try TemporaryFolder()
    _ = try await fill(folder)
    let store = try TelemetryStore(folder: folder.url, settings: settings)
    _ = try await store.append([try report(at: 1_800_000_000)])
    try await store.close()
    let file = try only("log", of: folder)
    // In the seventh record of the first batch, which a whole batch follows.
    try change(file, at: 32 + 24 + 6 * 150 + 80)
    var verifier = StoreVerifier(folder: folder.url)
    let faults = try verifier.run().faults
    #expect(faults.count == 1 && faults.first?.lostFrames == 1)
    #expect(faults.first?.file == "log/\(file.lastPathComponent)")
    #expect { _ = try TelemetryStore(folder: folder.url, settings: settings) } throws: { error in
      guard case StoreError.damaged(let path, let offset, _) = error else { return false }
      return path.hasSuffix(file.lastPathComponent) && offset == 32
    }
    let target = try TemporaryFolder()
    let (kept, lost) = try StoreBackup.salvage(
      folder.url, to: target.url.appending(path: "saved"))
    #expect(kept.isWhole && kept.frames == 80 && lost.count == 1)
    let saved = try TelemetryStore(folder: target.url.appending(path: "saved"))
    #expect(try await saved.frameCount() == 80)
    guard case .stored(let id) = try await saved.append([try report(at: 1_900_000_000)])[0] else {
      Issue.record("a new frame is no duplicate")
      return
    }
    #expect(id > 81)
    try await saved.close()
  }

  @Test func `an unfinished end of the log is no damage`() async throws {
    let folder = try TemporaryFolder()
    _ = try await fill(folder)
    let file = try only("log", of: folder)
    var bytes = try Data(contentsOf: file)
    bytes += Data(bytes[32..<300])
    try bytes.write(to: file)
    var verifier = StoreVerifier(folder: folder.url)
    let result = try verifier.run()
    #expect(result.isWhole && result.unfinishedBytes == 268)
    let store = try TelemetryStore(folder: folder.url, settings: settings)
    #expect(try await store.frameCount() == 80)
    try await store.close()
  }

  @Test func `a missing block file is damage`() async throws {
    let folder = try TemporaryFolder()
    _ = try await fill(folder)
    try FileManager.default.removeItem(at: try only("blocks", of: folder))
    var verifier = StoreVerifier(folder: folder.url)
    #expect(try verifier.run().faults.count == 2)
    #expect(throws: StoreError.self) { try TelemetryStore(folder: folder.url) }
  }

  @Test func `a copy made while the store is written is whole and has what was acknowledged`()
    async throws
  {
    let folder = try TemporaryFolder()
    let target = try TemporaryFolder()
    let store = try TelemetryStore(
      folder: folder.url,
      settings: StoreSettings(
        commitDelay: .zero, segmentBytes: 4_096, segmentsPerSeal: 1, rowsPerBlock: 16))
    for time in 0..<100 {
      _ = try await store.append([try report(at: 1_700_000_000 + Int64(time))])
    }
    let writing = Task {
      for time in 100..<1_000 where !Task.isCancelled {
        _ = try await store.append([try report(at: 1_700_000_000 + Int64(time))])
        if time % 40 == 0 { _ = try await store.compact() }
      }
    }
    for round in 0..<3 {
      let place = target.url.appending(path: "copy\(round)")
      let known = try await store.frameCount()
      let result = try StoreBackup.copy(folder.url, to: place)
      #expect(result.isWhole && result.frames >= known)
      let copy = try TelemetryStore(folder: place)
      let frames = try await copy.frames(of: "VIN00000000000001", after: 0, limit: 5_000)
      #expect(frames.map(\.collectionTime) == frames.indices.map { 1_700_000_000 + Int64($0) })
      #expect(frames.count == result.frames)
      try await copy.close()
    }
    writing.cancel()
    try await writing.value
    try await store.close()
    #expect { _ = try StoreBackup.copy(folder.url, to: target.url) } throws: { error in
      "\(error)".contains("not empty")
    }
  }

  @Test func `a copy does not keep an analysis that knows later frames`() async throws {
    let folder = try TemporaryFolder()
    _ = try await fill(folder)
    let store = try TelemetryStore(folder: folder.url, settings: settings)
    let late = AnalysisSnapshot(frameID: 81, revision: "r", state: [2])
    try await store.save(["VIN00000000000001": late], at: 2)
    try await store.close()
    let target = try TemporaryFolder()
    _ = try StoreBackup.copy(folder.url, to: target.url)
    let copy = try TelemetryStore(folder: target.url)
    #expect(try await copy.snapshot(of: "VIN00000000000000")?.frameID == 80)
    #expect(try await copy.snapshot(of: "VIN00000000000001") == nil)
    try await copy.close()
  }

  @Test(arguments: ["csv", "csv.gz", "csv.zst"])
  func `an exported table is what was sent`(ending: String) async throws {
    let folder = try TemporaryFolder()
    let frames = try await fill(folder)
    let file = folder.url.appending(path: "out.\(ending)").path
    let reader = try StoreRecordReader(folder: folder.url, identity: "VIN00000000000001")
    let rows = try TableWriter.write(reader, to: file, format: .bdf)
    #expect(rows == frames.count / 2)
    var back = try DataFile.open(file).tables[0]
    var currents: [Double] = []
    var cells: [Double] = []
    while let batch = try back.next() {
      let current = try #require(batch.schema.column(of: .current))
      let cell = try #require(batch.schema.columns(of: .cellVoltage).last)
      currents += batch.columns[current]
      cells += batch.columns[cell]
    }
    #expect(currents.count == 40)
    #expect(zip(currents, 0..<40).allSatisfy { abs($0 - Double(2 * $1 + 1)) < 1e-9 })
    #expect(cells.allSatisfy { abs($0 - 3.73) < 1e-9 })
    #expect(throws: StoreError.unknownVehicle("x")) {
      try StoreRecordReader(folder: folder.url, identity: "x")
    }
  }

  @Test func `old blocks go and their frames with them`() async throws {
    let folder = try TemporaryFolder()
    _ = try await fill(folder)
    let store = try TelemetryStore(folder: folder.url, settings: settings)
    #expect(try await store.removeFrames(collectedBefore: 1_700_000_000) == 0)
    #expect(try await store.removeFrames(collectedBefore: 1_700_000_060) == 60)
    #expect(try await store.frameCount() == 20)
    #expect(try await store.reportSpan(of: "VIN00000000000000") == 1_700_000_060...1_700_000_078)
    try await store.close()
    var verifier = StoreVerifier(folder: folder.url)
    #expect(try verifier.run().isWhole)
    let again = try TelemetryStore(folder: folder.url, settings: settings)
    guard case .stored(let id) = try await again.append([try report(at: 1_600_000_000)])[0] else {
      return
    }
    #expect(id == 81, "ids are never given twice")
    try await again.close()
  }
}
