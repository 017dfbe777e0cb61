// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne modbus: storage systems that speak SunSpec over Modbus TCP.

import ArgumentParser
import Foundation
import FrameText
import TelemetryCodec
import TelemetrySources

/// What concerns Modbus devices.
struct ModbusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "modbus",
    abstract: "Read storage systems that speak SunSpec over Modbus TCP.",
    subcommands: [ModbusReadCommand.self, ModbusWatchCommand.self])
}

/// Where a device is.
struct ModbusArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("Address of the device.", valueName: "host[:port]"))
  var address: HostAddress

  @Option(help: "Number of the device behind the address.")
  var unit: UInt8 = 1

  @Option(help: ArgumentHelp("Longest wait for an answer.", valueName: "seconds"))
  var timeout = 3.0

  func validate() throws {
    guard timeout >= 0.01, timeout <= 600 else {
      throw ValidationError("--timeout must be from 0.01 to 600 seconds.")
    }
  }

  /// Connects and runs the body.
  func connected<Result>(
    _ body: (inout ModbusConnection) async throws -> Result
  ) async throws -> Result {
    return try await ModbusConnection.with(
      host: address.host, port: address.port ?? 502, unit: unit,
      timeout: .milliseconds(Int64(timeout * 1_000)), body)
  }

  /// Tells an error in one line.
  static func fail(_ error: SourceError) -> ExitCode {
    StandardError.write("anodyne: \(error)\n")
    if case .protocolViolation = error { return ExitStatus.badData.exitCode }
    return ExitStatus.unavailable.exitCode
  }
}

/// Reads a device once.
struct ModbusReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "List the SunSpec models of a device with the values of those that are known.",
    discussion: """
      Examples:
        anodyne modbus read 10.0.0.5
        anodyne modbus read bess.local:1502 --unit 3 --json

      Known are 802 (battery) and 803 (lithium-ion bank); others are listed with their place. Values \
      that the device does not have are left out.

      Exit codes: 0 done, 64 wrong usage, 65 the device speaks no SunSpec, 69 it cannot be reached.
      """)

  @OptionGroup var device: ModbusArguments

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    do {
      let models = try await device.connected { connection in
        var models: [(SunSpecDevice.Model, [SunSpecValue])] = []
        for model in try await SunSpecDevice(on: &connection).models {
          let isKnown = SunSpecModel.known.contains { $0.identifier == model.identifier }
          models.append(
            (model, isKnown ? try await SunSpecDevice.values(of: model, on: &connection) : []))
        }
        return models
      }
      print(json ? Self.document(models) : Self.text(models))
    } catch let error as SourceError {
      throw ModbusArguments.fail(error)
    }
  }

  private static func text(_ models: [(SunSpecDevice.Model, [SunSpecValue])]) -> String {
    var lines: [String] = []
    for (model, values) in models {
      let name = SunSpecModel.known.first { $0.identifier == model.identifier }?.name
      lines.append(
        "model \(model.identifier)\(name.map { " (\($0))" } ?? ""), "
          + "registers \(model.address)–\(model.address + model.count - 1)")
      for value in values {
        let group = value.group.map { " \($0)" } ?? ""
        lines.append("  \(value.name)\(group) = \(value.value) \(value.unit)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func document(_ models: [(SunSpecDevice.Model, [SunSpecValue])]) -> String {
    JSONNode.array(
      models.map { model, values in
        .object([
          .init("model", .integer(model.identifier)), .init("register", .integer(model.address)),
          .init("count", .integer(model.count)),
          .init(
            "values",
            .array(
              values.map { value in
                .object([
                  .init("name", .string(value.name)),
                  .init("group", value.group.map { .integer($0) } ?? .null),
                  .init("value", .number("\(value.value)")), .init("unit", .string(value.unit)),
                ])
              })),
        ])
      }
    ).text
  }
}

/// Reads a device again and again.
struct ModbusWatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Read a storage system at an interval, as JSON lines or into a table.",
    discussion: """
      Examples:
        anodyne modbus watch 10.0.0.5 --current-sign charge
        anodyne modbus watch 10.0.0.5 --current-sign discharge --every 5 --output telemetry

      SunSpec leaves it to the device whether charge or discharge is positive, so it must be said. \
      With --output DIR the rows go to DIR/NAME.csv, which anodyne analyze reads; with --store DIR \
      they become reports in a store, as those of vehicles, which anodyne serve shows. A device that does \
      not answer is tried again at the next interval.

      Exit codes: 0 done (--limit), 64 wrong usage, 65 the device speaks no SunSpec, 69 it cannot be \
      reached at the start, 73 or 74 output failed.
      """)

  @OptionGroup var device: ModbusArguments

  /// The two directions.
  enum Direction: String, ExpressibleByArgument, CaseIterable {
    case charge
    case discharge
  }

  @Option(help: "Direction that the device counts as positive.")
  var currentSign: Direction

  @Option(help: ArgumentHelp("Interval.", valueName: "seconds"))
  var every = 1.0

  @Option(help: ArgumentHelp("Folder for the table.", valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Folder of a store for reports; no other process may have it open.", valueName: "dir"))
  var store: String?

  @Option(help: "Name of the system; its address without.")
  var name: String?

  @Option(help: ArgumentHelp("End after this many readings.", valueName: "count"))
  var limit: Int?

  func validate() throws {
    guard every >= 0.01, every <= 86_400 else {
      throw ValidationError("--every must be from 0.01 to 86400 seconds.")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    if output != nil, store != nil {
      throw ValidationError("--output and --store exclude each other.")
    }
  }

  func run() async throws {
    var sink = try SourceOutput(folder: output, store: store, format: "sunspec")
    let asset = name ?? device.address.host
    var isFirst = true
    while sink.count < limit ?? .max {
      do {
        try await device.connected { connection in
          let models = try await SunSpecDevice(on: &connection).models.filter { model in
            SunSpecModel.known.contains { $0.identifier == model.identifier }
          }
          guard !models.isEmpty else {
            throw SourceError.protocolViolation("the device has neither model 802 nor 803")
          }
          var due = ContinuousClock.now
          while sink.count < limit ?? .max {
            let time = Date().timeIntervalSince1970
            var values: [SunSpecValue] = []
            for model in models {
              values += try await SunSpecDevice.values(of: model, on: &connection)
            }
            try await sink.write(
              SourceReading(
                asset: asset, time: time,
                values: SunSpecQuantities.quantities(
                  of: values, sign: currentSign == .charge ? .charge : .discharge)))
            isFirst = false
            // From interval to interval, so that slow answers do not add up.
            due += .seconds(every)
            if due > .now { try await Task.sleep(until: due) } else { due = .now }
          }
        }
      } catch let error as SourceError {
        if isFirst { throw ModbusArguments.fail(error) }
        StandardError.write("anodyne: \(error); again in \(every) s\n")
        try await Task.sleep(for: .seconds(every))
      }
    }
    try await sink.close()
    StandardError.write("anodyne: \(sink.summary)\n")
  }
}
