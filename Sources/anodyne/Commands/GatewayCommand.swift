// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne gateway`: the gateway on its own, with everything that its file says.

import ArgumentParser
import Foundation
import FrameCryptography
import Logging
import PostgresStore
import ServiceLifecycle
import StructuredInput
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import UnixSignals

/// `anodyne gateway`: the gateway on its own.
struct GatewayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway",
    abstract: "Receive GB/T 32960 from vehicles and platforms, durably; forward it upstream.",
    subcommands: [
      GatewayServe.self, GatewayFrames.self, GatewayAudit.self, GatewayPassword.self,
      GatewayToken.self,
    ],
    defaultSubcommand: GatewayServe.self)
}

/// The configuration file.
struct GatewayFile: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Configuration in YAML or JSON; without it every vehicle of this machine may log in.",
      valueName: "file"))
  var config: String?

  /// Reads the file.
  ///
  /// - Throws: `ExitCode` after telling every fault.
  func read() throws -> GatewayConfiguration {
    guard let config else { return GatewayConfiguration() }
    guard let data = FileManager.default.contents(atPath: config) else {
      StandardError.write("anodyne: the file \(config) cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do {
      return try GatewayConfiguration(String(decoding: data, as: UTF8.self), file: config)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.badData.exitCode
    }
  }
}

/// `anodyne gateway serve`.
struct GatewayServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run the gateway.",
    discussion: """
      Example:
        anodyne gateway serve
        anodyne gateway serve --config Examples/gateway/secure.yaml

      A frame is acknowledged once it is on the disk. SIGHUP reads registry and certificates again, \
      SIGINT and SIGTERM end cleanly: what was received is stored and answered first.
      """)

  @OptionGroup var file: GatewayFile

  @Flag(help: "Print the configuration in force, without secrets, and end.")
  var printConfig = false

  @Flag(help: "Print the addresses as one line of JSON.")
  var json = false

  func run() async throws {
    let configuration = try file.read()
    if printConfig {
      try StandardOutput.write(configuration.yaml)
      return
    }
    try await RunningServices.reporting { try await serve(configuration) }
  }

  private func serve(_ configuration: GatewayConfiguration) async throws {
    let format = configuration.log.format
    var logger = Logger(label: "anodyne.gateway") { label -> any LogHandler in
      switch format {
      case .json: JSONLogHandler(label: label)
      case .text: StreamLogHandler.standardError(label: label)
      }
    }
    logger.logLevel = configuration.log.level
    let store = try TelemetryStore(at: configuration.location)
    let process: GatewayProcess
    do {
      process = try await GatewayProcess(configuration, store: store, logger: logger)
    } catch {
      try await store.close()
      throw error
    }
    announce(configuration, process.gateway)
    let reloads = ReloadService(process: process, logger: logger)
    let services: [any Service] = [ClosingService(store: store)] + process.services + [reloads]
    try await RunningServices.run(services, shutdownWithin: .seconds(60), logger: logger)
  }

  private struct Addresses: Encodable {
    var port: Int
    var tlsPort: Int?
    var data: String
  }

  private func announce(_ configuration: GatewayConfiguration, _ gateway: GatewayServer) {
    let host = configuration.settings.host
    if json {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let line = try? encoder.encode(
        Addresses(
          port: gateway.port, tlsPort: gateway.tlsPort, data: configuration.location.place))
      try? StandardOutput.write((line ?? Data()) + Data("\n".utf8))
      return
    }
    var text = ""
    if gateway.port != 0 { text += "Gateway:  \(host):\(gateway.port) (TCP)\n" }
    if let port = gateway.tlsPort { text += "Gateway:  \(host):\(port) (TLS)\n" }
    if let status = configuration.status, status.port != 0 {
      text += "Status:   http://\(status.host):\(status.port)/metrics\n"
    }
    text += "Store:    \(configuration.location.place)\n"
    for forward in configuration.forwards { text += "Forward:  \(forward)\n" }
    try? StandardOutput.write(text)
  }
}

/// Reads registry and certificates again on SIGHUP.
private struct ReloadService: Service {
  let process: GatewayProcess
  let logger: Logger

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      do {
        try process.reload()
        logger.notice("registry and certificates read again")
      } catch {
        logger.error(
          "nothing reloaded; everything stays as it was", metadata: ["reason": "\(error)"])
      }
    }
  }
}

/// `anodyne gateway frames`.
struct GatewayFrames: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frames",
    abstract: "Print stored frames as hexadecimal digits, opened where they are sealed.",
    discussion: """
      Example:
        anodyne gateway frames --config gateway.yaml --vin LTEST000000000001 | anodyne frame decode
      """)

  @OptionGroup var file: GatewayFile

  @Option(help: ArgumentHelp("Only this vehicle's.", valueName: "vin"))
  var vin: String?

  func run() async throws {
    let configuration = try file.read()
    let store = try TelemetryStore(at: configuration.location)
    var identities = try await store.vehicles().map(\.identity)
    if let vin {
      let names = [vin, configuration.seal?.pseudonym(of: vin)].compactMap { $0 }
      identities = identities.filter { names.contains($0) }
    }
    var unopened = 0
    for identity in identities {
      var last: Int64 = 0
      while true {
        let frames = try await store.frames(of: identity, after: last, limit: 1_000)
        guard let newest = frames.last else { break }
        var text = ""
        for frame in frames {
          var bytes = frame.bytes
          if FrameSeal.isSealed(bytes) {
            guard let opened = try configuration.seal?.open(bytes)?.encoded() else {
              unopened += 1
              continue
            }
            bytes = opened
          }
          text += Digest.hexadecimal(bytes) + "\n"
        }
        try StandardOutput.write(text)
        last = newest.id
      }
    }
    try await store.close()
    if unopened > 0 {
      StandardError.write(
        "anodyne: \(unopened) sealed frames cannot be opened: name the configuration with their key\n"
      )
      throw ExitStatus.badData.exitCode
    }
  }
}

/// `anodyne gateway audit`.
struct GatewayAudit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Check the chain of the audit log and print its records.")

  @OptionGroup var file: GatewayFile

  func run() throws {
    let configuration = try file.read()
    let path = URL(fileURLWithPath: configuration.dataFolder).appending(path: "audit.jsonl")
    guard FileManager.default.fileExists(atPath: path.path) else {
      StandardError.write("anodyne: there is no audit log at \(path.path)\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    let check = try FileAuditLog.verify(path)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for record in check.records {
      try StandardOutput.write(try encoder.encode(record) + Data("\n".utf8))
    }
    if check.tornBytes > 0 {
      StandardError.write(
        "anodyne: \(path.path): the last line was cut off while it was written "
          + "(\(check.tornBytes) bytes); unless a record before it requests\nthe same command, that was not sent\n"
      )
    }
    if let broken = check.broken {
      StandardError.write("anodyne: \(path.path):\(broken): the chain is broken here\n")
      throw ExitStatus.badData.exitCode
    }
  }
}

/// `anodyne gateway hash-password`.
struct GatewayPassword: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash-password",
    abstract: "Read a platform's password from standard input; print its hash for the registry.")

  func run() throws {
    guard let password = readLine(strippingNewline: true), !password.isEmpty else {
      StandardError.write("anodyne: write the password on standard input\n")
      throw ExitStatus.badData.exitCode
    }
    guard password.utf8.count <= PlatformLogin.passwordLength else {
      StandardError.write("anodyne: a password has at most 20 characters\n")
      throw ExitStatus.badData.exitCode
    }
    try StandardOutput.write(PasswordHash(of: password).written + "\n")
  }
}

/// `anodyne gateway new-token`.
struct GatewayToken: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-token",
    abstract: "Make a token for remote commands; print it, and its hash for the configuration.")

  func run() throws {
    let token = CommandUser.token()
    try StandardOutput.write("token: \(token)\ntoken_sha256: \(CommandUser.hash(of: token))\n")
  }
}

extension GatewayConfiguration {
  /// Where the frames are kept.
  fileprivate var location: StoreLocation { StoreLocation(store ?? dataFolder) }
}
