// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Simulated vehicles: repeatable rows, plausible days, faults with their ground truth.

import BatteryDomain
import Foundation
import Testbed
import Testing

/// 2026-03-01T00:00:00Z.
private let start = 1_772_323_200.0

@Suite("Simulated vehicle")
struct SimulatedVehicleTests {
  /// Few but larger groups keep the suite fast at the energy and power of a real vehicle.
  private let small = PackDesign(moduleCount: 2, cellsPerModule: 12, parallelCount: 120)
  private let usage = UsagePattern(homeCurrent: 120, fastCurrent: 400)

  private func vehicle(
    _ faults: [InjectedFault] = [], sensors: SensorModel = SensorModel(), active: Int = 60
  ) -> SimulatedVehicle {
    SimulatedVehicle(
      identity: "TEST", design: small, usage: usage, sensors: sensors,
      sampling: .init(active: active),
      faults: faults, seed: 5, start: start)
  }

  private func values(_ batch: RecordBatch, _ key: QuantityKey, _ element: Int = 0) throws
    -> [Double]
  {
    batch.columns[try #require(batch.schema.column(of: key, element: element))]
  }

  /// Compares bit by bit, so that missing values equal each other.
  private func isSame(_ a: [Double], _ b: [Double]) -> Bool {
    a.map(\.bitPattern) == b.map(\.bitPattern)
  }

  @Test("rows do not depend on how time is cut into calls")
  func batching() throws {
    var whole = vehicle()
    var cut = vehicle()
    let all = whole.advance(days: 3)
    var columns = Array(repeating: [Double](), count: all.schema.columns.count)
    var rows = 0
    var end = start
    while end < start + 3 * 86_400 {
      end = min(end + 1_234, start + 3 * 86_400)
      let part = cut.advance(until: end)
      #expect(part.firstRow == rows)
      rows += part.rowCount
      for column in columns.indices { columns[column] += part.columns[column] }
    }
    #expect(rows == all.rowCount)
    for column in columns.indices { #expect(isSame(columns[column], all.columns[column])) }
    #expect(whole.pack.stateOfCharge == cut.pack.stateOfCharge)
  }

  @Test("seeds repeat and differ")
  func seeds() {
    var a = vehicle()
    var b = vehicle()
    var other = SimulatedVehicle(
      identity: "TEST", design: small, usage: usage, sampling: .init(active: 60), seed: 6,
      start: start)
    let first = a.advance(days: 1)
    let second = b.advance(days: 1)
    let third = other.advance(days: 1)
    for column in first.columns.indices {
      #expect(isSame(first.columns[column], second.columns[column]))
    }
    #expect(!isSame(first.columns[14], third.columns[14]))
  }

  @Test("weeks are plausible: time rises, driving discharges, charging charges, values in range")
  func plausible() throws {
    var vehicle = vehicle()
    let batch = vehicle.advance(days: 21)
    let time = try values(batch, .time)
    let current = try values(batch, .current)
    let speed = try values(batch, .vehicleSpeed)
    let charge = try values(batch, .chargeState)
    let odometer = try values(batch, .odometer)
    let state = try values(batch, .stateOfCharge)
    #expect(zip(time, time.dropFirst()).allSatisfy { $0 < $1 })
    #expect(time.allSatisfy { $0.rounded() == $0 })
    #expect(zip(odometer, odometer.dropFirst()).allSatisfy { $0 <= $1 })
    // Between 20 and 150 km a day.
    #expect((20.0...150).contains(((odometer.last ?? 0) - odometer[0]) / 21_000))
    #expect(speed.max() ?? 0 > 15 && speed.allSatisfy { $0 >= 0 && $0 < 45 })
    #expect(current.max() ?? 0 > 20)
    // Recovery while driving, and charging at home.
    #expect(zip(current, speed).contains { $0 < -5 && $1 > 0 })
    #expect(zip(current, charge).contains { $0 < -20 && $1 == 1 })
    #expect(charge.contains(4) && charge.contains(3))
    #expect((state.min() ?? 0) > 0.1 && (state.max() ?? 2) <= 1)
    for key in QuantityKey.allCases {
      for column in batch.schema.columns(of: key) {
        let range = QuantityCatalogue.descriptor(of: key).validRange
        for (row, value) in batch.columns[column].enumerated() where !range.contains(value) {
          #expect(batch.flags(column: column, row: row) == .invalid)
        }
      }
    }
    for level in try values(batch, .alarmLevel) { #expect(level == 0) }
  }

  @Test("the summary columns are those of the cells and probes")
  func summaries() throws {
    var vehicle = vehicle(sensors: .ideal)
    let batch = vehicle.advance(days: 2)
    let highest = try values(batch, .cellVoltageMaximum)
    let lowest = try values(batch, .cellVoltageMinimum)
    let total = try values(batch, .packVoltage)
    let cells = try (0..<24).map { try values(batch, .cellVoltage, $0) }
    for row in 0..<batch.rowCount {
      let row = cells.map { $0[row] } + [highest[row], lowest[row], total[row]]
      let voltages = row.prefix(24)
      #expect(voltages.max() == row[24] && voltages.min() == row[25])
      // Module offsets of some millivolts are in the cell readings only.
      #expect((voltages.reduce(0, +) - row[26]).magnitude < 0.2)
    }
  }

  @Test("dropouts come at the stated rate, marked and without a number")
  func dropouts() {
    var vehicle = vehicle(sensors: SensorModel(voltageDropout: 0.2, temperatureDropout: 0))
    let batch = vehicle.advance(days: 5)
    var missing = 0
    for (column, flags) in batch.flags.enumerated() {
      for (row, mark) in flags.enumerated() where !mark.isEmpty {
        #expect(mark == .invalid && batch.columns[column][row].isNaN)
        missing += 1
      }
    }
    let share = Double(missing) / Double(batch.rowCount)
    #expect((share - 0.2).magnitude < 0.05)
  }

  @Test("a growing internal short drains its cell by the charge that its resistance lets through")
  func internalShort() throws {
    let fault = InjectedFault(
      .internalShort(cell: 4, resistance: 800, halvingDays: 10), onset: start + 5 * 86_400)
    var sick = vehicle([fault], active: 300)
    var healthy = vehicle(active: 300)
    _ = sick.advance(days: 5)
    _ = healthy.advance(days: 5)
    #expect(sick.pack.shortConductance[3] == 0)
    #expect(sick.pack.stateOfCharge[3] == healthy.pack.stateOfCharge[3])
    _ = sick.advance(days: 20)
    _ = healthy.advance(days: 20)
    // ∫ V/R·2^(t/10 d) dt over 20 days = V/R·(10 d/ln 2)·(4 − 1), with V near 3.8 V.
    let expected = 3.8 / 800 * 10 * 86_400 / log(2) * 3
    let lost = sick.pack.lostCharge[3] - healthy.pack.lostCharge[3]
    #expect((lost - expected).magnitude < 0.06 * expected)
    #expect(sick.pack.lostCharge[5] == healthy.pack.lostCharge[5])
    let behind = sick.pack.stateOfCharge[5] - sick.pack.stateOfCharge[3]
    let before = healthy.pack.stateOfCharge[5] - healthy.pack.stateOfCharge[3]
    // The short stops charging its cell's siblings earlier only through the voltage limit.
    #expect((behind - before - lost / sick.pack.capacity[3]).magnitude < 0.003)
    #expect(fault.subject == .cell(4) && fault.controlNode == .separator)
  }

  @Test("a loose connection shows in proportion to the current in the readings")
  func looseConnection() throws {
    let fault = InjectedFault(
      .looseConnection(cell: 8, resistance: 0.002, rampDays: 2), onset: start)
    var vehicle = vehicle([fault], sensors: .ideal, active: 30)
    _ = vehicle.advance(days: 3)
    let batch = vehicle.advance(days: 4)
    let current = try values(batch, .current)
    let loose = try values(batch, .cellVoltage, 7)
    let sibling = try values(batch, .cellVoltage, 8)
    // Least squares slope of the difference over the current.
    let differences = zip(sibling, loose).map { $0 - $1 }
    let n = Double(current.count)
    let meanX = current.reduce(0, +) / n
    let meanY = differences.reduce(0, +) / n
    let covariance = zip(current, differences).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let variance = current.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    #expect((covariance / variance - 0.002).magnitude < 0.000_2)
  }

  @Test("heat faults warm their module, a sound module stays as it was")
  func heat() throws {
    let faults = [
      InjectedFault(.coolingFailure(module: 2), onset: start + 86_400),
      InjectedFault(.hotModule(module: 2, power: 60), onset: start + 86_400),
    ]
    var vehicle = vehicle(faults, sensors: .ideal)
    let before = vehicle.advance(days: 1)
    let after = vehicle.advance(days: 3)
    func difference(_ batch: RecordBatch) throws -> Double {
      let sound = try values(batch, .probeTemperature, 0)
      let hot = try values(batch, .probeTemperature, 2)
      return zip(hot, sound).map { $0 - $1 }.reduce(0, +) / Double(sound.count)
    }
    #expect(try difference(before).magnitude < 1)
    // 60 W over twelve groups of 0.06 W/K gives 83 K in the end without coolant, with a time
    // constant of a day.
    #expect(try difference(after) > 10)
  }

  @Test("insulation, stuck sensors and drained cells follow their ground truth")
  func others() throws {
    let onset = start + 86_401
    let faults = [
      InjectedFault(.insulationLoss(resistance: 2_000, rampDays: 1), onset: onset),
      InjectedFault(.stuckVoltage(cell: 2), onset: onset),
      InjectedFault(.stuckTemperature(probe: 1), onset: onset),
      InjectedFault(.drainedCell(cell: 5, depth: 0.3), onset: onset),
    ]
    var vehicle = vehicle(faults, sensors: .ideal)
    let before = vehicle.advance(days: 1)
    #expect(try values(before, .insulationResistance).allSatisfy { $0 > 2_900_000 })
    #expect(Set(try values(before, .cellVoltage, 1)).count > 10)
    let gap = vehicle.pack.stateOfCharge[0] - vehicle.pack.stateOfCharge[4]
    let after = vehicle.advance(days: 2)
    #expect((vehicle.insulationResistance - 2_000).magnitude < 1)
    #expect(try values(after, .insulationResistance).last == 2_000)
    #expect(try values(after, .alarmLevel).last == 3)
    let flags = UInt32(try #require(try values(after, .alarmFlags).last))
    #expect(flags & (1 << 11) != 0)
    #expect(Set(try values(after, .cellVoltage, 1).dropFirst()).count == 1)
    #expect(Set(try values(after, .probeTemperature, 0).dropFirst()).count == 1)
    let drained = vehicle.pack.stateOfCharge[0] - vehicle.pack.stateOfCharge[4]
    #expect((drained - gap - 0.3).magnitude < 0.01)
  }

  @Test("days of the demonstration fleet carry its stated faults")
  func demoFleet() {
    let fleet = DemoFleet.vehicles(start: start, historyDays: 30)
    #expect(fleet.count == 8)
    #expect(Set(fleet.map(\.identity)).count == 8)
    #expect(fleet.allSatisfy { $0.identity.utf8.count == 17 })
    #expect(fleet.filter { $0.faults.isEmpty }.count == 3)
    #expect(
      fleet.flatMap(\.faults).allSatisfy { $0.onset > start && $0.onset < start + 30 * 86_400 })
  }
}
