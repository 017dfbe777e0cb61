// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Column blocks give every frame back byte for byte, and notice every damaged byte.

import Foundation
import TelemetryCodec
import TelemetryStore
import TestSupport
import Testing

@Suite struct ColumnBlockTests {
  private func stored(_ frames: [NewFrame]) -> [StoredFrame] {
    frames.enumerated().map { index, frame in
      StoredFrame(
        id: Int64(3 * index + 7), collectionTime: frame.collectionTime,
        receiveTime: frame.receiveTime, command: frame.command, bytes: frame.bytes)
    }
  }

  @Test func `frames of any content come back`() throws {
    var random = Seeded(1)
    for round in 0..<60 {
      let frames: [NewFrame] = try (0..<Int.random(in: 1...80, using: &random)).map { index in
        let time = Int64.random(in: -5...4_000_000_000, using: &random)
        if Bool.random(using: &random), WireTime(unixSeconds: time) != nil {
          return try report(
            at: time, cells: (0..<(round % 9)).map { _ in .random(in: 2...5, using: &random) },
            edition: Bool.random(using: &random) ? .edition2016 : .edition2025)
        }
        let bytes = (0..<Int.random(in: 0...90, using: &random)).map { _ in
          UInt8.random(in: .min ... .max, using: &random)
        }
        return NewFrame(
          identity: "x", collectionTime: time, receiveTime: Double(index),
          command: bytes.first ?? 0, bytes: bytes, unit: 0..<bytes.count)
      }
      let all = stored(frames)
      #expect(try ColumnBlock.decode(try ColumnBlock.encode(all)) == all)
    }
  }

  @Test func `reports with broken contents come back`() throws {
    var random = Seeded(2)
    var frames: [NewFrame] = []
    for index in 0..<400 {
      var frame = try report(at: 1_700_000_000 + Int64(index))
      // Damage behind the header: counts, types, times, the check byte.
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let place = Int.random(in: 22..<frame.bytes.count, using: &random)
        frame.bytes[place] = .random(in: .min ... .max, using: &random)
      }
      if index % 7 == 0 { frame.bytes.removeLast(Int.random(in: 1...40, using: &random)) }
      frames.append(frame)
    }
    let all = stored(frames)
    #expect(try ColumnBlock.decode(try ColumnBlock.encode(all)) == all)
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `long blocks of modelled columns come back`(seed: UInt64) throws {
    var random = Seeded(seed &+ 70)
    var level = 3.6
    var frames: [NewFrame] = []
    for index in 0..<(200 + Int(seed) * 70) {
      level += Double.random(in: -0.01...0.01, using: &random)
      // Readings that follow each other, lie far off, or are missing.
      let cells = (0..<24).map { cell in
        switch Int.random(in: 0..<400, using: &random) {
        case 0: Double.nan
        case 1: Double.random(in: 0...60, using: &random)
        default: level + 0.002 * Double(cell) + Double.random(in: -0.002...0.002, using: &random)
        }
      }
      let current = seed.isMultiple(of: 2) ? 10 : Double.random(in: -300...300, using: &random)
      var frame = try report(
        at: 1_700_000_000 + Int64(index) * 10, cells: cells, current: current,
        command: index % 50 == 49 ? .reissuedReport : .realTimeReport,
        edition: seed.isMultiple(of: 3) ? .edition2025 : .edition2016)
      if index % 97 == 96 { frame.bytes[frame.bytes.count - 1] ^= 0x55 }
      frames.append(frame)
    }
    let all = stored(frames)
    let block = try ColumnBlock.encode(all)
    #expect(try ColumnBlock.decode(block) == all)
    for place in stride(from: 0, to: block.count, by: 17) {
      var damaged = block
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(throws: StoreError.self, "byte \(place)") { try ColumnBlock.decode(damaged) }
    }
  }

  @Test func `seventy layouts and four commands in one block come back`() async throws {
    var frames = try (1...70).map { count in
      try report(
        at: 1_700_000_000 + Int64(count), cells: [Double](repeating: 3.7, count: count),
        command: .realTimeReport)
    }
    for command: UInt8 in 1...4 {
      frames.append(frame(at: 1_700_000_100, unit: [command], command: command))
    }
    let all = stored(frames)
    #expect(try ColumnBlock.decode(try ColumnBlock.encode(all)) == all)

    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    _ = try await store.append(frames)
    let summary = try await store.compact()
    #expect(summary.frames == 74 && summary.blocks == 1)
    let back = try await store.frames(of: "VIN00000000000001", after: 0, limit: 100)
    let isSame = back.map(\.bytes) == frames.map(\.bytes)
    #expect(isSame)
    try await store.close()
  }

  @Test(.enabled(if: Vectors.isThere, "the reference frames are not there"))
  func `all reference frames come back`() throws {
    let frames = Vectors.named("vectors").compactMap { vector -> StoredFrame? in
      guard let hex = vector["hex"]?.string else { return nil }
      let bytes = Self.bytes(hex)
      return StoredFrame(
        id: 1, collectionTime: 1_700_000_000, receiveTime: 1_700_000_000.5,
        command: bytes.count > 2 ? bytes[2] : 0, bytes: bytes)
    }
    #expect(frames.count > 50)
    #expect(try ColumnBlock.decode(try ColumnBlock.encode(frames)) == frames)
    for frame in frames {
      #expect(try ColumnBlock.decode(try ColumnBlock.encode([frame])) == [frame])
    }
  }

  @Test func `every damaged byte is noticed`() throws {
    let frames = stored(
      try (0..<40).map { try report(at: 1_700_000_000 + $0, current: Double($0)) })
    let block = try ColumnBlock.encode(frames)
    var random = Seeded(3)
    for place in block.indices {
      var damaged = block
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(throws: StoreError.self, "byte \(place)") { try ColumnBlock.decode(damaged) }
    }
    for length in 0..<block.count where length % 13 == 0 {
      #expect(throws: StoreError.self) { try ColumnBlock.decode(Array(block[..<length])) }
    }
  }

  static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2)
      .map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
