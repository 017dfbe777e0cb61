// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The contract of every engine: frames are stored once, grouped, bounded and readable in order.

import Foundation
import TelemetryStore
import Testing

@Suite struct TelemetryStoreTests {
  @Test(arguments: EngineKind.allCases)
  func `frames come back in commit order after a restart`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let first = try kind.open(folder)
    let outcomes = try await first.append([frame(at: 20), frame(at: 10), frame(at: 30, unit: [9])])
    #expect(outcomes == [.stored(id: 1), .stored(id: 2), .stored(id: 3)])
    try await kind.settle(first)
    try await first.close()

    let second = try kind.open(folder)
    let frames = try await second.frames(of: "VIN00000000000001", after: 1, limit: 10)
    #expect(frames.map(\.id) == [2, 3])
    #expect(frames.map(\.collectionTime) == [10, 30])
    #expect(frames[1].bytes == frame(at: 30, unit: [9]).bytes)
    #expect(try await second.reportSpan(of: "VIN00000000000001") == 10...30)
    #expect(try await second.reportSpan(of: "nobody") == nil)
    try await second.close()
  }

  @Test(arguments: EngineKind.allCases)
  func `an equal unit of one vehicle and time is stored once`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder)
    _ = try await store.append([frame(at: 5)])
    try await kind.settle(store)
    let again = try await store.append([
      frame(at: 5), frame(at: 5, command: 3), frame(at: 5, unit: [7]), frame(at: 6),
      frame("VIN00000000000002", at: 5),
    ])
    #expect(again.prefix(2) == [.duplicate(id: 1), .duplicate(id: 1)])
    let ids = again.dropFirst(2).map { outcome -> Int64 in
      if case .stored(let id) = outcome { id } else { 0 }
    }
    #expect(ids[0] > 1 && ids[1] > ids[0] && ids[2] > ids[1])
    try await kind.settle(store)
    #expect(try await store.frameCount() == 4)
    #expect(try await store.frameCount(of: "VIN00000000000002") == 1)
    try await store.close()
  }

  @Test(arguments: EngineKind.allCases)
  func `two units with one hash are both kept`(kind: EngineKind) async throws {
    // The 64-bit FNV-1a hash of the first eight bytes is zero, and a zero byte leaves it there.
    let unit: [UInt8] = [0xD5, 0x6B, 0xB9, 0x53, 0x42, 0x87, 0x08, 0x36]
    let folder = try TemporaryFolder()
    let store = try kind.open(folder)
    _ = try await store.append([frame(at: 5, unit: unit)])
    try await kind.settle(store)
    guard case .stored(let id) = try await store.append([frame(at: 5, unit: unit + [0])])[0] else {
      Issue.record("a unit that differs from the stored one was taken for a duplicate")
      return
    }
    try await kind.settle(store)
    #expect(try await store.append([frame(at: 5, unit: unit + [0])]) == [.duplicate(id: id)])
    #expect(try await store.frameCount() == 2)
    try await store.close()
  }

  @Test(arguments: EngineKind.allCases)
  func `appends that arrive together share commits`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder) {
      $0.commitCount = 200
      $0.commitDelay = .seconds(3600)
      $0.pendingLimit = 400
    }
    let stored = try await withThrowingTaskGroup(of: Int.self) { group in
      for vehicle in 0..<20 {
        group.addTask {
          try await store.append(
            (0..<10).map { frame("VIN\(vehicle)", at: Int64($0)) }
          ).count
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(stored == 200)
    let metrics = await store.metrics()
    let commits = try #require(metrics.first { $0.name == "anodyne_store_commits_total" })
    // The count of 200 ends the hour's wait; twenty calls became very few transactions.
    #expect(commits.value >= 1 && commits.value <= 3)
    try await store.close()
  }

  @Test(arguments: EngineKind.allCases)
  func `callers wait while too many are pending, none is lost`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder) {
      $0.commitCount = 8
      $0.commitDelay = .zero
      $0.pendingLimit = 8
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for vehicle in 0..<50 {
        group.addTask {
          for time in 0..<4 {
            _ = try await store.append([frame("VIN\(vehicle)", at: Int64(time))])
          }
        }
      }
      try await group.waitForAll()
    }
    try await kind.settle(store)
    #expect(try await store.frameCount() == 200)
    let frames = try await store.frames(of: "VIN7", after: 0, limit: 9)
    #expect(frames.map(\.collectionTime) == [0, 1, 2, 3])
    try await store.close()
  }

  @Test(arguments: EngineKind.allCases)
  func `commits are announced`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder)
    let commits = await store.commits()
    _ = try await store.append([frame(at: 1), frame(at: 2)])
    var iterator = commits.makeAsyncIterator()
    #expect(await iterator.next() == 2)
    let touched = try await store.identities(withFramesAfter: 1)
    #expect(touched.identities == ["VIN00000000000001"])
    #expect(touched.newest == 2)
    #expect(try await store.identities(withFramesAfter: 2).identities.isEmpty)
    try await store.close()
    #expect(await iterator.next() == nil)
  }

  @Test(arguments: EngineKind.allCases)
  func `a long span is thinned evenly`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder)
    _ = try await store.append((0..<100).map { frame(at: Int64(99 - $0)) })
    _ = try await store.append([frame(at: 50, unit: [8], command: 1)])
    try await kind.settle(store)
    let all = try await store.reports(of: "VIN00000000000001", in: 0...200, limit: 1000)
    #expect(all.map(\.collectionTime) == Array(0..<100))
    let some = try await store.reports(of: "VIN00000000000001", in: 10...49, limit: 10)
    #expect(some.map(\.collectionTime) == Array(stride(from: 10, through: 46, by: 4)))
    try await store.close()
  }

  @Test(arguments: EngineKind.allCases)
  func `snapshots are replaced and restored`(kind: EngineKind) async throws {
    let folder = try TemporaryFolder()
    let store = try kind.open(folder)
    _ = try await store.append([frame(at: 1)])
    #expect(try await store.snapshot(of: "VIN00000000000001") == nil)
    let old = AnalysisSnapshot(frameID: 1, revision: "1", state: [1, 2])
    let new = AnalysisSnapshot(frameID: 1, revision: "2", state: [3])
    try await store.save(["VIN00000000000001": old, "nobody": old], at: 1)
    try await store.save(["VIN00000000000001": new], at: 2)
    #expect(try await store.snapshot(of: "VIN00000000000001") == new)
    #expect(try await store.snapshot(of: "nobody") == nil)
    try await store.close()
  }
}
