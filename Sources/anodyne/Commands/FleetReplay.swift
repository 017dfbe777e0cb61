// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne fleet replay`: sends a recorded vehicle table as GB/T 32960 reports.

import ArgumentParser
import BatteryDomain
import BatteryFiles
import Foundation
import TelemetryGateway

/// `anodyne fleet replay`: sends a recorded vehicle table as GB/T 32960 reports.
struct FleetReplay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Send a recorded vehicle table to a gateway as GB/T 32960-2016 reports.",
    discussion: """
      Example:
        anodyne fleet replay car2_processed.csv.zip --to 127.0.0.1:32960

      Rows go out as fast as the gateway acknowledges them. When the connection is lost, the \
      replay comes back and goes on behind the last acknowledged row. Exit code 0 means that every \
      row was acknowledged; 69 that the gateway cannot be reached, 74 that it refused rows.
      """)

  @Argument(
    help: ArgumentHelp("Vehicle table, also inside .gz, .xz, .zst or .zip.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("Address of the gateway.", valueName: "host:port"))
  var to: HostAddress

  @Option(
    help: ArgumentHelp("Send under this VIN instead of the name of the file.", valueName: "vin"))
  var vin: String?

  @Option(help: ArgumentHelp("Keep this many times the recorded pace.", valueName: "factor"))
  var speed: Double?

  @Option(help: ArgumentHelp("Send at most this many rows.", valueName: "rows"))
  var limit: Int?

  @Flag(help: "Print the summary as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup var reading: ReadArguments

  func validate() throws {
    _ = try to.withPort("--to")
    if let speed, !(speed > 0 && speed.isFinite) {
      throw ValidationError("--speed must be a positive number.")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be a positive number of rows.") }
  }

  func run() async throws {
    do {
      try await replay()
    } catch let error as FileError {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    } catch let error as GatewayError {
      StandardError.write("anodyne: \(error)\n")
      if case .cannotEncode = error { throw ExitStatus.badData.exitCode }
      throw ExitStatus.unavailable.exitCode
    }
  }

  private func replay() async throws {
    let (host, port) = try to.withPort("--to")
    let source = try DataFile.open(file, options: try reading.options())
    guard source.kind == .vehicle, let table = source.tables.first else {
      throw FileError.unrecognised(
        file: file, hint: "\(source.formatTitle) is no vehicle table and cannot be replayed")
    }
    let identity = vin ?? String(table.schema.sourceIdentity.prefix(17))
    var replay = try TableReplay(
      reader: table, identity: identity, settings: LinkSettings(host: host, port: port),
      speed: speed, limit: limit)
    var bar = ProgressBar(title: identity, quiet: quiet || json)
    let start = ContinuousClock.now
    let summary = try await replay.run { share, _ in bar.update(share) }
    bar.finish()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    try report(summary, identity: identity, seconds: seconds)
    if !summary.link.isComplete { throw ExitStatus.ioError.exitCode }
  }

  private struct Report: Encodable {
    var file: String
    var vin: String
    var rows: Int
    var skipped: Int
    var sent: Int
    var acknowledged: Int
    var refused: Int
    var connections: Int
    var seconds: Double
    var rowsPerSecond: Double
  }

  private func report(
    _ summary: TableReplay.Summary, identity: String, seconds: Double
  ) throws {
    let link = summary.link
    let report = Report(
      file: file, vin: identity, rows: summary.rows, skipped: summary.skipped, sent: link.sent,
      acknowledged: link.acknowledged, refused: link.refused, connections: link.connections,
      seconds: seconds, rowsPerSecond: seconds > 0 ? Double(link.acknowledged) / seconds : 0)
    if json {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try StandardOutput.write(try encoder.encode(report) + Data("\n".utf8))
    } else if !quiet {
      let rate = Int(report.rowsPerSecond.rounded())
      try StandardOutput.write(
        "\(identity): \(link.acknowledged) of \(link.sent) reports acknowledged, "
          + "\(link.refused) refused, \(summary.skipped) rows without a time, "
          + "\(rate) reports a second, \(link.connections) connection(s)\n")
    }
  }
}
