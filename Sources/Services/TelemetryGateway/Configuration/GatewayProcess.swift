// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A gateway with everything around it, wired as the configuration says.

import Foundation
public import Logging
public import ServiceLifecycle
public import TelemetryStore

/// A gateway with everything around it, wired as a configuration says: quarantine, seal, forwarders,
/// audit, health and metrics.
public struct GatewayProcess: Sendable {
  /// The server.
  public let gateway: GatewayServer
  /// Queries, settings and controls of connected vehicles.
  public let commands: RemoteCommands
  /// What has to run, in the order of starting; shut down in reverse.
  public let services: [any Service]
  private let configuration: GatewayConfiguration

  /// Listens; frames are taken once the services run.
  ///
  /// - Parameters:
  ///   - configuration: What to do.
  ///   - store: Where frames become durable; closing it is the caller's.
  ///   - logger: For everything.
  ///   - onStatus: Told the port of the status server once it listens.
  /// - Throws: ``GatewayError`` if an address or certificate cannot be used.
  public init(
    _ configuration: GatewayConfiguration, store: TelemetryStore, logger: Logger,
    onStatus: @escaping @Sendable (Int) async -> Void = { _ in }
  ) async throws(GatewayError) {
    self.configuration = configuration
    let folder = URL(fileURLWithPath: configuration.dataFolder)
    let quarantine = FileQuarantine(
      folder: folder, fileLimit: configuration.quarantine.fileBytes,
      fileCount: configuration.quarantine.files,
      recordsPerSecond: configuration.quarantine.recordsPerSecond, seal: configuration.seal)
    var sink: any FrameSink = store
    if let seal = configuration.seal { sink = SealingSink(store, seal: seal) }
    let server = try await GatewayServer.bind(
      configuration.settings, store: sink, quarantine: quarantine,
      names: IdentityNames(isPlain: configuration.log.showsIdentities, seal: configuration.seal),
      logger: logger)
    gateway = server
    let remote = RemoteCommands(
      gateway: server, policy: configuration.commands,
      audit: FileAuditLog(file: folder.appending(path: "audit.jsonl")),
      timeout: configuration.commandTimeout)
    commands = remote
    let forwarders = configuration.forwards.map {
      PlatformForwarder(
        $0, source: store, folder: folder, seal: configuration.seal, quarantine: quarantine,
        logger: logger)
    }
    // The first to start is the last to stop: forwarders end after the gateway.
    var all: [any Service] = forwarders
    all.append(server)
    if let status = configuration.status {
      all.append(
        StatusServer(
          host: status.host, port: status.port, gateway: server,
          others: {
            var list = await store.metrics()
            for forwarder in forwarders { list += forwarder.metrics() }
            return list
          },
          desk: configuration.commandUsers.isEmpty
            ? nil : CommandDesk(commands: remote, users: configuration.commandUsers),
          logger: logger, onRunning: onStatus))
    }
    services = all
  }

  /// Reads registry and certificates again; vehicles and platforms whose entry is gone or another one
  /// are closed.
  ///
  /// - Throws: `InputFaults` or ``GatewayError``; then everything stays as it was.
  public func reload() throws { try gateway.reload(try configuration.registry()) }
}
