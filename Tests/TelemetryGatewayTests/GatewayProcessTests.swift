// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The whole process as its configuration says: stored sealed, watched over HTTP, logged without VINs.

import Foundation
import FrameCryptography
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite(.timeLimit(.minutes(2))) struct GatewayProcessTests {
  /// The answer to a request over a plain socket.
  private func get(
    _ path: String, port: Int, post: String? = nil, token: String = ""
  ) async throws -> String {
    let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await connection.executeThenClose { inbound, outbound in
      var head =
        "\(post == nil ? "GET" : "POST") \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      if let post {
        head += "Authorization: Bearer \(token)\r\nContent-Length: \(post.utf8.count)\r\n"
      }
      try await outbound.write(ByteBuffer(string: head + "\r\n" + (post ?? "")))
      var text = ""
      for try await part in inbound { text += String(buffer: part) }
      return text
    }
  }

  @Test func `a configured gateway stores sealed, tells its state and logs no VIN`() async throws {
    let folder = try TemporaryFolder()
    try Data(repeating: 3, count: 32).write(to: folder.url.appending(path: "seal.key"))
    let configuration = try GatewayConfiguration(
      """
      data_folder: data
      listen: {port: 0}
      status: {port: 0}
      sealing: {key: "@seal.key"}
      commands: {users: [{name: chen, token_sha256: \(CommandUser.hash(of: "secret token"))}]}
      """, file: folder.url.appending(path: "g.yaml").path, environment: [:])
    let data = URL(fileURLWithPath: configuration.dataFolder)
    let store = try TelemetryStore(folder: data)
    let log = LockedText()
    var logger = Logger(label: "test") { JSONLogHandler(label: $0) { log.add($0) } }
    logger.logLevel = .trace
    let (ports, told) = AsyncStream.makeStream(of: Int.self)
    let process = try await GatewayProcess(
      configuration, store: store, logger: logger, onStatus: { told.yield($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      let services = ServiceGroup(services: process.services, logger: quiet)
      group.addTask { try await services.run() }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      try await RawPeer.with(port: process.gateway.port) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        for frame in [try report(at: start), try report(at: start, command: .reissuedReport)] {
          #expect(try await peer.ask(frame).acknowledgement == .success)
        }
        #expect(
          try await peer.ask(try report("LTEST000000000002", at: start)).acknowledgement == .error)
        #expect(try await get("/health", port: port).hasPrefix("HTTP/1.1 200"))
        #expect(try await get("/ready", port: port).contains("ready"))
        let metrics = try await get("/metrics", port: port)
        for line in [
          "anodyne_gateway_frames_received_total{kind=\"real_time\"} 2.0",
          "anodyne_gateway_frames_duplicate_reissued_total 1.0",
          "anodyne_gateway_frames_refused_total{reason=\"foreign_identity\"} 1.0",
          "anodyne_gateway_quarantine_total{result=\"kept\"} 1.0",
          "anodyne_gateway_stored_seconds_count 3",
          "# TYPE anodyne_gateway_stored_seconds histogram",
          "anodyne_gateway_vehicles_online 1.0", "anodyne_store_frames_total 2.0",
        ] {
          #expect(metrics.contains(line), "\(line)")
        }
        #expect(!metrics.contains(vin))
        let query = "{\"vehicle\":\"LTEST000000000009\",\"reason\":\"drill\",\"query\":[1]}"
        let stranger = try await get("/commands", port: port, post: query, token: "guess")
        #expect(stranger.hasPrefix("HTTP/1.1 401"))
        let absent = try await get("/commands", port: port, post: query, token: "secret token")
        #expect(absent.hasPrefix("HTTP/1.1 404"))
        #expect(absent.contains("not connected"))
        let late = try await get(
          "/commands/7/approval", port: port, post: "", token: "secret token")
        #expect(late.hasPrefix("HTTP/1.1 404"))
      }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
    }
    let seal = try #require(configuration.seal)
    let stored = try await store.frames(of: seal.pseudonym(of: vin), after: 0, limit: 10)
    #expect(stored.count == 2)
    let opened = stored.compactMap { seal.open($0.bytes) }
    #expect(opened == [try login(), try report(at: start)])
    #expect(try await store.vehicles().count == 1)
    try await store.close()
    // Neither log nor any file of the data folder holds a VIN in plain.
    #expect(log.text.contains("frame refused"))
    #expect(!log.text.contains("LTEST0"))
    let names = try FileManager.default.subpathsOfDirectory(atPath: data.path)
    #expect(names.contains("quarantine.jsonl"))
    for name in names {
      let bytes = FileManager.default.contents(atPath: data.appending(path: name).path)
      #expect(bytes?.range(of: Data("LTEST0".utf8)) == nil, "\(name)")
    }
  }

  @Test func `a store that fails or is behind makes the gateway unready`() async throws {
    let sink = BrittleSink()
    var settings = GatewaySettings(port: 0)
    settings.pendingBytes = 1
    try await withGateway(store: sink, settings: settings) { gateway in
      #expect(gateway.unreadiness == nil)
      await sink.hold()
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        try await peer.send(try login())
        while gateway.unreadiness == nil { await Task.yield() }
        #expect(gateway.unreadiness == "the store is behind")
        await sink.fail()
        await sink.release()
        #expect(try await peer.next()?.acknowledgement == .error)
      }
      #expect(gateway.unreadiness == "the store fails")
    }
  }
}

/// Text that tasks add to.
final class LockedText: Sendable {
  private let value = Mutex(Data())
  var text: String { value.withLock { String(decoding: $0, as: UTF8.self) } }
  func add(_ more: Data) { value.withLock { $0.append(more) } }
}
