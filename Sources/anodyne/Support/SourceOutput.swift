// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where live readings go: tables in a folder, or JSON lines.

import ArgumentParser
import BatteryDomain
import Foundation
import FrameText
import TelemetrySources

/// Where live readings go: tables in a folder, or JSON lines on the standard output.
struct SourceOutput {
  private var folder: ReadingFolder?
  private var lines = LineWriter()
  private(set) var count = 0

  /// Uses a folder; the standard output without one.
  ///
  /// - Throws: `ExitCode` 73 when the folder cannot be used.
  init(folder path: String?, format: String) throws {
    guard let path else { return }
    do {
      folder = try ReadingFolder(URL(fileURLWithPath: path, isDirectory: true), format: format)
    } catch {
      StandardError.write("anodyne: \(path) cannot be used: \(error.localizedDescription)\n")
      throw ExitStatus.cannotCreate.exitCode
    }
  }

  /// Writes a reading; in a folder it is durable afterwards.
  ///
  /// - Throws: `ExitCode` 74 when the output takes nothing.
  mutating func write(_ reading: SourceReading) throws {
    count += 1
    guard folder != nil else {
      try lines.write(Self.json(reading).text)
      try lines.finish()
      return
    }
    do {
      try folder?.write(reading)
    } catch {
      StandardError.write("anodyne: \(reading.asset): \(error.localizedDescription)\n")
      throw ExitStatus.ioError.exitCode
    }
  }

  /// What was written, in words.
  var summary: String {
    guard let folder else { return "\(count) readings" }
    let surplus =
      folder.surplus == 0
      ? "" : "; \(folder.surplus) values found no column, for their asset's first reading had none"
    return "\(folder.rowCount) rows in \(folder.fileCount) files\(surplus)"
  }

  private static func json(_ reading: SourceReading) -> JSONNode {
    var members = [
      JSONNode.Member("asset", .string(reading.asset)),
      JSONNode.Member("time_second", number(reading.time)),
    ]
    for key in reading.values.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      let values = reading.values[key] ?? []
      let shape = QuantityCatalogue.descriptor(of: key).shape
      members.append(
        JSONNode.Member(
          key.rawValue,
          shape == .scalar && values.count == 1
            ? number(values[0]) : .array(values.map(number))))
    }
    return .object(members)
  }

  private static func number(_ value: Double) -> JSONNode {
    value.isFinite ? .number("\(value)") : .null
  }
}
