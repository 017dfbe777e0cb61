// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames that follow from a seed, a vehicle and a number, so that any process can check them.

import Foundation
import NumericalMethods
import TelemetryCodec
import TelemetryStore

/// Frames that follow from a seed, a vehicle and a number, so that any process can check them.
struct Load {
  let seed: UInt64
  static let vehicles = 12
  static let start: Int64 = 1_700_000_000

  static func identity(_ vehicle: Int) -> String {
    let digits = String(vehicle)
    return "LOAD" + String(repeating: "0", count: 13 - digits.count) + digits
  }

  /// Frame `number` of a vehicle: forty cells, twelve probes; every 50th late by an hour.
  func frame(vehicle: Int, number: Int) throws -> NewFrame {
    var random = SplitMix64(seed: seed &* 1_000_003 &+ UInt64(vehicle) &* 7_919 &+ UInt64(number))
    let time = Self.start + Int64(number) - (number % 50 == 49 ? 3_600 : 0)
    let base = 3.6 + 0.2 * sin(Double(number) / 300)
    let cells = (0..<40).map { cell in
      base + 0.001 * Double(cell % 7) + 0.0015 * Double.random(in: -1...1, using: &random)
    }
    var data = VehicleData(edition: .edition2016)
    data.current = WireValue(.packCurrent2016, orInvalid: 40 * sin(Double(number) / 20))
    guard let wire = WireTime(unixSeconds: time),
      let vin = UniqueIdentifier(Self.identity(vehicle))
    else { throw CocoaError(.coderInvalidValue) }
    let unit = try DataUnit.report(
      Report(
        time: wire,
        items: [
          .vehicle(data),
          .cellVoltages(
            Counted([
              CellVoltageGroup(
                voltage: cells.reduce(0, +), current: 0, total: 40, cellVoltages: cells)
            ])),
          .temperatures(
            Counted([
              TemperatureGroup(temperatures: (0..<12).map { 298.15 + Double($0 % 3) })
            ])),
        ])
    ).encoded(for: .edition2016)
    let bytes = try Frame(
      edition: .edition2016, command: .realTimeReport, identifier: vin, unit: unit
    ).encoded()
    return NewFrame(
      identity: Self.identity(vehicle), collectionTime: time,
      receiveTime: Double(time) + 0.125, command: 2, bytes: bytes, unit: 24..<bytes.count - 1)
  }
}
