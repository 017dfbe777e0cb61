// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A temporary store and made-up frames for the tests of the store.

import Foundation
import PostgresStore
import TelemetryCodec
import TelemetryStore
import TestSupport
import Testing

/// A folder that is removed when the value goes away.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appending(path: "anodyne-\(UUID().uuidString)")
  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }
}

/// A made-up frame: a 24-byte header, the unit and a check byte.
func frame(
  _ identity: String = "VIN00000000000001", at time: Int64, unit: [UInt8] = [1, 2, 3],
  command: UInt8 = 2
) -> NewFrame {
  let bytes = [UInt8](repeating: 0x23, count: 24) + unit + [0]
  return NewFrame(
    identity: identity, collectionTime: time, receiveTime: Double(time) + 0.5, command: command,
    bytes: bytes, unit: 24..<(24 + unit.count))
}

/// A report as a vehicle with a few cells and probes sends it.
func report(
  _ identity: String = "VIN00000000000001", at time: Int64,
  cells: [Double] = [3.7, 3.71, 3.72, 3.73],
  current: Double = 10, probes: [Double] = [298.15, 299.15, 300.15, 301.15],
  command: Command = .realTimeReport, edition: Edition = .edition2016
) throws -> NewFrame {
  var vehicle = VehicleData(edition: edition)
  let is2016 = edition == .edition2016
  vehicle.current = try WireValue(is2016 ? .packCurrent2016 : .packCurrent2025, current)
  vehicle.voltage = WireValue(
    is2016 ? .packVoltage2016 : .packVoltage2025, orInvalid: cells.reduce(0, +))
  var group = CellVoltageGroup(
    voltage: cells.reduce(0, +), current: current, total: cells.count, cellVoltages: cells)
  if !is2016 {
    group = CellVoltageGroup(
      number: 1, voltage: vehicle.voltage, current: vehicle.current, window: nil,
      cells: group.cells)
  }
  guard let wire = WireTime(unixSeconds: time), let vin = UniqueIdentifier(identity) else {
    throw CocoaError(.coderInvalidValue)
  }
  let unit = DataUnit.report(
    Report(
      time: wire,
      items: [
        .vehicle(vehicle), .cellVoltages(Counted([group])),
        .temperatures(Counted([TemperatureGroup(temperatures: probes)])),
      ]))
  let bytes = try Frame(
    edition: edition, command: command, identifier: vin, unit: try unit.encoded(for: edition)
  ).encoded()
  return NewFrame(
    identity: identity, collectionTime: time, receiveTime: Double(time) + 0.25,
    command: command.rawValue, bytes: bytes, unit: 24..<bytes.count - 1)
}

/// Ways to keep frames that must all behave alike.
enum EngineKind: String, CaseIterable, Sendable {
  /// Frames stay in the log.
  case log
  /// The log is sealed into blocks of sixteen rows after every step of a test.
  case blocks
  /// Frames stay in the log table of a PostgreSQL server.
  case postgres
  /// The log table is sealed into blocks of sixteen rows after every step of a test.
  case postgresBlocks

  /// Without a PostgreSQL server on the machine the embedded engine alone; a test of
  /// `PostgresStoreTests` says so.
  static let allCases: [EngineKind] =
    [.log, .blocks]
    + (PostgresCluster.programs == nil ? [] : [.postgres, .postgresBlocks])

  var isSealed: Bool { self == .blocks || self == .postgresBlocks }

  var settings: StoreSettings {
    isSealed
      ? StoreSettings(segmentBytes: 4_096, segmentsPerSeal: 1, rowsPerBlock: 16) : StoreSettings()
  }

  /// Opens the store that belongs to a folder; in PostgreSQL a schema named after it.
  func open(_ folder: TemporaryFolder, _ change: (inout StoreSettings) -> Void = { _ in })
    throws -> TelemetryStore
  {
    var settings = settings
    change(&settings)
    switch self {
    case .log, .blocks:
      return try TelemetryStore(folder: folder.url, settings: settings)
    case .postgres, .postgresBlocks:
      let cluster = try #require(PostgresCluster.shared)
      settings.readerCount = 1
      return TelemetryStore(
        engine: try PostgresEngine(
          cluster.address(), schema: folder.url.lastPathComponent, settings: settings),
        settings: settings)
    }
  }

  /// Seals everything, where that is what the kind is about.
  func settle(_ store: TelemetryStore) async throws {
    if isSealed { _ = try await store.compact() }
  }
}
