// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Peers that send too much, too slowly, too often or nonsense, over real sockets.

import Foundation
import FrameCryptography
import NIOCore
import NIOPosix
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite(.timeLimit(.minutes(2))) struct HostileClientTests {
  @Test func `a connection above the limit is closed, and let in when one has left`() async throws {
    var settings = GatewaySettings(port: 0)
    settings.admission.connections = 2
    try await withGateway(store: BrittleSink(), settings: settings) { gateway in
      try await RawPeer.with(port: gateway.port) { (first: inout RawPeer) async throws in
        #expect(try await first.ask(try login()).acknowledgement == .success)
        try await RawPeer.with(port: gateway.port) { (second: inout RawPeer) async throws in
          #expect(
            try await second.ask(try login("LTEST000000000002")).acknowledgement == .success)
          try await RawPeer.with(port: gateway.port) { (third: inout RawPeer) async throws in
            #expect(try await third.next() == nil)
          }
          #expect(value("connections_closed_total", "too_many", in: gateway.metrics) == 1)
        }
        // The second is gone once the gateway has noticed it: ask until a place is free.
        var answer: Frame?
        while answer == nil {
          answer = try await RawPeer.with(port: gateway.port) {
            (fourth: inout RawPeer) async throws -> Frame? in
            do { try await fourth.send(try login("LTEST000000000003")) } catch { return nil }
            return try await fourth.next()
          }
        }
        #expect(answer?.acknowledgement == .success)
      }
    }
  }

  @Test func `a peer that drips bytes and never logs in is closed after the login time`()
    async throws
  {
    var settings = GatewaySettings(port: 0)
    settings.loginTimeout = .milliseconds(300)
    try await withGateway(store: BrittleSink(), settings: settings) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        for byte in try login().encoded().dropLast() {
          do { try await peer.send([byte]) } catch { break }
        }
        #expect(try await peer.next() == nil)
      }
      #expect(value("connections_closed_total", "timed_out", in: gateway.metrics) == 1)
    }
  }

  @Test func `a silent vehicle is closed after the idle time`() async throws {
    var settings = GatewaySettings(port: 0)
    settings.idleTimeout = .seconds(20)
    try await withGateway(store: BrittleSink(), settings: settings) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        // On a machine that stands still for longer than the idle time the answer may not come.
        try await peer.send(try login())
        while let answer = try await peer.next() { #expect(answer.acknowledgement == .success) }
      }
      #expect(value("connections_closed_total", "timed_out", in: gateway.metrics) == 1)
      #expect(gateway.registry.identities.isEmpty)
    }
  }

  @Test func `endless noise closes the connection, is quarantined, and good frames in it count`()
    async throws
  {
    var settings = GatewaySettings(port: 0)
    settings.noiseLimit = 10_000
    let quarantine = RecordingQuarantine()
    let sink = BrittleSink()
    try await withGateway(store: sink, settings: settings, quarantine: quarantine) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        let noise = [UInt8](repeating: 0x55, count: 5_000)
        try await peer.send(noise + (try login().encoded()))
        #expect(try await peer.next()?.acknowledgement == .success)
        try await peer.send(noise + (try report(at: start).encoded()))
        #expect(try await peer.next()?.acknowledgement == .success)
        try await peer.send(noise + noise + noise)
        #expect(try await peer.next() == nil)
      }
      #expect(value("connections_closed_total", "noise", in: gateway.metrics) == 1)
      #expect(value("bytes_discarded_total", in: gateway.metrics) >= 20_000)
    }
    #expect(await sink.stored.count == 2)
    #expect(quarantine.records.contains { $0.reason == "no_frame" })
    #expect(quarantine.records.allSatisfy { $0.bytes.count <= 1_024 })
    // The frames beside the noise are no noise.
    #expect(quarantine.records.contains { !$0.bytes.isEmpty })
    #expect(quarantine.records.allSatisfy { $0.bytes.allSatisfy { $0 == 0x55 } })
  }

  @Test func `no noise before, in or beside a platform login puts its password into quarantine`()
    async throws
  {
    let quarantine = RecordingQuarantine()
    var settings = GatewaySettings(port: 0)
    settings.access = AccessRegistry(platforms: [
      "centre": AccessRegistry.Platform(
        password: PasswordHash(of: "open sesame", iterations: 10), vehicles: [])
    ])
    try await withGateway(store: BrittleSink(), settings: settings, quarantine: quarantine) {
      gateway in
      let good = try platformLogin().encoded()
      let bent: [UInt8] = good.dropLast() + [good[good.count - 1] ^ 1]
      let first: [[UInt8]] = [[0x0A] + good, bent + good, good + bent + good]
      for bytes in first {
        try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
          try await peer.send(bytes)
          #expect(try await peer.next()?.acknowledgement == .success)
          // Logged in, it logs in again and a byte flips.
          try await peer.send(bent + good)
          #expect(try await peer.next()?.acknowledgement == .success)
        }
      }
    }
    #expect(quarantine.records.count >= 5)
    #expect(quarantine.records.allSatisfy { $0.detail.hasSuffix("bytes discarded") })
    #expect(quarantine.records.allSatisfy { $0.bytes.isEmpty })
  }

  @Test func `answers without a login hold no place`() async throws {
    try await withGateway(store: BrittleSink()) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        try await peer.send(try report(at: start).answer(.success))
        #expect(try await peer.next() == nil)
      }
      #expect(value("connections_closed_total", "no_login", in: gateway.metrics) == 1)
    }
  }

  @Test func `a flood beyond the rate is slowed, and nothing of it is lost`() async throws {
    var settings = GatewaySettings(port: 0)
    settings.framesPerSecond = 2_000
    settings.frameBurst = 100
    let sink = BrittleSink()
    try await withGateway(store: sink, settings: settings) { gateway in
      let began = ContinuousClock.now
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        var bytes: [UInt8] = []
        for second in 0..<1_100 { bytes += try report(at: start + Int64(second)).encoded() }
        try await peer.send(bytes)
        for _ in 0..<1_100 { #expect(try await peer.next()?.acknowledgement == .success) }
      }
      // 1,101 frames, 100 at once: what is read on credit aside, the rest takes its time.
      #expect(ContinuousClock.now - began > .milliseconds(250))
      #expect(value("throttled_total", in: gateway.metrics) > 0)
    }
    #expect(await sink.stored.count == 1_101)
  }

  @Test func `while the store stands still no more is read than allowed, then all of it`()
    async throws
  {
    var settings = GatewaySettings(port: 0)
    settings.pendingBytes = 100_000
    let sink = BrittleSink()
    await sink.hold()
    let vehicles = 8
    let count = 2_000
    try await withGateway(store: sink, settings: settings) { gateway in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<vehicles {
          group.addTask {
            try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
              let name = "LTEST00000000001\(number)"
              var bytes = try login(name).encoded()
              for second in 0..<count {
                bytes += try report(name, at: start + Int64(second)).encoded()
              }
              let (channel, all) = (peer.channel, ByteBuffer(bytes: bytes))
              async let sending: Void = channel.writeAndFlush(all).get()
              var answers = 0
              while answers <= count, let answer = try await peer.next() {
                #expect(answer.acknowledgement == .success)
                answers += 1
              }
              try await sending
              return answers
            }
          }
        }
        // Everything that will be read while the store stands has been read when nothing more comes.
        var before = -1.0
        while true {
          let now = value("pending_bytes", in: gateway.metrics)
          if now == before, now > 0 { break }
          before = now
          try await Task.sleep(for: .milliseconds(200))
        }
        // A parcel that was begun may go over the limit, one for each connection.
        #expect(before < 100_000 + Double(vehicles) * 100_000)
        #expect(gateway.metrics.acknowledgedFrames == 0)
        await sink.release()
        for try await answers in group { #expect(answers == count + 1) }
      }
    }
    #expect(await sink.stored.count == vehicles * (count + 1))
    #expect(await sink.calls < 1_000)
  }

  @Test func `a peer that never reads its answers is cut off and does not fill the memory`()
    async throws
  {
    var settings = GatewaySettings(port: 0)
    settings.writeTimeout = .milliseconds(300)
    settings.frameBurst = 1e9
    try await withGateway(store: BrittleSink(), settings: settings) { gateway in
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.autoRead, value: false)
        .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
        .connect(host: "127.0.0.1", port: gateway.port).get()
      let heartbeat = try Frame(
        edition: .edition2016, command: .heartbeat, identifier: try identifier()
      ).encoded()
      var flood = try login().encoded()
      for _ in 0..<4_000 { flood += heartbeat }
      let bytes = ByteBuffer(bytes: flood)
      while value("connections_closed_total", "not_reading", in: gateway.metrics) == 0 {
        do { try await channel.writeAndFlush(bytes).get() } catch { break }
      }
      try? await channel.close().get()
      #expect(value("connections_closed_total", "not_reading", in: gateway.metrics) == 1)
    }
  }

  @Test func `a store that fails is told to the vehicle, which is sent away`() async throws {
    let sink = BrittleSink()
    try await withGateway(store: sink) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        await sink.fail()
        #expect(try await peer.ask(try report(at: start)).acknowledgement == .error)
        #expect(try await peer.next() == nil)
      }
      #expect(value("connections_closed_total", "store_failed", in: gateway.metrics) == 1)
    }
    #expect(await sink.stored.count == 1)
  }

  @Test func `invalid frames are answered, counted and quarantined, and the stream goes on`()
    async throws
  {
    let quarantine = RecordingQuarantine()
    let sink = BrittleSink()
    try await withGateway(store: sink, quarantine: quarantine) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        var cut = try report(at: start)
        cut.unit.removeLast()
        var timeless = try report(at: start + 1)
        timeless.unit[1] = 0
        var bent = try report(at: start + 2).encoded()
        bent[40] ^= 1
        let foreign = try report("LTEST000000000002", at: start + 3)
        try await peer.send(try cut.encoded() + timeless.encoded() + bent + foreign.encoded())
        try await peer.send(try report(at: start + 4))
        var flags: [Acknowledgement] = []
        for _ in 0..<4 { flags.append(try #require(try await peer.next()).acknowledgement) }
        // The one with the wrong check byte has no header to be trusted, so no answer.
        #expect(flags == [.error, .error, .error, .success])
      }
      for reason in ["malformed", "bad_time", "foreign_identity"] {
        #expect(value("frames_refused_total", reason, in: gateway.metrics) == 1)
      }
      #expect(value("checksum_failures_total", in: gateway.metrics) >= 1)
    }
    #expect(
      Set(quarantine.records.map(\.reason)) == [
        "malformed", "bad_time", "foreign_identity", "checksum_mismatch",
      ])
    let kept = try #require(quarantine.records.first { $0.reason == "malformed" })
    #expect(kept.detail == "item_truncated")
    #expect(kept.bytes.count == (try report(at: start).encoded().count - 1))
    #expect(await sink.stored.map(\.collectionTime) == [start, start + 4])
  }

  @Test func `a second login replaces the first, or is a duplicate, as it is agreed`() async throws
  {
    try await withGateway(store: BrittleSink()) { gateway in
      try await RawPeer.with(port: gateway.port) { (first: inout RawPeer) async throws in
        #expect(try await first.ask(try login()).acknowledgement == .success)
        try await RawPeer.with(port: gateway.port) { (second: inout RawPeer) async throws in
          #expect(try await second.ask(try login()).acknowledgement == .success)
          #expect(try await first.next() == nil)
          #expect(try await second.ask(try report(at: start)).acknowledgement == .success)
        }
      }
      #expect(value("connections_closed_total", "replaced", in: gateway.metrics) == 1)
    }
    var settings = GatewaySettings(port: 0)
    settings.secondLogin = .refuse
    try await withGateway(store: BrittleSink(), settings: settings) { gateway in
      try await RawPeer.with(port: gateway.port) { (first: inout RawPeer) async throws in
        #expect(try await first.ask(try login()).acknowledgement == .success)
        try await RawPeer.with(port: gateway.port) { (second: inout RawPeer) async throws in
          #expect(try await second.ask(try login()).acknowledgement == .vehicleDuplicate)
          #expect(try await second.next() == nil)
        }
        #expect(try await first.ask(try report(at: start)).acknowledgement == .success)
      }
    }
  }

  @Test func `a shutdown answers what was received before it closes`() async throws {
    let sink = BrittleSink()
    try await withGateway(store: sink) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        await sink.hold()
        try await peer.send(try report(at: start))
        while value("pending_bytes", in: gateway.metrics) == 0 { await Task.yield() }
        async let released: Void = sink.release()
        await released
        #expect(try await peer.next()?.acknowledgement == .success)
      }
    }
    #expect(await sink.stored.count == 2)
  }
}
