// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne can listen: the frames of a CAN interface, live.

import ArgumentParser
import Foundation
import TelemetryCodec
import TelemetrySources

/// Listens to a CAN interface.
struct CANListenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Decode a CAN interface as it speaks (Linux).",
    discussion: """
      Examples:
        anodyne can listen can0 >bus.log
        anodyne can listen can0 --dbc pack.dbc --format json

      Without --dbc frames are printed as candump -l logs them; anodyne can decode reads that. With \
      it the output is that of anodyne can decode. The interface must be up: \
      ip link set can0 up type can bitrate 500000.

      Exit codes: 0 done (--limit), 64 wrong usage, 65 the DBC file is wrong, 66 it cannot be read, \
      69 the interface cannot be opened, 74 output failed.
      """)

  @Argument(help: ArgumentHelp("Name of the interface.", valueName: "interface"))
  var interface: String

  @Option(help: "DBC file with the messages of the bus.", completion: .file())
  var dbc: String?

  @Option(help: "csv or json; with --dbc.")
  var format = CANDecodeCommand.Format.csv

  @Option(
    name: .customLong("signal"),
    help: ArgumentHelp(
      "Only signals of this name; may be given more than once.", valueName: "name"))
  var signals: [String] = []

  @Option(help: ArgumentHelp("End after this many frames.", valueName: "count"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    if dbc == nil, !signals.isEmpty { throw ValidationError("--signal needs --dbc.") }
  }

  func run() async throws {
    #if os(Linux)
      var decoder = try dbc.map { path in
        CANLineDecoder(
          database: try CANDecodeCommand.database(path), only: Set(signals),
          isJSON: format == .json)
      }
      var output = LineWriter()
      if decoder != nil, format == .csv { try output.write(CANLineDecoder.header) }
      do {
        let bus = try await SocketCANBus(interface: interface)
        var count = 0
        for try await record in bus.records() {
          let lines = decoder?.decode(record) ?? [CandumpLog.line(record)]
          for line in lines { try output.write(line) }
          try output.finish()
          count += 1
          if let limit, count >= limit { break }
        }
        await bus.close()
      } catch let error as SourceError {
        StandardError.write("anodyne: \(error)\n")
        throw ExitStatus.unavailable.exitCode
      }
      if let decoder { StandardError.write("anodyne: \(decoder.summary)\n") }
    #else
      StandardError.write(
        "anodyne: live CAN needs Linux; here, pipe a log into anodyne can decode\n")
      throw ExitStatus.unavailable.exitCode
    #endif
  }
}
