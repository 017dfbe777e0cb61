// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The TCP server: frames in, durable, acknowledged.

import Foundation
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import TelemetryCodec
public import TelemetryStore

/// The TCP server that vehicles connect to.
///
/// Every connection has its own task: it takes the frames of one read, stores those that need it
/// in one call, and answers all of them in order once the store has committed. The next read waits
/// for that, so a slow disk slows the senders down instead of filling the memory.
public struct GatewayServer: Service {
  typealias Connection = NIOAsyncChannel<[Frame], ByteBuffer>

  /// The port listened on.
  public let port: Int
  /// The counters.
  public let metrics: GatewayMetrics
  /// The vehicles that are logged in.
  public let registry: SessionRegistry
  private let listener: NIOAsyncChannel<Connection, Never>
  private let settings: GatewaySettings
  private let store: TelemetryStore
  private let logger: Logger

  /// Starts to listen; connections are served once ``run()`` is called.
  ///
  /// - Parameters:
  ///   - settings: Address and limits.
  ///   - store: Where frames become durable.
  ///   - logger: For connections that end badly.
  /// - Returns: A server that holds the port.
  /// - Throws: ``GatewayError/addressInUse(host:port:)`` or
  ///   ``GatewayError/cannotListen(host:port:reason:)``.
  public static func bind(
    _ settings: GatewaySettings, store: TelemetryStore, logger: Logger
  ) async throws(GatewayError) -> GatewayServer {
    let metrics = GatewayMetrics()
    let limits = FrameCutter.Limits(
      frame: TimeAmount(duration: settings.frameTimeout),
      firstFrame: TimeAmount(duration: settings.loginTimeout),
      silence: TimeAmount(duration: settings.idleTimeout))
    do {
      let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.backlog, value: 256)
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        .bind(host: settings.host, port: settings.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              FrameCutter(
                maximumUnitLength: settings.maximumUnitLength, limits: limits, metrics: metrics))
            return try Connection(
              wrappingChannelSynchronously: channel,
              configuration: .init(
                backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
          }
        }
      return GatewayServer(
        port: listener.channel.localAddress?.port ?? settings.port, metrics: metrics,
        registry: SessionRegistry(), listener: listener, settings: settings, store: store,
        logger: logger)
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw .addressInUse(host: settings.host, port: settings.port)
    } catch {
      throw .cannotListen(
        host: settings.host, port: settings.port, reason: String(describing: error))
    }
  }

  /// Serves connections until the service is told to shut down; frames in hand are stored and
  /// answered before the connections close.
  public func run() async throws {
    try await listener.executeThenClose { connections in
      try await withThrowingDiscardingTaskGroup { group in
        for try await connection in connections.cancelOnGracefulShutdown() {
          group.addTask { await self.serve(connection) }
        }
      }
    }
  }

  private func serve(_ connection: Connection) async {
    metrics.update {
      $0.accepted += 1
      $0.open += 1
    }
    defer { metrics.update { $0.open -= 1 } }
    do {
      try await connection.executeThenClose { inbound, outbound in
        if metrics.openConnections > settings.maximumConnections {
          metrics.update { $0.closed[.tooMany, default: 0] += 1 }
          return
        }
        var driver = SessionDriver(
          store: store, metrics: metrics, registry: registry, channel: connection.channel,
          logger: logger)
        defer { driver.end() }
        for try await frames in inbound.cancelOnGracefulShutdown() {
          let (answers, isOpen) = await driver.handle(frames, at: Date().timeIntervalSince1970)
          if answers.readableBytes > 0 { try await outbound.write(answers) }
          if !isOpen { break }
        }
      }
    } catch {
      // A vehicle that vanishes is everyday life, not an error of the server.
      logger.debug("connection ended", metadata: ["reason": "\(error)"])
    }
  }
}
