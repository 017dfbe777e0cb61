// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The HTTP server: two pages, their interface, health and metrics.

import Foundation
package import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
public import TelemetryStore

/// The HTTP server: the triage page, the vehicle page, the JSON interface behind them, health and
/// metrics.
public struct FleetServer: Service {
  private let settings: FleetSettings
  private let routes: FleetRoutes
  private let logger: Logger
  private let onRunning: @Sendable (Int) async -> Void

  /// Creates a server.
  ///
  /// - Parameters:
  ///   - settings: Address and what the pages need.
  ///   - store: For zoomed series and health.
  ///   - watch: For assessments.
  ///   - logger: For requests that fail.
  ///   - onRunning: Told the port once the server listens.
  public init(
    settings: FleetSettings, store: TelemetryStore, watch: FleetWatch, logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.settings = settings
    self.logger = logger
    self.onRunning = onRunning
    routes = FleetRoutes(settings: settings, store: store, watch: watch)
  }

  /// Serves until the service is told to shut down.
  ///
  /// - Throws: ``FleetError`` if the address cannot be listened on.
  public func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw FleetError.addressInUse(host: settings.host, port: settings.port)
    } catch let error as IOError {
      throw FleetError.cannotListen(
        host: settings.host, port: settings.port, reason: String(describing: error))
    }
  }

  /// How long a connection may stand without a word before it is closed; the pages ask more often.
  private static let idleTimeout = TimeAmount.seconds(60)

  /// The application, for tests that ask it without a socket.
  package var application: some ApplicationProtocol {
    let onRunning = onRunning
    let port = settings.port
    return Application(
      router: routes.router(),
      server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
      configuration: .init(
        address: .hostname(settings.host, port: settings.port), serverName: "anodyne"),
      onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
      logger: logger)
  }
}
