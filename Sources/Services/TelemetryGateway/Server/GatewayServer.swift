// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The TCP and TLS server: frames in, durable, acknowledged.

import Foundation
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle
import TelemetryCodec
import TelemetryStore

/// The server that vehicles and sending platforms connect to, over TCP and TLS.
///
/// A connection hands the frames of its reads to the store in parcels, those of all connections
/// travel together, and each is answered in order once the store has committed. While too much
/// waits, connections are not read: a slow disk slows the senders down instead of filling memory.
public struct GatewayServer: Service {
  /// The port of plain TCP; 0 when only TLS is listened to.
  public let port: Int
  /// The port of TLS; nil without it.
  public let tlsPort: Int?
  /// Why frames cannot be taken now; nil while all is well.
  public var unreadiness: String? {
    if !listeners.allSatisfy(\.isActive) { return "not listening" }
    if core.ingest.isFailing { return "the store fails" }
    return core.ingest.isBehind ? "the store is behind" : nil
  }

  private let listeners: [any Channel]
  private let core: GatewayCore
  private let sink: any FrameSink

  /// Consumers of the ingest queue: one collects while the other commits.
  private static let consumers = 2

  /// The counters.
  public var metrics: GatewayMetrics { core.metrics }
  /// The vehicles that are logged in.
  public var registry: SessionRegistry { core.sessions }
  /// The clock offsets of the vehicles.
  public var clocks: ClockBook { core.clocks }

  /// Starts to listen; frames are stored and answered once ``run()`` is called.
  ///
  /// - Parameters:
  ///   - settings: Address, limits, and who may log in.
  ///   - store: Where frames become durable.
  ///   - quarantine: Where refused frames go.
  ///   - names: How vehicles are named in the log.
  ///   - logger: For refusals and connections that end badly.
  /// - Returns: A server that holds the ports.
  /// - Throws: ``GatewayError/addressInUse(host:port:)``,
  ///   ``GatewayError/cannotListen(host:port:reason:)`` or
  ///   ``GatewayError/badCertificate(file:reason:)``.
  public static func bind(
    _ settings: GatewaySettings, store: any FrameSink, quarantine: any Quarantine = NoQuarantine(),
    names: IdentityNames = IdentityNames(), logger: Logger
  ) async throws(GatewayError) -> GatewayServer {
    let core = try GatewayCore(
      settings, metrics: GatewayMetrics(), quarantine: quarantine, names: names, logger: logger)
    var listeners: [any Channel] = []
    do {
      var plain = 0
      if let port = settings.port {
        let channel = try await listen(settings.host, port, core, isTLS: false)
        listeners.append(channel)
        plain = channel.localAddress?.port ?? port
      }
      var secure: Int?
      if let tls = settings.tls {
        let channel = try await listen(settings.host, tls.port, core, isTLS: true)
        listeners.append(channel)
        secure = channel.localAddress?.port ?? tls.port
      }
      core.watchGauges()
      return GatewayServer(
        port: plain, tlsPort: secure, listeners: listeners, core: core, sink: store)
    } catch {
      for listener in listeners { try? await listener.close().get() }
      throw error
    }
  }

  private static func listen(
    _ host: String, _ port: Int, _ core: GatewayCore, isTLS: Bool
  ) async throws(GatewayError) -> any Channel {
    do {
      return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.backlog, value: 4_096)
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(
          .recvAllocator,
          value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1_024, maximum: 32_768)
        )
        .childChannelOption(
          .writeBufferWaterMark,
          value: ChannelOptions.Types.WriteBufferWaterMark(
            low: 8_192, high: 32_768)
        )
        .childChannelInitializer { channel in letIn(channel, core, isTLS: isTLS) }
        .bind(host: host, port: port).get()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw .addressInUse(host: host, port: port)
    } catch {
      throw .cannotListen(host: host, port: port, reason: String(describing: error))
    }
  }

  /// Builds the pipeline of a connection at once, later, or never.
  private static func letIn(
    _ channel: any Channel, _ core: GatewayCore, isTLS: Bool
  ) -> EventLoopFuture<Void> {
    let address = channel.remoteAddress?.ipAddress ?? "?"
    switch core.arrived(address) {
    case .refuse(let reason):
      return channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(RefusingHandler(core, address, reason))
      }
    case .enter: return build(channel, core, address, isTLS: isTLS)
    case .wait(let seconds):
      let delay = TimeAmount.nanoseconds(Int64(seconds * 1e9))
      return channel.eventLoop.flatScheduleTask(in: delay) {
        build(channel, core, address, isTLS: isTLS)
      }.futureResult
    }
  }

  private static func build(
    _ channel: any Channel, _ core: GatewayCore, _ address: String, isTLS: Bool
  ) -> EventLoopFuture<Void> {
    channel.closeFuture.whenComplete { _ in core.left(address) }
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      if isTLS, let context = core.tlsContext {
        try pipeline.addHandler(NIOSSLServerHandler(context: context))
        core.metrics.update { $0.tlsConnections += 1 }
      }
      let settings = core.settings
      let cutter = FrameCutter(
        maximumUnitLength: settings.maximumUnitLength,
        limits: FrameCutter.Limits(
          frame: TimeAmount(duration: settings.frameTimeout),
          firstFrame: TimeAmount(duration: settings.loginTimeout),
          silence: TimeAmount(duration: settings.idleTimeout), noise: settings.noiseLimit),
        metrics: core.metrics,
        onNoise: { noise in
          core.quarantine.add(
            QuarantineRecord(
              time: GatewayCore.wallClock(), address: address, reason: noise.reason,
              detail: "\(noise.count) bytes discarded", bytes: noise.bytes))
        })
      try pipeline.addHandler(cutter)
      try pipeline.addHandler(SessionHandler(core, address: address, cutter: cutter))
      core.add(channel)
    }
  }

  /// Serves until the service is told to shut down or cancelled. Then no more connections are taken;
  /// frames in hand are stored and answered before the connections close.
  public func run() async throws {
    await withDiscardingTaskGroup { group in
      for _ in 0..<Self.consumers {
        group.addTask {
          await core.ingest.run(
            sink, metrics: core.metrics, clocks: core.clocks, logger: core.logger)
        }
      }
      try? await gracefulShutdown()
      await stop()
      core.ingest.finish()
    }
  }

  private func stop() async {
    for listener in listeners { try? await listener.close().get() }
    let open = core.drain()
    guard let loop = open.first?.eventLoop else { return }
    let timer = loop.scheduleTask(in: TimeAmount(duration: core.settings.drainTimeout)) {
      for channel in open { channel.close(promise: nil) }
    }
    for channel in open { try? await channel.closeFuture.get() }
    timer.cancel()
  }

  /// Takes another registry and reads the certificate files again, for connections from now on;
  /// vehicles and platforms whose entry is gone or another one are closed.
  ///
  /// - Throws: ``GatewayError/badCertificate(file:reason:)``; then everything stays as it was.
  public func reload(_ access: AccessRegistry) throws(GatewayError) { try core.reload(access) }

  /// Sends a command to a vehicle and waits for its answer, which comes deciphered.
  ///
  /// - Parameters:
  ///   - frame: The command, encrypted where that is agreed.
  ///   - time: The time in it, which comes back in the answer.
  ///   - seconds: Longest wait.
  /// - Returns: The answer in plain.
  /// - Throws: ``GatewayError/notConnected`` or ``GatewayError/noAnswer(seconds:)``.
  func command(
    _ frame: Frame, at time: WireTime, seconds: Double
  ) async throws(GatewayError) -> Frame {
    guard let entry = core.sessions.entry(of: frame.identifier.text) else { throw .notConnected }
    let promise = entry.channel.eventLoop.makePromise(of: Frame.self)
    entry.channel.closeFuture.whenComplete { _ in
      // Also when the channel was gone before the signal reached it; a second outcome is ignored.
      promise.fail(GatewayError.notConnected)
    }
    entry.channel.pipeline.fireUserInboundEventTriggered(
      GatewaySignal.command(frame, at: time, seconds: seconds, promise))
    do {
      return try await promise.futureResult.get()
    } catch let error as GatewayError {
      throw error
    } catch {
      throw .notConnected
    }
  }

  /// A connected vehicle.
  struct Peer {
    /// The edition that it speaks.
    var edition: Edition
    /// How its login was encrypted.
    var encryption: Encryption
    /// The keys agreed with it, among others.
    var vehicle: AccessRegistry.Vehicle
  }

  /// What is known of a connected vehicle.
  func peer(_ identity: String) throws(GatewayError) -> Peer {
    guard let entry = core.sessions.entry(of: identity) else { throw .notConnected }
    return Peer(
      edition: entry.edition, encryption: entry.encryption,
      vehicle: core.access.vehicle(identity) ?? AccessRegistry.Vehicle())
  }

  /// The name of a vehicle in logs.
  func auditName(of identity: String) -> String { core.names.auditName(of: identity) }
}

/// Closes a connection that is not let in.
private final class RefusingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let core: GatewayCore
  private let address: String
  private let reason: GatewaySession.CloseReason

  init(_ core: GatewayCore, _ address: String, _ reason: GatewaySession.CloseReason) {
    self.core = core
    self.address = address
    self.reason = reason
  }

  func channelActive(context: ChannelHandlerContext) {
    core.closed(reason, address: address)
    context.close(promise: nil)
  }
}

extension GatewayCore {
  /// Adds the numbers that are looked up when the metrics are asked for.
  func watchGauges() {
    metrics.watch { [self] in
      let suspects = clocks.suspects
      func gauge(
        _ name: String, _ help: String, _ value: Int, _ labels: [String: String] = [:]
      ) -> ServiceMetric {
        ServiceMetric(
          "anodyne_gateway_" + name, help: help, kind: .gauge, value: Double(value),
          labels: labels)
      }
      var list = [
        gauge("vehicles_online", "Vehicles logged in.", sessions.identities.count),
        gauge("platforms_online", "Sending platforms logged in.", sessions.platforms.count),
        gauge("pending_bytes", "Bytes of frames that wait for the store.", ingest.pendingByteCount),
        gauge(
          "pending_limit_bytes", "Bytes that may wait before connections are not read.",
          ingest.byteLimit),
      ]
      let help =
        "Vehicles whose clock, by the median of live reports, is more than 30 s or 180 s off."
      list.append(gauge("clock_offset_vehicles", help, suspects.warning, ["level": "warning"]))
      list.append(gauge("clock_offset_vehicles", help, suspects.error, ["level": "error"]))
      if let file = quarantine as? FileQuarantine {
        let counts = file.counts
        let help = "Refused frames kept in the quarantine, or dropped because it was full or fast."
        for (result, count) in [("kept", counts.kept), ("dropped", counts.dropped)] {
          list.append(
            ServiceMetric(
              "anodyne_gateway_quarantine_total", help: help, kind: .counter,
              value: Double(count), labels: ["result": result]))
        }
      }
      return list
    }
  }
}
