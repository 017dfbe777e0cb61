// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where live readings go: the store, tables in a folder, or JSON lines.

import ArgumentParser
import BatteryDomain
import Foundation
import FrameText
import PostgresStore
import TelemetryGateway
import TelemetrySources
import TelemetryStore

/// Where live readings go: the store, tables in a folder, or JSON lines on the standard output.
struct SourceOutput {
  private var folder: ReadingFolder?
  private var store: TelemetryStore?
  private var ingest: TableIngest?
  private let format: String
  private var refused: [String: Int] = [:]
  private var lines = LineWriter()
  private(set) var count = 0

  /// Uses a store or a folder; the standard output without either.
  ///
  /// - Throws: `ExitCode` 69 when another process has the store, 73 when it or the folder cannot be
  ///   used.
  init(folder path: String?, store storePath: String? = nil, format: String) throws {
    self.format = format
    if let storePath {
      do {
        let opened = try TelemetryStore(at: StoreLocation(storePath))
        store = opened
        ingest = TableIngest(opened, source: format)
      } catch {
        StandardError.write("anodyne: \(error)\n")
        switch error {
        case .inUse, .server: throw ExitStatus.unavailable.exitCode
        default: throw ExitStatus.cannotCreate.exitCode
        }
      }
      return
    }
    guard let path else { return }
    do {
      folder = try ReadingFolder(URL(fileURLWithPath: path, isDirectory: true), format: format)
    } catch {
      StandardError.write("anodyne: \(path) cannot be used: \(error.localizedDescription)\n")
      throw ExitStatus.cannotCreate.exitCode
    }
  }

  /// Writes a reading; in a store or a folder it is durable afterwards.
  ///
  /// - Throws: `ExitCode` 74 when the output takes nothing.
  mutating func write(_ reading: SourceReading) async throws {
    count += 1
    if ingest != nil {
      try await keep(reading)
      return
    }
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

  private mutating func keep(_ reading: SourceReading) async throws {
    var table = ReadingTable(template: reading, format: format)
    table.add(reading)
    guard let batch = table.take() else { return }
    do {
      try await ingest?.write(
        batch, of: reading.asset, received: Date().timeIntervalSince1970)
    } catch let error as GatewayError {
      // Each reason is told once: a source of such readings must not fill the log.
      refused["\(reading.asset): \(error)", default: 0] += 1
      if refused["\(reading.asset): \(error)"] == 1 {
        StandardError.write("anodyne: \(reading.asset): \(error)\n")
      }
    } catch {
      StandardError.write("anodyne: \(reading.asset): \(error)\n")
      throw ExitStatus.ioError.exitCode
    }
  }

  /// Closes the store, if there is one.
  func close() async throws { try await store?.close() }

  /// What was written, in words.
  var summary: String {
    if let ingest {
      let left = refused.values.reduce(0, +)
      let names = ingest.dropped.map(\.rawValue).sorted().joined(separator: ", ")
      return "\(ingest.storedCount) reports stored, \(ingest.duplicateCount) were there already"
        + (left == 0 ? "" : "; \(left) readings are no report")
        + (names.isEmpty ? "" : "; a report does not carry \(names)")
    }
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
