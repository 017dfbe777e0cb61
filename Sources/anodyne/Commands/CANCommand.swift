// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne can decode: the signals of a candump log.

import ArgumentParser
import BatteryFiles
import Foundation
import FrameText
import TelemetryCodec

/// What concerns CAN buses.
struct CANCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "can", abstract: "Decode CAN logs and interfaces with DBC files.",
    subcommands: [CANDecodeCommand.self, CANListenCommand.self])
}

/// Decodes a candump log.
struct CANDecodeCommand: ParsableCommand {
  /// The two forms of output.
  enum Format: String, ExpressibleByArgument {
    case csv
    case json
  }

  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Decode a candump log with a DBC file, to CSV or JSON.",
    discussion: """
      Examples:
        anodyne can decode --dbc pack.dbc candump-2026-03-14.log >signals.csv
        candump can0 | anodyne can decode --dbc pack.dbc --format json

      LOG may be of candump -l, (1700000000.123456) can0 123#1122, or what candump prints. CSV has \
      one row a signal: time_second, interface, identifier, message, signal, value, unit, label. \
      JSON has one object a frame with its signals, their words as labels. Multiplexed signals \
      appear where their switch selects them.

      Frames that the DBC file does not name, remote and error frames, and lines that are none \
      are counted on the standard error stream.

      Exit codes: 0 done, 64 wrong usage, 65 the DBC file is wrong or LOG holds no frame, 66 a \
      file cannot be read, 74 output failed.
      """)

  @Option(help: "DBC file with the messages of the bus.", completion: .file())
  var dbc: String

  @Option(help: "csv or json.")
  var format = Format.csv

  @Option(
    name: .customLong("signal"),
    help: ArgumentHelp(
      "Only signals of this name; may be given more than once.", valueName: "name"))
  var signals: [String] = []

  @Argument(help: "Log of candump; the standard input without it.", completion: .file())
  var log: String?

  func run() throws {
    let database = try Self.database(dbc)
    if let log { try Self.redirect(log) }
    var decoder = CANLineDecoder(database: database, only: Set(signals), isJSON: format == .json)
    var output = LineWriter()
    if format == .csv {
      try output.write(CANLineDecoder.header)
    }
    while let line = readLine() {
      for text in decoder.decode(line) { try output.write(text) }
    }
    try output.finish()
    StandardError.write("anodyne: \(decoder.summary)\n")
    if decoder.frameCount == 0 { throw ExitStatus.badData.exitCode }
  }

  /// Reads a DBC file.
  ///
  /// - Throws: `ExitCode` after one line that says what is wrong.
  static func database(_ path: String) throws -> DBCDatabase {
    guard let data = FileManager.default.contents(atPath: path) else {
      StandardError.write("anodyne: \(path) cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do throws(DBCError) {
      return try DBCDatabase(dbc: Array(data))
    } catch {
      StandardError.write("anodyne: \(path), \(error.message)\n")
      throw ExitStatus.badData.exitCode
    }
  }

  /// Lets the standard input be the file, so that both are read the same way.
  private static func redirect(_ path: String) throws {
    let file = open(path, O_RDONLY)
    guard file >= 0, dup2(file, STDIN_FILENO) >= 0 else {
      StandardError.write("anodyne: \(path) cannot be read\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    close(file)
  }
}

/// Turns lines of a log into lines of output.
struct CANLineDecoder {
  /// Names of the columns of CSV.
  static let header = "time_second,interface,identifier,message,signal,value,unit,label"

  private let index: DBCIndex
  private let only: Set<String>
  private let isJSON: Bool
  private(set) var frameCount = 0
  private var unknown: Set<UInt32> = []
  private var unknownCount = 0
  private var otherCount = 0
  private var badLineCount = 0

  init(database: DBCDatabase, only: Set<String>, isJSON: Bool) {
    index = DBCIndex(database)
    self.only = only
    self.isJSON = isJSON
  }

  var summary: String {
    "\(frameCount) frames; \(unknownCount) of \(unknown.count) identifiers that the DBC file does "
      + "not name, \(otherCount) remote or error frames, \(badLineCount) lines that are no frame"
  }

  mutating func decode(_ line: String) -> [String] {
    guard !line.allSatisfy(\.isWhitespace) else { return [] }
    guard let record = CandumpLog.record(Array(line.utf8)) else {
      badLineCount += 1
      return []
    }
    return decode(record)
  }

  mutating func decode(_ record: CANRecord) -> [String] {
    frameCount += 1
    let frame = record.frame
    guard !frame.isRemote, !frame.isError else {
      otherCount += 1
      return []
    }
    guard let message = index.message(of: frame) else {
      unknown.insert(frame.identifier)
      unknownCount += 1
      return []
    }
    let values = message.values(in: frame.data).filter {
      only.isEmpty || only.contains(message.signals[$0.place].name)
    }
    if values.isEmpty { return [] }
    return isJSON ? [json(record, message, values)] : csv(record, message, values)
  }

  private func identifier(_ frame: CANFrame) -> String {
    let digits = String(frame.identifier, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, (frame.isExtended ? 8 : 3) - digits.count)) + digits
  }

  /// Shortest text that reads back as the number; whole numbers without a point.
  private func text(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    return Int64(exactly: value).map(String.init) ?? "\(value)"
  }

  private func csv(
    _ record: CANRecord, _ message: DBCMessage, _ values: [SignalValue]
  ) -> [String] {
    let start = [
      record.seconds.map { String(format: "%.6f", $0) } ?? "", Self.quoted(record.interface),
      identifier(record.frame), message.name,
    ]
    return values.map { value in
      let signal = message.signals[value.place]
      let row =
        start + [
          signal.name, text(value.value) ?? "", Self.quoted(signal.unit),
          Self.quoted(signal.label(of: value.raw) ?? ""),
        ]
      return row.joined(separator: ",")
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { "\",\n\r".contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  private func json(
    _ record: CANRecord, _ message: DBCMessage, _ values: [SignalValue]
  ) -> String {
    var members: [JSONNode.Member] = []
    if let seconds = record.seconds {
      members.append(JSONNode.Member("time_second", .number(String(format: "%.6f", seconds))))
    }
    members.append(JSONNode.Member("interface", .string(record.interface)))
    members.append(JSONNode.Member("identifier", .string(identifier(record.frame))))
    members.append(JSONNode.Member("message", .string(message.name)))
    var signals: [JSONNode.Member] = []
    var labels: [JSONNode.Member] = []
    for value in values {
      let signal = message.signals[value.place]
      signals.append(
        JSONNode.Member(signal.name, text(value.value).map { .number($0) } ?? .null))
      if let label = signal.label(of: value.raw) {
        labels.append(JSONNode.Member(signal.name, .string(label)))
      }
    }
    members.append(JSONNode.Member("signals", .object(signals)))
    if !labels.isEmpty { members.append(JSONNode.Member("labels", .object(labels))) }
    return JSONNode.object(members).text
  }
}
