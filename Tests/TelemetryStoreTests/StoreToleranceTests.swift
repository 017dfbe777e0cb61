// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a crash leaves, what vehicles forge and what is damaged elsewhere stops no store.

import Foundation
import TelemetryStore
import Testing

@Suite struct StoreToleranceTests {
  private func log(_ folder: TemporaryFolder) throws -> [URL] {
    let place = folder.url.appending(path: "log")
    return try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
      .map { place.appending(path: $0) }
  }

  /// A report of which few fill a segment.
  private func large(at time: Int64) throws -> NewFrame {
    try report(at: time, cells: [Double](repeating: 3.7, count: 190))
  }

  @Test func `a gap among sealed segments that a crash left is no damage`() async throws {
    let folder = try TemporaryFolder()
    let settings = StoreSettings(segmentBytes: 4_096, segmentsPerSeal: 100, rowsPerBlock: 64)
    var store = try TelemetryStore(folder: folder.url, settings: settings)
    let frames = try (0..<40).map { try large(at: 1_700_000_000 + Int64($0)) }
    for frame in frames { _ = try await store.append([frame]) }
    try await store.close()
    let segments = try log(folder)
    let saved = try segments.map { ($0, try Data(contentsOf: $0)) }
    store = try TelemetryStore(folder: folder.url, settings: settings)
    _ = try await store.compact()
    _ = try await store.append([try report(at: 1_700_000_040)])
    try await store.close()
    // All that were sealed are back as if the crash had come before their removal, but one.
    let left = try log(folder).map(\.lastPathComponent)
    let gone = saved.filter { !left.contains($0.0.lastPathComponent) }
    try #require(gone.count >= 4)
    for (place, data) in gone where place != gone[1].0 { try data.write(to: place) }

    var verifier = StoreVerifier(folder: folder.url)
    let result = try verifier.run()
    #expect(result.isWhole && result.frames == 41, "\(result.faults)")
    store = try TelemetryStore(folder: folder.url, settings: settings)
    let back = try await store.frames(of: "VIN00000000000001", after: 0, limit: 100)
    #expect(back.map(\.id) == Array(1...41))
    let isSame = back.dropLast().map(\.bytes) == frames.map(\.bytes)
    #expect(isSame)
    guard case .stored(let id) = try await store.append([try report(at: 1_700_000_041)])[0] else {
      Issue.record("a new frame is no duplicate")
      return
    }
    #expect(id == 42)
    try await store.close()
    #expect(try log(folder).count == 1)
  }

  @Test func `a gap of frames that are in no block is damage`() async throws {
    let folder = try TemporaryFolder()
    let settings = StoreSettings(segmentBytes: 4_096, segmentsPerSeal: 100)
    let store = try TelemetryStore(folder: folder.url, settings: settings)
    for time: Int64 in 0..<40 {
      _ = try await store.append([try large(at: 1_700_000_000 + time)])
    }
    try await store.close()
    let segments = try log(folder)
    try #require(segments.count >= 4)
    try FileManager.default.removeItem(at: segments[1])
    #expect(throws: StoreError.self) { try TelemetryStore(folder: folder.url, settings: settings) }
    var verifier = StoreVerifier(folder: folder.url)
    #expect(try verifier.run().isWhole == false)
  }

  private func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// A batch that is whole as bytes, with empty frames.
  private func batch(firstID: Int64, count: Int) -> [UInt8] {
    var record = little(UInt32(0)) + little(Int32(1))
    for value: Int64 in [1_700_000_000, 0, 0] { record += little(value) }
    record += little(UInt32(2))
    record += little(CRC32C.checksum(record))
    var bytes = little(UInt32(0x5442_4E41)) + little(UInt32(record.count * count))
    bytes += little(firstID) + little(UInt32(count))
    bytes += little(CRC32C.checksum(bytes))
    for _ in 0..<count { bytes += record }
    return bytes
  }

  @Test(arguments: [(Int64(5_000), 0), (4, 0), (.max, 0), (.max, 1), (5_000, 1), (.max - 1, 2)])
  func `what a frame forges in a torn end is not taken for a commit`(
    firstID: Int64, count: Int
  ) async throws {
    let folder = try TemporaryFolder()
    var store = try TelemetryStore(folder: folder.url)
    for time: Int64 in 0..<3 { _ = try await store.append([frame(at: time)]) }
    try await store.close()
    let file = try #require(try log(folder).last)
    let torn = [UInt8](repeating: 7, count: 200) + batch(firstID: firstID, count: count)
    try (try Data(contentsOf: file) + Data(torn)).write(to: file)

    var verifier = StoreVerifier(folder: folder.url)
    let result = try verifier.run()
    #expect(result.isWhole && result.frames == 3 && result.unfinishedBytes == torn.count)
    store = try TelemetryStore(folder: folder.url)
    #expect(try await store.frameCount() == 3)
    #expect(try await store.append([frame(at: 3)]) == [.stored(id: 4)])
    try await store.close()
  }

  @Test func `a batch that follows lost ones is still found`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    for time: Int64 in 0..<3 { _ = try await store.append([frame(at: time)]) }
    try await store.close()
    let file = try #require(try log(folder).last)
    let lost = [UInt8](repeating: 7, count: 2 * (24 + 40))
    try (try Data(contentsOf: file) + Data(lost + batch(firstID: 6, count: 1))).write(to: file)
    var verifier = StoreVerifier(folder: folder.url)
    let faults = try verifier.run().faults
    #expect(faults.count == 1 && faults.first?.lostFrames == 2)
    #expect(throws: StoreError.self) { try TelemetryStore(folder: folder.url) }
  }

  @Test func `a damaged block stops no commit, and reading it names the block`() async throws {
    let folder = try TemporaryFolder()
    var store = try TelemetryStore(folder: folder.url)
    let frames = try (0..<40).map { try report(at: 1_700_000_000 + Int64($0 * $0)) }
    _ = try await store.append(frames)
    _ = try await store.compact()
    try await store.close()
    let blocks = folder.url.appending(path: "blocks")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: blocks.path).first)
    var bytes = try Data(contentsOf: blocks.appending(path: name))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: blocks.appending(path: name))

    store = try TelemetryStore(folder: folder.url)
    let other = try report("VIN00000000000002", at: 1_700_000_000)
    #expect(
      try await store.append([frames[7], other]) == [.stored(id: 41), .stored(id: 42)])
    let skipped = await store.metrics().first { $0.name == "anodyne_store_skipped_blocks_total" }
    #expect(skipped?.value == 1)
    await #expect {
      _ = try await store.reports(
        of: "VIN00000000000001", in: 1_700_000_000...1_700_000_100, limit: 10)
    } throws: { error in
      guard case StoreError.damaged(let path, _, _) = error else { return false }
      return path.hasSuffix("blocks/\(name)")
    }
    try await store.close()
  }
}
