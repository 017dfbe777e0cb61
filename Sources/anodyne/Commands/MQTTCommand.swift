// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne mqtt listen: JSON messages of a broker as readings.

import ArgumentParser
import Foundation
import StructuredInput
import TelemetryCodec
import TelemetrySources

/// What concerns MQTT brokers.
struct MQTTCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mqtt", abstract: "Listen to storage systems and vehicles over MQTT.",
    subcommands: [MQTTListenCommand.self])
}

/// Listens to a broker.
struct MQTTListenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Turn the JSON messages of an MQTT broker into readings.",
    discussion: """
      Examples:
        anodyne mqtt listen mqtt://broker.local --map plant.yaml
        anodyne mqtt listen mqtts://reader@broker.example:8883 --map plant.yaml --output telemetry
        ANODYNE_MQTT_PASSWORD=… anodyne mqtt listen mqtts://reader@broker --map plant.yaml

      The map says which topics are listened to and where the values stand:

        messages:
          - topic: plant/+/rack/+/state
            asset: "{1}-{2}"
            time: {path: ts, unit: ms}
            values:
              pack_voltage: {path: dc.voltage, unit: V}
              current: {path: dc.current, unit: A, positive: charge}
              cell_voltage: {path: "cells[].u", unit: mV}

      With --output each asset gets a table, DIR/ASSET.csv, which anodyne analyze reads; a message \
      is acknowledged when its row is on the disk. With --store the readings become reports in a \
      store, as those of vehicles, durable before the message is acknowledged; anodyne serve shows \
      them. Without either, readings are JSON lines on the standard output. When the connection is lost the command comes back by itself, and the \
      broker sends what was missed (--clean turns that off).

      Exit codes: 0 done (--limit), 64 wrong usage, 65 the map is wrong or the broker breaks the \
      protocol, 66 a file cannot be read, 69 the broker refuses, 73 or 74 output failed.
      """)

  @Argument(
    help: ArgumentHelp(
      "mqtt://[user@]host[:1883], or mqtts://[user@]host[:8883] with TLS.", valueName: "url"))
  var url: String

  @Option(help: ArgumentHelp("YAML file with topics and values.", valueName: "file"))
  var map: String

  @Option(help: ArgumentHelp("Folder for one table an asset.", valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Folder of a store for reports; no other process may have it open.", valueName: "dir"))
  var store: String?

  @Option(
    help: ArgumentHelp("Name under which the broker keeps what was missed.", valueName: "name"))
  var client = "anodyne-\(ProcessInfo.processInfo.hostName)"

  @Option(
    help: ArgumentHelp("Authorities to trust, PEM; those of the system without.", valueName: "file")
  )
  var ca: String?

  @Option(help: ArgumentHelp("Own certificate, PEM.", valueName: "file"))
  var certificate: String?

  @Option(help: ArgumentHelp("Own private key, PEM.", valueName: "file"))
  var key: String?

  @Option(help: "5 or 3.1.1.")
  var mqttVersion = "5"

  @Option(help: "Delivery: 0 at most once, 1 at least once, 2 exactly once.")
  var qos: UInt8 = 1

  @Flag(help: "Let the broker forget what was missed.")
  var clean = false

  @Option(help: ArgumentHelp("End after this many readings.", valueName: "count"))
  var limit: Int?

  func validate() throws {
    _ = try settings()
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    if output != nil, store != nil {
      throw ValidationError("--output and --store exclude each other.")
    }
    if (certificate == nil) != (key == nil) {
      throw ValidationError("--certificate and --key go together.")
    }
  }

  private func settings() throws -> MQTTSettings {
    guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
      parts.scheme == "mqtt" || parts.scheme == "mqtts"
    else {
      throw ValidationError("'\(url)' is no address; write mqtt://host or mqtts://user@host:8883.")
    }
    if parts.password != nil {
      throw ValidationError(
        "a password in the address can be seen by everyone on this machine; "
          + "set ANODYNE_MQTT_PASSWORD instead.")
    }
    let isSecure = parts.scheme == "mqtts"
    if !isSecure, ca != nil || certificate != nil {
      throw ValidationError("certificates need an address that starts with mqtts://.")
    }
    guard qos <= 2 else { throw ValidationError("--qos must be 0, 1 or 2.") }
    var settings = MQTTSettings(
      host: host, port: parts.port ?? (isSecure ? 8_883 : 1_883),
      security: isSecure
        ? MQTTSettings.Security(authorities: ca, certificate: certificate, key: key) : nil,
      client: client, filters: [])
    switch mqttVersion {
    case "5": settings.version = .v5
    case "3.1.1": settings.version = .v311
    default: throw ValidationError("--mqtt-version must be 5 or 3.1.1.")
    }
    settings.user = parts.user
    settings.password = ProcessInfo.processInfo.environment["ANODYNE_MQTT_PASSWORD"].map {
      Array($0.utf8)
    }
    settings.quality = qos
    settings.isClean = clean
    return settings
  }

  private struct Enough: Error {}

  func run() async throws {
    let mapping = try readMapping()
    var settings = try settings()
    settings.filters = mapping.filters
    let target = "\(settings.host):\(settings.port)"
    var sink = try SourceOutput(folder: output, store: store, format: "mqtt")
    var refused: [String: Int] = [:]
    do {
      try await MQTTSubscriber(settings: settings).run { event in
        switch event {
        case .listening: StandardError.write("anodyne: listening to \(target)\n")
        case .lost(let error, let pause):
          StandardError.write("anodyne: \(error); again in \(pause)\n")
        }
      } receiver: { message in
        do {
          try await sink.write(
            try mapping.reading(of: message, received: Date().timeIntervalSince1970))
        } catch let fault as MessageMapping.Fault {
          // Each reason is told once; a stream of bad messages must not fill the log.
          let count = refused["\(fault)", default: 0] + 1
          refused["\(fault)"] = count
          if count == 1 { StandardError.write("anodyne: \(message.topic): \(fault)\n") }
        }
        if let limit, sink.count >= limit { throw Enough() }
      }
    } catch is Enough {
    } catch let error as SourceError {
      StandardError.write("anodyne: \(error)\n")
      if case .protocolViolation = error { throw ExitStatus.badData.exitCode }
      if case .badCredentials = error { throw ExitStatus.unreadableInput.exitCode }
      throw ExitStatus.unavailable.exitCode
    }
    try await sink.close()
    let bad = refused.values.reduce(0, +)
    StandardError.write(
      "anodyne: \(sink.summary)\(bad == 0 ? "" : "; \(bad) messages gave nothing")\n")
  }

  private func readMapping() throws -> MessageMapping {
    guard let data = FileManager.default.contents(atPath: map) else {
      StandardError.write("anodyne: \(map) cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do throws(InputFaults) {
      return try MessageMapping(String(decoding: data, as: UTF8.self), file: map)
    } catch {
      StandardError.write("\(error.description)\n")
      throw ExitStatus.badData.exitCode
    }
  }
}
