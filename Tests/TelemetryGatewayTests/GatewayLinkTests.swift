// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Vehicles and gateway over TCP on this machine.

import BatteryDomain
import Foundation
import NIOCore
import NIOPosix
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

/// A store that fails at the third commit and works otherwise.
private actor OnceFailingSink: FrameSink {
  private(set) var reports: [Int64] = []
  private var calls = 0

  func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome] {
    calls += 1
    if calls == 3 { throw .diskFull(path: "here") }
    reports += frames.filter { $0.command == 2 }.map(\.collectionTime)
    return frames.indices.map { .stored(id: Int64($0 + 1)) }
  }
}

@Suite(.timeLimit(.minutes(1))) struct GatewayLinkTests {
  private func frames(_ batch: RecordBatch) throws -> [Frame] {
    let writer = try ReportWriter(schema: batch.schema, identifier: try identifier())
    return try (0..<batch.rowCount).map { try writer.frame(of: batch, row: $0) }
  }

  private func send(_ frames: [Frame], to port: Int) async throws -> LinkSummary {
    var rest: [Frame]? = frames
    return try await VehicleLink(
      identity: try identifier(),
      settings: LinkSettings(host: "127.0.0.1", port: port, window: 16, attempts: 3)
    ).send(from: {
      defer { rest = nil }
      return rest
    })
  }

  @Test func `everything sent is acknowledged and stored once, sent again too`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    let frames = try frames(table(rows: 100, cells: 20))
    try await withGateway(store: store) { gateway in
      let first = try await send(frames, to: gateway.port)
      #expect(first.sent == 100)
      #expect(first.acknowledged == 100)
      #expect(first.isComplete)
      let second = try await send(frames, to: gateway.port)
      #expect(second.acknowledged == 100)
    }
    let stored = try await store.frames(of: vin, after: 0, limit: 1_000)
    #expect(stored.filter { $0.command == 2 }.map(\.bytes) == (try frames.map { try $0.encoded() }))
    try await store.close()
  }

  @Test func `a connection that breaks within one handful of reports loses none of them`()
    async throws
  {
    let sink = OnceFailingSink()
    let frames = try frames(table(rows: 100, cells: 4))
    try await withGateway(store: sink) { gateway in
      let summary = try await send(frames, to: gateway.port)
      #expect(summary.sent == 100)
      #expect(summary.acknowledged == 100)
      #expect(summary.connections == 2)
      #expect(summary.isComplete)
    }
    let times = await sink.reports
    #expect(times == times.sorted())
    #expect(Set(times).count == 100)
  }

  @Test func `a report sent again as reissue is stored once`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    try await withGateway(store: store) { gateway in
      let summary = try await send(
        [
          try report(at: start), try report(at: start, command: .reissuedReport),
          try report(at: start - 60, command: .reissuedReport),
        ], to: gateway.port)
      #expect(summary.acknowledged == 3)
    }
    let reports = try await store.reports(of: vin, in: 0...Int64.max, limit: 10)
    #expect(reports.map(\.collectionTime) == [start - 60, start])
    try await store.close()
  }

  @Test func `a report the gateway cannot read is counted as refused`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    var broken = try report(at: start + 1)
    broken.unit.removeLast()
    let all = [try report(at: start), broken, try report(at: start + 2)]
    try await withGateway(store: store) { gateway in
      let summary = try await send(all, to: gateway.port)
      #expect(summary.acknowledged == 2)
      #expect(summary.refused == 1)
      #expect(!summary.isComplete)
    }
    try await store.close()
  }

  @Test func `nobody at the address is a clear error`() async throws {
    let error = await #expect(throws: GatewayError.self) {
      _ = try await VehicleLink(
        identity: try identifier(),
        settings: LinkSettings(
          host: "127.0.0.1", port: 1, attempts: 2, firstPause: .milliseconds(1))
      ).send(from: { nil })
    }
    guard case .unreachable(_, 1, 2, _) = error else {
      Issue.record("unexpected: \(String(describing: error))")
      return
    }
  }

  @Test func `a port in use is a clear error`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    try await withGateway(store: store) { gateway in
      await #expect(throws: GatewayError.addressInUse(host: "127.0.0.1", port: gateway.port)) {
        _ = try await GatewayServer.bind(
          GatewaySettings(port: gateway.port), store: store, logger: quiet)
      }
    }
    try await store.close()
  }

  @Test func `random bytes neither stop the gateway nor reach the store`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    try await withGateway(store: store) { gateway in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for seed in 1...24 {
          group.addTask { try await Self.pester(gateway.port, seed: UInt64(seed)) }
        }
        try await group.waitForAll()
      }
      let summary = try await send([try report(at: start)], to: gateway.port)
      #expect(summary.isComplete)
    }
    #expect(try await store.frameCount() == 3)
    try await store.close()
  }

  /// Sends noise with false starts, cut and glued, then hangs up.
  private static func pester(_ port: Int, seed: UInt64) async throws {
    var random = SystemLikeGenerator(state: seed)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port).get()
    let template = try report(at: start).encoded()
    for _ in 0..<20 {
      var bytes = (0..<Int.random(in: 1...400, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) {
        var bent = template
        let place = Int.random(in: 0..<bent.count, using: &random)
        bent[place] ^= UInt8.random(in: 1...255, using: &random)
        bytes += bent
      }
      // The gateway may have closed already: the noise then goes nowhere, as intended.
      try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }
    try? await channel.close().get()
  }
}
