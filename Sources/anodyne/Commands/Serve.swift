// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne serve`: gateway, store, analysis and pages in one process.

import ArgumentParser
import FleetServer
import Foundation
import FrameCryptography
import Logging
import PostgresStore
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

      --sealing keeps VINs as pseudonyms and positions as ciphertext on the disk; pages and alarms \
      then name the pseudonyms.

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

  @Option(
    help: ArgumentHelp(
      "Gateway configuration with the key that seals what is stored (sealing.key).",
      valueName: "file"))
  var sealing: String?

  @Option(
    help: ArgumentHelp(
      "Keep frames in a database instead: postgres://user@host/database; the password comes from "
        + "PGPASSFILE or PGPASSWORD.", valueName: "address"))
  var store: String?

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
    let seal = try readSeal()
    let location = StoreLocation(self.store ?? folder.path)
    let store = try TelemetryStore(at: location)
    if seal == nil, try await isSealed(store) {
      try await store.close()
      StandardError.write(
        "anodyne: the frames in \(location.place) are sealed: name the gateway configuration with "
          + "their key, --sealing FILE\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    let sink: any FrameSink = seal.map { SealingSink(store, seal: $0) } ?? store
    let gateway: GatewayServer
    do {
      gateway = try await GatewayServer.bind(
        GatewaySettings(host: host, port: gatewayPort), store: sink,
        names: IdentityNames(isPlain: seal == nil, seal: seal), logger: logger)
    } catch {
      try await store.close()
      throw error
    }
    var watching = WatchSettings()
    if let seal { watching.open = { seal.opened($0) } }
    let watch = FleetWatch(
      store: store, settings: watching, alarms: AlarmBook(store: store), logger: logger)
    let server = FleetServer(
      settings: FleetSettings(
        host: host, port: httpPort, chartLibrary: PlotlyLibrary.locate(),
        connected: {
          // In a sealed store vehicles go by their pseudonyms, here as well.
          let names = gateway.registry.identities
          return seal.map { seal in Set(names.map { seal.pseudonym(of: $0) }) } ?? names
        }, metrics: { gateway.metrics.metrics() }),
      store: store, watch: watch, logger: logger,
      onRunning: { port in
        announce(httpPort: port, gatewayPort: gateway.port, place: location.place)
      })
    var services: [any Service] = [ClosingService(store: store), watch, gateway, server]
    if demo {
      services.append(
        DemoFleetService(
          store: store, link: LinkSettings(host: host, port: gateway.port), folder: folder,
          tell: { if !quiet && !json { DemoText.print($0) } }))
    }
    try await RunningServices.run(services, shutdownWithin: .seconds(30), logger: logger)
  }

  /// The seal of the configuration that --sealing names.
  private func readSeal() throws -> FrameSeal? {
    guard let sealing else { return nil }
    guard let data = FileManager.default.contents(atPath: sealing) else {
      StandardError.write("anodyne: the file \(sealing) cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do {
      let seal = try GatewayConfiguration(
        String(decoding: data, as: UTF8.self), file: sealing
      ).seal
      if let seal { return seal }
      StandardError.write("anodyne: \(sealing) states no sealing.key\n")
    } catch {
      StandardError.write("anodyne: \(error)\n")
    }
    throw ExitStatus.badData.exitCode
  }

  /// Whether the store holds sealed frames: the oldest of a few vehicles tell.
  private func isSealed(_ store: TelemetryStore) async throws -> Bool {
    for vehicle in try await store.vehicles().prefix(8) {
      let frames = try await store.frames(of: vehicle.identity, after: 0, limit: 1)
      if frames.contains(where: { FrameSeal.isSealed($0.bytes) }) { return true }
    }
    return false
  }

  private struct Addresses: Encodable {
    var url: String
    var gatewayPort: Int
    var data: String
  }

  private func announce(httpPort: Int, gatewayPort: Int, place: String) {
    let name = host.contains(":") ? "[\(host)]" : host
    let url = "http://\(name):\(httpPort)/"
    if json {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let line = try? encoder.encode(
        Addresses(url: url, gatewayPort: gatewayPort, data: place))
      try? StandardOutput.write((line ?? Data()) + Data("\n".utf8))
    } else if !quiet {
      try? StandardOutput.write(
        """
        Fleet triage:  \(url)
        Gateway:       \(name):\(gatewayPort) (GB/T 32960.3-2016)
        Store:         \(place)
        Stop with Ctrl-C; the next start goes on from the store.

        """)
    }
  }
}
