// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne serve`: gateway, store, analysis and pages in one process.

import ArgumentParser
import FleetServer
import Foundation
import Logging
import ReportPages
import ServiceLifecycle
import TelemetryGateway
import TelemetryStore

/// `anodyne serve`: gateway, store, analysis and pages in one process.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Receive vehicles, analyse them as they report, and show them ranked by risk.",
    discussion: """
      Example:
        anodyne serve --data fleet --http-port 8080 --gateway-port 32960
        anodyne fleet replay car2_processed.csv.zip --to 127.0.0.1:32960

      Reports are acknowledged once they are on the disk. Ctrl-C stops everything cleanly; the \
      next start goes on where this one ended. The pages have no accounts: listen on other \
      addresses than this machine's only behind a proxy that asks who is there.
      """)

  @Flag(help: "Let simulated vehicles, some with faults, connect and report.")
  var demo = false

  @Option(
    help: ArgumentHelp(
      "Folder of the store (default: anodyne-data, or anodyne-data/demo with --demo).",
      valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp("Port of the pages; 0 lets the system choose.", valueName: "port"))
  var httpPort = 8_080

  @Option(help: ArgumentHelp("Port of the gateway; 0 lets the system choose.", valueName: "port"))
  var gatewayPort = 32_960

  @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
  var host = "127.0.0.1"

  @Flag(help: "Print the addresses as one line of JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    for (name, port) in [("--http-port", httpPort), ("--gateway-port", gatewayPort)]
    where !(0...65_535).contains(port) {
      throw ValidationError("\(name) must be between 0 and 65535.")
    }
  }

  func run() async throws {
    try await RunningServices.reporting { try await serve() }
  }

  private func serve() async throws {
    let folder = URL(fileURLWithPath: data ?? (demo ? "anodyne-data/demo" : "anodyne-data"))
    var logger = Logger(label: "anodyne") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    let store = try TelemetryStore(folder: folder)
    let gateway: GatewayServer
    do {
      gateway = try await GatewayServer.bind(
        GatewaySettings(host: host, port: gatewayPort), store: store, logger: logger)
    } catch {
      try await store.close()
      throw error
    }
    let watch = FleetWatch(store: store, logger: logger)
    let server = FleetServer(
      settings: FleetSettings(
        host: host, port: httpPort, chartLibrary: PlotlyLibrary.locate(),
        connected: { gateway.registry.identities }, metrics: { gateway.metrics.metrics() }),
      store: store, watch: watch, logger: logger,
      onRunning: { port in announce(httpPort: port, gatewayPort: gateway.port, folder: folder) })
    var services: [any Service] = [ClosingService(store: store), watch, gateway, server]
    if demo {
      services.append(
        DemoFleetService(
          store: store, link: LinkSettings(host: host, port: gateway.port), folder: folder,
          tell: { if !quiet && !json { DemoText.print($0) } }))
    }
    try await RunningServices.run(services, shutdownWithin: .seconds(30), logger: logger)
  }

  private struct Addresses: Encodable {
    var url: String
    var gatewayPort: Int
    var data: String
  }

  private func announce(httpPort: Int, gatewayPort: Int, folder: URL) {
    let name = host.contains(":") ? "[\(host)]" : host
    let url = "http://\(name):\(httpPort)/"
    if json {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let line = try? encoder.encode(
        Addresses(url: url, gatewayPort: gatewayPort, data: folder.path))
      try? StandardOutput.write((line ?? Data()) + Data("\n".utf8))
    } else if !quiet {
      try? StandardOutput.write(
        """
        Fleet triage:  \(url)
        Gateway:       \(name):\(gatewayPort) (GB/T 32960.3-2016)
        Store:         \(folder.path)
        Stop with Ctrl-C; the next start goes on from the store.

        """)
    }
  }
}
