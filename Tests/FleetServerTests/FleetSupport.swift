// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A store with made-up vehicles for the tests of the fleet server.

import BatteryDomain
import FleetAnalytics
import FleetServer
import Foundation
import Logging
import TelemetryCodec
import TelemetryGateway
import TelemetryStore

/// A folder that is removed when the value goes away.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appending(path: "anodyne-\(UUID().uuidString)")
  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }
}

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
/// 2019-04-15T09:42:30Z.
let start = 1_555_321_350.0

/// A made-up vehicle: rests and drives by turns; cells differ by fixed offsets and, if asked, one
/// cell sinks.
struct MadeUpVehicle {
  var vin: String
  var cells = 12
  var days = 12
  var rowsPerDay = 60
  /// Cell that sinks, counted from 1, and by how much a day after the first third, in volts.
  var sinking: (cell: Int, rate: Double)?
  var alarmLevel = 0

  func batch() -> RecordBatch {
    var columns = [
      ColumnSchema(quantity: .time, sourceName: "time"),
      ColumnSchema(quantity: .current, sourceName: "current"),
      ColumnSchema(quantity: .packVoltage, sourceName: "voltage"),
      ColumnSchema(quantity: .stateOfCharge, sourceName: "soc"),
      ColumnSchema(quantity: .vehicleSpeed, sourceName: "speed"),
      ColumnSchema(quantity: .alarmLevel, sourceName: "alarm"),
    ]
    columns += (0..<cells).map {
      ColumnSchema(quantity: .cellVoltage, element: $0, sourceName: "V_\($0 + 1)")
    }
    columns += (0..<4).map {
      ColumnSchema(quantity: .probeTemperature, element: $0, sourceName: "T_\($0 + 1)")
    }
    var values: [[Double]] = Array(repeating: [], count: columns.count)
    for day in 0..<days {
      for step in 0..<rowsPerDay {
        let time: Double = start + Double(day * 86_400 + step * 30)
        let isDriving = step / 15 % 2 == 1
        let current: Double = isDriving ? Double(40 + step % 5) : 0.4
        let charge: Double = 0.9 - 0.5 * Double(step) / Double(rowsPerDay)
        let ocv: Double = 3.5 + 0.6 * charge
        var row = [time, current, 0, charge, isDriving ? 12 : 0, Double(alarmLevel)]
        var sum = 0.0
        for cell in 0..<cells {
          var voltage: Double = ocv - 0.001 * current
          voltage += 0.001 * Double(cell % 5)
          if let sinking, sinking.cell == cell + 1 {
            let age: Double = Double(day) + Double(step) / Double(rowsPerDay)
            let since: Double = age - Double(days) / 3
            voltage -= max(0, since) * sinking.rate
          }
          let noise = (day * 31 + step * 17 + cell * 13) % 3 - 1
          voltage += 0.0005 * Double(noise)
          row.append(voltage)
          sum += voltage
        }
        row[2] = sum
        for probe in 0..<4 { row.append(298.15 + Double((step / 30 + probe) % 3)) }
        for column in columns.indices { values[column].append(row[column]) }
      }
    }
    return RecordBatch(
      schema: TableSchema(
        format: "made-up", sourceIdentity: vin, columns: columns, timeReference: .unixEpoch),
      firstRow: 0, columns: values)
  }

  /// The vehicle's rows as frames ready for the store.
  func frames() throws -> [NewFrame] {
    guard let identifier = UniqueIdentifier(vin) else { throw CocoaError(.coderInvalidValue) }
    let batch = batch()
    let writer = try ReportWriter(schema: batch.schema, identifier: identifier)
    return try (0..<batch.rowCount).map { row in
      let frame = try writer.frame(of: batch, row: row)
      let bytes = try frame.encoded()
      let time = frame.time?.unixSeconds ?? 0
      return NewFrame(
        identity: vin, collectionTime: time, receiveTime: Double(time), command: 2, bytes: bytes,
        unit: Frame.headerByteCount..<(bytes.count - 1))
    }
  }
}

/// A fleet of three: one clear, one with a sinking cell, one with a hostile name.
let hostileName = "<b onclick=x()>&\""
func fleet() -> [MadeUpVehicle] {
  [
    MadeUpVehicle(vin: "CLEAR000000000001"),
    MadeUpVehicle(vin: "SINKS000000000002", sinking: (cell: 7, rate: 0.012)),
    MadeUpVehicle(vin: hostileName, days: 2, alarmLevel: 2),
  ]
}

/// Opens a store, fills it with the fleet and lets a watch take it in.
func filledStore(_ folder: URL) async throws -> (TelemetryStore, FleetWatch) {
  let store = try TelemetryStore(folder: folder)
  for vehicle in fleet() { _ = try await store.append(try vehicle.frames()) }
  let watch = FleetWatch(store: store, logger: quiet)
  try await watch.drain()
  return (store, watch)
}

/// The parts in which two assessments differ; short where `==` would print megabytes.
func differences(_ lhs: VehicleAssessment, _ rhs: VehicleAssessment) -> [String] {
  let encoder = JSONEncoder()
  // What cleaning counts is summed up over restarts and has no place in a finding.
  var (lhs, rhs) = (lhs, rhs)
  lhs.cleaning = rhs.cleaning
  func parts(_ value: VehicleAssessment) -> [String: Any] {
    guard let data = try? encoder.encode(value) else { return [:] }
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
  }
  let (left, right) = (parts(lhs) as NSDictionary, parts(rhs) as NSDictionary)
  let keys = Set((left.allKeys + right.allKeys).compactMap { $0 as? String })
  return keys.filter { key in
    guard let one = left[key] as? NSObject, let other = right[key] as? NSObject else { return true }
    return !one.isEqual(other)
  }.sorted()
}
