// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a vehicle's clock or its long frames may cost does not grow with its history.

import Foundation
import Synchronization
import TelemetryStore
import Testing

/// The real file system, counting bytes read from files of blocks.
private final class CountingFiles: StoreFiles {
  let base = PosixFiles(syncs: false)
  let bytes = Mutex(0)

  func open(_ path: String, create: Bool) throws(FileFault) -> any StoreFile {
    File(file: try base.open(path, create: create), disk: self)
  }
  func names(in folder: String) throws(FileFault) -> [String] { try base.names(in: folder) }
  func makeFolder(_ path: String) throws(FileFault) { try base.makeFolder(path) }
  func rename(_ path: String, to target: String) throws(FileFault) {
    try base.rename(path, to: target)
  }
  func remove(_ path: String) throws(FileFault) { try base.remove(path) }
  func syncFolder(_ path: String) throws(FileFault) {}

  /// Bytes read since the last question.
  func take() -> Int {
    bytes.withLock { bytes in
      defer { bytes = 0 }
      return bytes
    }
  }

  private final class File: StoreFile {
    let file: any StoreFile
    let disk: CountingFiles
    var path: String { file.path }
    init(file: any StoreFile, disk: CountingFiles) {
      self.file = file
      self.disk = disk
    }
    func size() throws(FileFault) -> Int { try file.size() }
    func write(_ bytes: [UInt8], from start: Int, at offset: Int) throws(FileFault) -> Int {
      try file.write(bytes, from: start, at: offset)
    }
    func read(_ count: Int, at offset: Int) throws(FileFault) -> [UInt8] {
      let found = try file.read(count, at: offset)
      if path.contains(".blocks") { disk.bytes.withLock { $0 += found.count } }
      return found
    }
    func truncate(to size: Int) throws(FileFault) { try file.truncate(to: size) }
    func sync() throws(FileFault) {}
  }
}

@Suite struct BoundedWorkTests {
  /// Clocks that repeat: after each start the same hour, one second for ever, and a jump into the
  /// future at times.
  enum Clock: CaseIterable, Sendable {
    case sameHour, stuck, glitches, late

    func time(_ number: Int) -> Int64 {
      let start: Int64 = 1_700_000_000
      switch self {
      case .sameHour: return start + Int64(number % 48)
      case .stuck: return start
      case .glitches: return number % 10 == 9 ? start + 1_000_000_000 : start + Int64(number)
      case .late: return start + Int64(number) - (number % 3 == 2 ? 40 : 0)
      }
    }
  }

  private func frame(_ clock: Clock, _ number: Int) -> NewFrame {
    TelemetryStoreTestsFrame.make(at: clock.time(number), number: number)
  }

  @Test(arguments: Clock.allCases)
  func `looking for a duplicate reads no more of a long history than of a short one`(
    clock: Clock
  ) async throws {
    let folder = try TemporaryFolder()
    let files = CountingFiles()
    let settings = StoreSettings(segmentBytes: 4_096, segmentsPerSeal: 10_000, rowsPerBlock: 16)
    let engine = try EmbeddedEngine(folder: folder.url, settings: settings, files: files)
    var costs: [Int] = []
    for round in 0..<40 {
      let numbers = Array(round * 16..<round * 16 + 16)
      _ = files.take()
      let outcomes = try await engine.append(numbers.map { frame(clock, $0) })
      costs.append(files.take())
      let isNew = outcomes.allSatisfy { if case .stored = $0 { true } else { false } }
      #expect(isNew)
      _ = try await engine.compact()
    }
    // The same everything again: each is recognised, wherever it lies.
    let again = try await engine.append((0..<640).map { frame(clock, $0) })
    #expect(again == (1...640).map { .duplicate(id: Int64($0)) })
    let early = costs[2..<12].reduce(0, +)
    let late = costs[30..<40].reduce(0, +)
    #expect(late <= 2 * early + 4_096, "\(costs)")
    try await engine.close()
  }

  @Test func `merging leaves blocks alone that long frames fill`() async throws {
    let folder = try TemporaryFolder()
    let files = CountingFiles()
    var settings = StoreSettings(segmentBytes: 4_096, segmentsPerSeal: 10_000, rowsPerBlock: 256)
    settings.bytesPerBlock = 8_192
    let engine = try EmbeddedEngine(folder: folder.url, settings: settings, files: files)
    var costs: [Int] = []
    for round in 0..<12 {
      let frames = try (0..<24).map { number in
        try report(
          at: 1_700_000_000 + Int64(round * 24 + number),
          cells: [Double](repeating: 3.7 + Double(number) / 1_000, count: 190))
      }
      _ = try await engine.append(frames)
      _ = files.take()
      _ = try await engine.compact()
      costs.append(files.take())
    }
    #expect(costs[8...].max() ?? 0 <= 2 * (costs[2..<6].max() ?? 0) + 4_096, "\(costs)")
    #expect(try await engine.frameCount(of: nil) == 288)
    try await engine.close()
  }
}

/// Frames that differ by a number, whatever their time.
enum TelemetryStoreTestsFrame {
  static func make(at time: Int64, number: Int) -> NewFrame {
    let unit = withUnsafeBytes(of: number.littleEndian) { Array($0) }
    let bytes = [UInt8](repeating: 0x23, count: 24) + unit + [0]
    return NewFrame(
      identity: "VIN00000000000001", collectionTime: time, receiveTime: Double(time) + 0.5,
      command: 2, bytes: bytes, unit: 24..<32)
  }
}
