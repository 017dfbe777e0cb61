// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reports of a simulated vehicle, every so many seconds, also while it is parked.

import BatteryDomain
import Foundation
import TelemetryCodec
import TelemetryStore
import Testbed

/// Reports of a simulated vehicle, every so many seconds, also while it is parked.
///
/// Seven items of the 2016 edition: vehicle, motor, position, extremes, alarms, cells, probes.
final class SimulatedFrames {
  static let identity = "DEMO0000000000001"
  private var vehicle: SimulatedVehicle
  private let identifier: UniqueIdentifier
  private var waiting: [NewFrame] = []
  private var end: Double
  private var travelled = 0.0

  init(rate: Int64) throws {
    end = 1_700_000_000
    vehicle = DemoFleet.vehicles(start: end, historyDays: 60)[0]
    vehicle.sampling = SimulatedVehicle.Sampling(active: Int(rate), parked: Int(rate))
    guard let identifier = UniqueIdentifier(Self.identity) else {
      throw CocoaError(.coderInvalidValue)
    }
    self.identifier = identifier
  }

  /// The next reports, at most so many.
  func next(limit: Int) throws -> [NewFrame] {
    while waiting.count < limit {
      end += 3_600
      let batch = vehicle.advance(until: end)
      for row in 0..<batch.rowCount { waiting.append(try frame(batch, row)) }
    }
    defer { waiting.removeFirst(limit) }
    return Array(waiting.prefix(limit))
  }

  private func frame(_ batch: RecordBatch, _ row: Int) throws -> NewFrame {
    let schema = batch.schema
    func value(_ key: QuantityKey) -> Double {
      schema.column(of: key).map { batch.columns[$0][row] } ?? .nan
    }
    let time = Int64(value(.time))
    let cells = schema.columns(of: .cellVoltage).map { batch.columns[$0][row] }
    let probes = schema.columns(of: .probeTemperature).map { batch.columns[$0][row] }
    let speed = value(.vehicleSpeed)
    travelled += speed.isFinite ? speed : 0
    var data = VehicleData(edition: .edition2016)
    data.chargeState = ChargeState(rawValue: UInt8(max(1, min(4, value(.chargeState)))))
    data.speed = WireValue(.speed2016, orInvalid: speed)
    data.odometer = WireValue(.odometer, orInvalid: value(.odometer))
    data.voltage = WireValue(.packVoltage2016, orInvalid: value(.packVoltage))
    data.current = WireValue(.packCurrent2016, orInvalid: value(.current))
    data.stateOfCharge = WireValue(.stateOfCharge, orInvalid: value(.stateOfCharge))
    data.insulationResistance = WireValue(
      .insulationResistance, orInvalid: value(.insulationResistance))
    var motor = MotorData(number: 1, state: .consuming, edition: .edition2016)
    motor.speed = WireValue(.motorSpeed2016, orInvalid: speed * 4.5)
    motor.torque = WireValue(.motorTorque2016, orInvalid: value(.current) * 1.6)
    motor.temperature = WireValue(.temperature, orInvalid: 313.15 + abs(speed).rounded())
    let position = PositionData(
      status: 0, coordinateSystem: nil,
      longitude: WireValue(.longitude, orInvalid: 121.4 + 0.05 * sin(travelled / 9_000)),
      latitude: WireValue(.latitude, orInvalid: 31.2 + 0.05 * cos(travelled / 7_000)))
    var alarms = AlarmData(level: 0, flags: AlarmFlags(rawValue: 0), edition: .edition2016)
    alarms.level = WireValue(.alarmLevel2016, orInvalid: value(.alarmLevel))
    guard let wire = WireTime(unixSeconds: time) else { throw CocoaError(.coderInvalidValue) }
    let unit = try DataUnit.report(
      Report(
        time: wire,
        items: [
          .vehicle(data), .motors(Counted([motor])), .position(position),
          .extremes(Self.extremes(cells, probes)), .alarms(alarms),
          .cellVoltages(
            Counted([
              CellVoltageGroup(
                voltage: value(.packVoltage), current: value(.current), total: cells.count,
                cellVoltages: cells)
            ])), .temperatures(Counted([TemperatureGroup(temperatures: probes)])),
        ])
    ).encoded(for: .edition2016)
    let bytes = try Frame(
      edition: .edition2016, command: .realTimeReport, identifier: identifier, unit: unit
    ).encoded()
    return NewFrame(
      identity: Self.identity, collectionTime: time,
      // Arrivals jitter by some tens of milliseconds.
      receiveTime: Double(time) + 0.05 + Double((time &* 7_919) % 89) / 1_000, command: 2,
      bytes: bytes, unit: 24..<bytes.count - 1)
  }

  private static func extremes(_ cells: [Double], _ probes: [Double]) -> ExtremesData {
    func place(_ values: [Double], _ kind: FieldKind, highest: Bool) -> ExtremesData.Place {
      let usable = values.enumerated().filter { $0.element.isFinite }
      let found =
        highest
        ? usable.max { $0.element < $1.element } : usable.min { $0.element < $1.element }
      return .init(
        subsystem: WireValue(.number8, raw: 1),
        element: WireValue(.number8, orInvalid: Double((found?.offset ?? 0) + 1)),
        value: WireValue(kind, orInvalid: found?.element ?? .nan))
    }
    return ExtremesData(
      highestVoltage: place(cells, .cellVoltage, highest: true),
      lowestVoltage: place(cells, .cellVoltage, highest: false),
      highestTemperature: place(probes, .temperature, highest: true),
      lowestTemperature: place(probes, .temperature, highest: false))
  }
}
