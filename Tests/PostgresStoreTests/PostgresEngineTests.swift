// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What only the scale-out engine has: several writers, unsafe servers, lost connections.

import Foundation
import PostgresStore
import TelemetryStore
import TestSupport
import Testing

@Suite(.enabled(if: isInstalled, absence)) struct PostgresEngineTests {
  private static let small = StoreSettings(
    readerCount: 1, segmentBytes: 4_096, segmentsPerSeal: 1, rowsPerBlock: 16)

  @Test func `a reader that follows several writers misses no frame`() async throws {
    let schema = freshSchema()
    let writers = try (0..<4).map { _ in try openEngine(schema, settings: Self.small) }
    let reader = try openEngine(schema)
    let total = 4 * 25 * 3
    var seen: [Int64] = []
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, writer) in writers.enumerated() {
        group.addTask {
          for step in 0..<25 {
            _ = try await writer.append(
              (0..<3).map { frame("W\(number)", at: Int64(step * 3 + $0)) })
          }
        }
      }
      // Asks only for what is newer than the newest it was told of, as the live analysis does.
      var after: Int64 = 0
      while seen.count < total {
        let (identities, newest) = try await reader.identities(withFramesAfter: after)
        for identity in identities {
          let frames = try await reader.frames(of: identity, after: after, limit: 1_000)
          seen += frames.map(\.id).filter { $0 <= newest }
        }
        #expect(newest >= after)
        after = newest
        if newest >= Int64(total) { break }
      }
      try await group.waitForAll()
    }
    #expect(seen.sorted() == (1...Int64(total)).map { $0 })
    for engine in writers + [reader] { try await engine.close() }
  }

  @Test func `a frame sent to two writers at once is stored once`() async throws {
    let schema = freshSchema()
    let writers = try (0..<3).map { _ in try openEngine(schema, settings: Self.small) }
    let outcomes = try await withThrowingTaskGroup(of: [AppendOutcome].self) { group in
      for writer in writers {
        group.addTask {
          var all: [AppendOutcome] = []
          for step in 0..<20 {
            all += try await writer.append((0..<4).map { frame(at: Int64(step * 4 + $0)) })
            if step % 7 == 3 { _ = try await writer.compact() }
          }
          return all
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let stored = outcomes.filter { if case .stored = $0 { true } else { false } }
    #expect(outcomes.count == 240 && stored.count == 80)
    #expect(try await writers[0].frameCount(of: nil) == 80)
    _ = try await writers[0].compact()
    let frames = try await writers[1].frames(of: "VIN00000000000001", after: 0, limit: 1_000)
    #expect(frames.map(\.collectionTime).sorted() == (0..<80).map { $0 })
    #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.id < $1.id })
    for engine in writers { try await engine.close() }
  }

  @Test func `merging and retention keep what is to be kept`() async throws {
    let engine = try openEngine(freshSchema(), settings: Self.small)
    for step in 0..<12 {
      _ = try await engine.append((0..<5).map { frame(at: Int64(step * 5 + $0)) })
      _ = try await engine.compact()
    }
    let summary = try await engine.compact()
    #expect(summary.frames == 60 && summary.blocks <= 8)
    let all = try await engine.frames(of: "VIN00000000000001", after: 0, limit: 100)
    #expect(all.map(\.collectionTime) == (0..<60).map { $0 })
    let removed = try await engine.removeFrames(collectedBefore: 30)
    #expect(removed > 0 && removed <= 30)
    let left = try await engine.frames(of: "VIN00000000000001", after: 0, limit: 100)
    #expect(left.count == 60 - removed && left.last?.collectionTime == 59)
    try await engine.close()
  }

  @Test(arguments: [
    ("&options=-csynchronous_commit%3Doff", "synchronous_commit"),
    ("&connect_timeout=never", "connection"),
  ])
  func `an unsafe or senseless address is refused`(options: String, word: String) throws {
    #expect {
      _ = try openEngine(freshSchema(), options: options)
    } throws: { error in
      "\(error)".contains(word)
    }
  }

  @Test func `no message repeats a password`() throws {
    for address in [
      "postgres://me:geheim@127.0.0.1:1/db", "postgres://me:geheim@127.0.0.1:1/db?nonsense=1",
      "postgres://me:geheim@[::1/db", "http://me:geheim@host/db",
    ] {
      #expect {
        _ = try PostgresEngine(address, patience: .zero)
      } throws: { error in
        !"\(error)".contains("geheim") && "\(error)".count > 20
      }
    }
  }

  @Test func `a cut connection is made again and nothing is stored twice`() async throws {
    let cluster = try #require(PostgresCluster.shared)
    let name = freshSchema()
    let engine = try openEngine(name, options: "&application_name=\(name)")
    _ = try await engine.append([frame(at: 1)])
    let cut =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
      + "WHERE application_name = '\(name)'"
    #expect(try Int(cluster.query(cut)) ?? 0 >= 1)
    #expect(try await engine.append([frame(at: 1), frame(at: 2)]).first == .duplicate(id: 1))
    #expect(try await engine.frameCount(of: nil) == 2)
    let connections = await engine.metrics().first { $0.name.hasSuffix("connections_total") }
    #expect(connections?.value ?? 0 >= 2)
    try await engine.close()
    await #expect(throws: StoreError.closed) { try await engine.frameCount(of: nil) }
  }

  @Test func `tables of a newer version are left alone`() async throws {
    let cluster = try #require(PostgresCluster.shared)
    let schema = freshSchema()
    try await openEngine(schema).close()
    _ = try cluster.query("INSERT INTO \"\(schema)\".store_version(version) VALUES (1000)")
    #expect {
      _ = try openEngine(schema)
    } throws: { error in
      if case StoreError.tooNew = error { true } else { false }
    }
  }
}

@Suite(.enabled(if: isInstalled, absence)) struct PostgresVerifyTests {
  private static let small = StoreSettings(
    readerCount: 1, segmentBytes: 4_096, segmentsPerSeal: 1_000, rowsPerBlock: 16)

  private func fill(_ schema: String) async throws -> PostgresEngine {
    let engine = try openEngine(schema, settings: Self.small)
    _ = try await engine.append((0..<40).map { frame(at: Int64($0)) })
    _ = try await engine.compact()
    _ = try await engine.append((40..<50).map { frame(at: Int64($0)) })
    return engine
  }

  @Test func `a whole store is found whole`() async throws {
    let engine = try await fill(freshSchema())
    let result = try await engine.verify()
    #expect(result.isWhole && result.frames == 50 && result.loggedFrames == 10)
    #expect(result.vehicles == 1 && result.blocks == 3)
    try await engine.close()
  }

  @Test(arguments: [
    (
      "UPDATE block SET data = set_byte(data, length(data) - 3, 255 - get_byte(data, length(data) - 3))"
        + " WHERE first_time = 16", "check sum"
    ),
    ("UPDATE block SET rows = 15 WHERE first_time = 16", "15 frames"),
    ("UPDATE block SET last_time = 99 WHERE first_time = 16", "99 last time"),
    ("UPDATE frame SET bytes = set_byte(bytes, 25, 77) WHERE time = 45", "digest"),
    ("UPDATE frame SET id = 3 WHERE time = 45", "older than a sealed block"),
    ("UPDATE store_counter SET last_id = 45", "counter"),
  ])
  func `what was changed is found`(change: String, word: String) async throws {
    let cluster = try #require(PostgresCluster.shared)
    let schema = freshSchema()
    let engine = try await fill(schema)
    _ = try cluster.query("SET search_path TO \"\(schema)\"; \(change)")
    let result = try await engine.verify()
    #expect(result.faults.contains { $0.message.contains(word) }, "\(result.faults)")
    try await engine.close()
  }
}
