// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Platform to platform over real sockets: two gateways, a cursor, losses and restarts.

import Foundation
import FrameCryptography
import ServiceLifecycle
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite(.timeLimit(.minutes(2))) struct ForwarderTests {
  private static let password = "open sesame"

  private func upstream(_ patterns: [String] = ["*"]) -> GatewaySettings {
    GatewaySettings(
      port: 0,
      access: AccessRegistry(platforms: [
        "centre": AccessRegistry.Platform(
          password: PasswordHash(of: Self.password, iterations: 10),
          vehicles: patterns.compactMap { VehiclePattern($0) })
      ]))
  }

  private func settings(_ port: Int, vehicles: [String] = ["*"]) -> ForwardSettings {
    var settings = ForwardSettings(
      name: "up", host: "127.0.0.1", port: port, identity: "PLATFORM000000001", user: "centre",
      password: Self.password, vehicles: vehicles.compactMap { VehiclePattern($0) })
    settings.firstPause = .milliseconds(10)
    settings.longestPause = .milliseconds(50)
    settings.window = 16
    return settings
  }

  /// Runs a forwarder until the condition holds, then shuts it down.
  private func run(
    _ forwarder: PlatformForwarder, until isDone: @Sendable () async -> Bool
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let services = ServiceGroup(services: [forwarder], logger: quiet)
      group.addTask { try await services.run() }
      while !(await isDone()) { try await Task.sleep(for: .milliseconds(5)) }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
    }
  }

  private func fill(
    _ store: TelemetryStore, _ identity: String, _ count: Int, from first: Int64 = start,
    seal: FrameSeal? = nil
  ) async throws {
    let frames = try (0..<count).map { number -> NewFrame in
      let frame = try report(identity, at: first + Int64(number))
      let bytes = try frame.encoded()
      return NewFrame(
        identity: identity, collectionTime: first + Int64(number), receiveTime: Double(first),
        command: 2, bytes: bytes, unit: 24..<bytes.count - 1)
    }
    let sink: any FrameSink = seal.map { SealingSink(store, seal: $0) } ?? store
    _ = try await sink.append(frames)
  }

  @Test func `everything stored arrives upstream once, in order, and what follows later too`()
    async throws
  {
    let (here, there) = (try TemporaryFolder(), try TemporaryFolder())
    let (store, target) = (
      try TelemetryStore(folder: here.url), try TelemetryStore(folder: there.url)
    )
    try await fill(store, vin, 100)
    try await fill(store, "LTEST000000000002", 50)
    try await withGateway(store: target, settings: upstream()) { gateway in
      let forwarder = PlatformForwarder(
        settings(gateway.port), source: store, folder: here.url, logger: quiet,
        now: { Double(start) + 10 })
      try await run(forwarder) {
        if forwarder.forwarded == 150 {
          try? await fill(store, vin, 20, from: start + 1_000)
        }
        return forwarder.forwarded >= 170
      }
      #expect(gateway.registry.platforms.isEmpty)
      #expect(value("frames_received_total", "platform_logout", in: gateway.metrics) == 1)
    }
    for identity in [vin, "LTEST000000000002"] {
      let sent = try await store.frames(of: identity, after: 0, limit: 1_000)
      let came = try await target.frames(of: identity, after: 0, limit: 1_000)
      #expect(came.map(\.bytes) == sent.map(\.bytes))
      #expect(!came.isEmpty)
    }
    try await store.close()
    try await target.close()
  }

  @Test func `after a restart only what was not acknowledged is sent`() async throws {
    let (here, there) = (try TemporaryFolder(), try TemporaryFolder())
    let (store, target) = (
      try TelemetryStore(folder: here.url), try TelemetryStore(folder: there.url)
    )
    try await fill(store, vin, 64)
    try await withGateway(store: target, settings: upstream()) { gateway in
      for (total, more) in [(64, 36), (36, 0)] {
        let forwarder = PlatformForwarder(
          settings(gateway.port), source: store, folder: here.url, logger: quiet,
          now: { Double(start) + 10 })
        try await run(forwarder) { forwarder.forwarded == total }
        #expect(forwarder.forwarded == total)
        if more > 0 { try await fill(store, vin, more, from: start + 500) }
      }
      #expect(value("frames_duplicate_total", in: gateway.metrics) == 0)
    }
    #expect(try await target.frameCount(of: vin) == 100)
    try await store.close()
    try await target.close()
  }

  @Test func `an upstream that comes late, refuses the password or breaks loses nothing`()
    async throws
  {
    let (here, there) = (try TemporaryFolder(), try TemporaryFolder())
    let (store, target) = (
      try TelemetryStore(folder: here.url), try TelemetryStore(folder: there.url)
    )
    try await fill(store, vin, 200)
    // A port that nobody listens to is found by closing a listener.
    let port = try await withGateway(store: target, settings: upstream()) { $0.port }
    let forwarder = PlatformForwarder(
      settings(port), source: store, folder: here.url, logger: quiet, now: { Double(start) + 10 })
    try await withThrowingTaskGroup(of: Void.self) { group in
      let services = ServiceGroup(services: [forwarder], logger: quiet)
      group.addTask { try await services.run() }
      var refusing = upstream()
      refusing.port = port
      refusing.access = AccessRegistry()
      try await withGateway(store: target, settings: refusing) { gateway in
        while value("frames_refused_total", "wrong_password", in: gateway.metrics) < 2 {
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      #expect(forwarder.forwarded == 0)
      // A store that fails in the middle: the upstream sends the forwarder away.
      let brittle = BrittleSink()
      var good = upstream()
      good.port = port
      try await withGateway(store: brittle, settings: good) { gateway in
        while forwarder.forwarded < 30 { try await Task.sleep(for: .milliseconds(1)) }
        await brittle.fail()
        while value("connections_closed_total", "store_failed", in: gateway.metrics) < 1 {
          if forwarder.forwarded == 200 { break }
          try await Task.sleep(for: .milliseconds(1))
        }
      }
      let early = await brittle.stored.map(\.bytes)
      try await withGateway(store: target, settings: good) { gateway in
        while forwarder.forwarded < 200 { try await Task.sleep(for: .milliseconds(5)) }
        await services.triggerGracefulShutdown()
      }
      try await group.waitForAll()
      let late = try await target.frames(of: vin, after: 0, limit: 1_000).map(\.bytes)
      let sent = try await store.frames(of: vin, after: 0, limit: 1_000).map(\.bytes)
      #expect(Set(early).union(late) == Set(sent))
    }
    try await store.close()
    try await target.close()
  }

  @Test func `old reports become reissues, other vehicles stay, refused frames are passed over`()
    async throws
  {
    let (here, there) = (try TemporaryFolder(), try TemporaryFolder())
    let (store, target) = (
      try TelemetryStore(folder: here.url), try TelemetryStore(folder: there.url)
    )
    try await fill(store, vin, 3)
    try await fill(store, "XOTHER00000000001", 3)
    try await fill(store, "LTEST000000000009", 2)
    let quarantine = RecordingQuarantine()
    // The upstream does not let this platform speak for the vehicle that ends in 9.
    try await withGateway(store: target, settings: upstream(["LTEST000000000001"])) { gateway in
      let forwarder = PlatformForwarder(
        settings(gateway.port, vehicles: ["LTEST*"]), source: store, folder: here.url,
        quarantine: quarantine, logger: quiet, now: { Double(start) + 61.5 })
      try await run(forwarder) { quarantine.records.count == 2 && forwarder.forwarded == 3 }
      let refused = forwarder.metrics().first { $0.name == "anodyne_forward_refused_total" }
      #expect(refused?.value == 2)
    }
    let came = try await target.frames(of: vin, after: 0, limit: 10)
    // 61.5 s and 60.5 s old: reissued; 59.5 s old: live.
    #expect(came.map(\.command) == [3, 3, 2])
    #expect(try await target.frameCount() == 3)
    #expect(quarantine.records.allSatisfy { $0.reason == "upstream_refused" })
    try await store.close()
    try await target.close()
  }

  @Test func `an upstream that refuses everything for a while loses nothing`() async throws {
    let (here, there) = (try TemporaryFolder(), try TemporaryFolder())
    let (store, target) = (
      try TelemetryStore(folder: here.url), try TelemetryStore(folder: there.url)
    )
    let second = "LTEST000000000002"
    let quarantine = RecordingQuarantine()
    try await fill(store, vin, 10)
    let port = try await withGateway(store: target, settings: upstream()) { $0.port }
    let forwarder = PlatformForwarder(
      settings(port), source: store, folder: here.url, quarantine: quarantine, logger: quiet,
      now: { Double(start) + 10 })
    @Sendable func passedOver() -> Double {
      forwarder.metrics().first { $0.name == "anodyne_forward_refused_total" }?.value ?? 0
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      let services = ServiceGroup(services: [forwarder], logger: quiet)
      group.addTask { try await services.run() }
      var good = upstream()
      good.port = port
      try await withGateway(store: target, settings: good) { _ in
        while forwarder.forwarded < 10 { try await Task.sleep(for: .milliseconds(5)) }
      }
      // The same upstream, which takes the login and no frame at all.
      var refusing = upstream(["NONE"])
      refusing.port = port
      try await fill(store, vin, 40, from: start + 100)
      try await fill(store, second, 20)
      try await withGateway(store: target, settings: refusing) { gateway in
        while value("frames_refused_total", "foreign_identity", in: gateway.metrics) < 300,
          passedOver() == 0
        {
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      #expect(passedOver() == 0)
      #expect(forwarder.forwarded == 10)
      try await withGateway(store: target, settings: good) { _ in
        while forwarder.forwarded < 70 { try await Task.sleep(for: .milliseconds(5)) }
        await services.triggerGracefulShutdown()
      }
      try await group.waitForAll()
    }
    #expect(quarantine.records.isEmpty)
    for identity in [vin, second] {
      let sent = try await store.frames(of: identity, after: 0, limit: 1_000)
      let came = try await target.frames(of: identity, after: 0, limit: 1_000)
      #expect(Set(came.map(\.collectionTime)) == Set(sent.map(\.collectionTime)))
    }
    #expect(try await target.frameCount() == 70)
    try await store.close()
    try await target.close()
  }

  @Test func `what is stored sealed is forwarded in plain`() async throws {
    let (here, there) = (try TemporaryFolder(), try TemporaryFolder())
    let (store, target) = (
      try TelemetryStore(folder: here.url), try TelemetryStore(folder: there.url)
    )
    let seal = try FrameSeal(masterKey: Array(repeating: 9, count: 32))
    try await fill(store, vin, 10, seal: seal)
    #expect(try await store.vehicles().map(\.identity) == [seal.pseudonym(of: vin)])
    try await withGateway(store: target, settings: upstream()) { gateway in
      let forwarder = PlatformForwarder(
        settings(gateway.port), source: store, folder: here.url, seal: seal, logger: quiet,
        now: { Double(start) + 10 })
      try await run(forwarder) { forwarder.forwarded == 10 }
    }
    let came = try await target.frames(of: vin, after: 0, limit: 100).map(\.bytes)
    #expect(came == (try (0..<10).map { try report(at: start + $0).encoded() }))
    try await store.close()
    try await target.close()
  }
}
