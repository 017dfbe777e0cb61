// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Synthetic frames for tests: plausible reports with seeded values.

import TelemetryCodec
import TestSupport

/// Synthetic frames for tests.
enum SampleFrames {
  static let vehicle = UniqueIdentifier("XTEST000000000042")

  /// A 2016 report with vehicle, extremes, alarms, cells and probes.
  static func report(cells: Int, using random: inout Seeded) -> Frame {
    var vehicle = VehicleData(edition: .edition2016)
    vehicle.vehicleState = .started
    vehicle.chargeState = .notCharging
    vehicle.speed = WireValue(.speed2016, orInvalid: Double.random(in: 0...30, using: &random))
    vehicle.odometer = WireValue(.odometer, orInvalid: 12_345_600)
    vehicle.current = WireValue(
      .packCurrent2016, orInvalid: Double.random(in: -100...200, using: &random))
    vehicle.voltage = WireValue(.packVoltage2016, orInvalid: 3.7 * Double(cells))
    vehicle.stateOfCharge = WireValue(.stateOfCharge, orInvalid: 0.55)
    let voltages = (0..<cells).map { _ in Double.random(in: 3.6...3.8, using: &random) }
    let temperatures = (0..<16).map { _ in Double.random(in: 290...310, using: &random) }
    let report = Report(
      time: WireTime(
        yearSince2000: 26, month: 3, day: 14, hour: 9, minute: 26,
        second: UInt8.random(in: 0...59, using: &random)),
      items: [
        .vehicle(vehicle),
        .alarms(AlarmData(level: 0, flags: [], edition: .edition2016)),
        .cellVoltages(
          Counted([
            CellVoltageGroup(
              voltage: 3.7 * Double(cells), current: 12.3, total: cells, cellVoltages: voltages)
          ])),
        .temperatures(Counted([TemperatureGroup(temperatures: temperatures)])),
      ])
    guard let name = Self.vehicle,
      let frame = try? Frame(
        edition: .edition2016, command: .realTimeReport, identifier: name, unit: .report(report))
    else { preconditionFailure("a sample frame must encode") }
    return frame
  }
}
