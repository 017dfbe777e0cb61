// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Health, readiness, metrics and remote commands over HTTP.

import Foundation
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
public import TelemetryStore

/// Health, readiness and metrics of a gateway over HTTP: `/health`, `/ready`, `/metrics`; remote
/// commands where users are named, see ``CommandDesk``.
///
/// `/health` says that the process lives, `/ready` that frames can be taken and stored: the
/// listeners are open, the store does not fail and is not stuck. Nothing of a vehicle is shown.
public struct StatusServer: Service {
  private let host: String
  private let port: Int
  private let gateway: GatewayServer
  private let others: @Sendable () async -> [ServiceMetric]
  private let desk: CommandDesk?
  private let logger: Logger
  private let onRunning: @Sendable (Int) async -> Void

  /// Creates a server.
  ///
  /// - Parameters:
  ///   - host: Address to listen on.
  ///   - port: Port; 0 lets the system choose.
  ///   - gateway: What it tells about.
  ///   - others: Metrics of other services.
  ///   - desk: Takes remote commands; nil for none.
  ///   - logger: For requests that fail.
  ///   - onRunning: Told the port once the server listens.
  public init(
    host: String, port: Int, gateway: GatewayServer,
    others: @escaping @Sendable () async -> [ServiceMetric] = { [] },
    desk: CommandDesk? = nil, logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.host = host
    self.port = port
    self.gateway = gateway
    self.others = others
    self.desk = desk
    self.logger = logger
    self.onRunning = onRunning
  }

  /// Serves until the service is told to shut down.
  ///
  /// - Throws: ``GatewayError/addressInUse(host:port:)`` or
  ///   ``GatewayError/cannotListen(host:port:reason:)``.
  public func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw GatewayError.addressInUse(host: host, port: port)
    } catch let error as IOError {
      throw GatewayError.cannotListen(host: host, port: port, reason: String(describing: error))
    }
  }

  private var application: some ApplicationProtocol {
    let (onRunning, port) = (onRunning, port)
    return Application(
      router: router(), server: .http1(configuration: .init(idleTimeout: .seconds(30))),
      configuration: .init(address: .hostname(host, port: port), serverName: "anodyne-gateway"),
      onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
      logger: logger)
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.get("/health") { _, _ in Self.plain(.ok, "ok\n") }
    router.get("/ready") { _, _ -> Response in
      if let problem = gateway.unreadiness {
        return Self.plain(.serviceUnavailable, problem + "\n")
      }
      return Self.plain(.ok, "ready\n")
    }
    router.get("/metrics") { _, _ -> Response in
      let text = gateway.metrics.prometheusText(with: await others())
      return Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(string: text)))
    }
    if let desk { CommandRoutes(desk: desk).add(to: router) }
    return router
  }

  private static func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
    Response(
      status: status,
      headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
