// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A store whose partitions lie on two servers behaves as one on one server.

import Foundation
import PostgresStore
import TelemetryStore
import TestSupport
import Testing

@Suite(.enabled(if: isInstalled, absence)) struct PostgresShardTests {
  @Test func `vehicles spread over two servers are stored, sealed, read and checked`() async throws
  {
    let first = try #require(PostgresCluster.shared)
    let second = try PostgresCluster(settings: ["shared_buffers": "16MB"])
    let schema = freshSchema()
    let settings = StoreSettings(
      readerCount: 1, segmentBytes: 4_096, segmentsPerSeal: 1_000, rowsPerBlock: 16)
    try await openEngine(schema, settings: settings).close()
    try PostgresShards.spread(first.address(), over: [second.address()], schema: schema)
    let engine = try openEngine(schema, settings: settings)
    let names = (0..<12).map { "SHARD\($0)" }
    func frames(_ times: Range<Int64>) -> [NewFrame] {
      names.flatMap { name in times.map { frame(name, at: $0) } }
    }
    let outcomes = try await engine.append(frames(0..<20))
    #expect(outcomes.allSatisfy { if case .stored = $0 { true } else { false } })
    #expect(
      try await engine.append(frames(15..<20)).allSatisfy {
        if case .duplicate = $0 { true } else { false }
      })
    let remote = try second.query(
      "SELECT sum(n) FROM (SELECT (xpath('/row/c/text()', query_to_xml(format("
        + "'SELECT count(*) AS c FROM %I.%I', schemaname, tablename), false, true, '')))[1]::text::int n "
        + "FROM pg_tables WHERE schemaname = '\(schema)' AND tablename LIKE 'frame%') t")
    #expect((Int(remote) ?? 0) > 0 && (Int(remote) ?? 0) < 240, "\(remote) frames on the second")
    let summary = try await engine.compact()
    #expect(summary.frames == 240)
    // Sent again after sealing, and some that are new.
    let again = try await engine.append(frames(18..<22))
    #expect(again.filter { if case .duplicate = $0 { true } else { false } }.count == 24)
    #expect(try await engine.frameCount(of: nil) == 264)
    for name in names {
      let stored = try await engine.frames(of: name, after: 0, limit: 100)
      #expect(stored.map(\.collectionTime) == (0..<22).map { $0 })
    }
    let (touched, newest) = try await engine.identities(withFramesAfter: 240)
    #expect(touched.count == 12 && newest >= 264)
    let check = try await engine.verify()
    #expect(check.isWhole && check.frames == 264, "\(check.faults)")
    #expect(throws: StoreError.self) {
      try PostgresShards.spread(first.address(), over: [second.address()], schema: schema)
    }
    try await engine.close()
  }
}
