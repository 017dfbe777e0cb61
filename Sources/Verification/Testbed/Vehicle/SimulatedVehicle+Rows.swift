// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Telemetry rows of a simulated vehicle, as its instruments report them.

public import BatteryDomain
import NumericalMethods
import Quantities

extension SimulatedVehicle {
  /// Advances to a time and returns the rows taken on the way.
  ///
  /// - Parameter end: Seconds since the Unix epoch; nothing happens if it is not in the future.
  /// - Returns: The rows after the present time up to `end`; empty when no interval ends before
  ///   it. Samples that are not available are NaN and marked *invalid*.
  /// - Complexity: O(rows × cells).
  public mutating func advance(until end: Double) -> RecordBatch {
    var columns = Array(repeating: [Double](), count: schema.columns.count)
    var dropouts: [(column: Int, row: Int)] = []
    var rows = 0
    while true {
      let duration = nextInterval()
      guard time + duration <= end else { break }
      advance(by: duration)
      for column in appendRow(to: &columns) { dropouts.append((column, rows)) }
      rows += 1
    }
    var batch = RecordBatch(schema: schema, firstRow: rowIndex, columns: columns)
    rowIndex += rows
    for dropout in dropouts {
      batch.mark(column: dropout.column, row: dropout.row, .invalid)
    }
    return batch
  }

  /// Advances by a number of days and returns the rows taken on the way.
  public mutating func advance(days: Double) -> RecordBatch {
    advance(until: time + days * PhysicalConstants.secondsPerDay)
  }

  /// Appends a row and returns the columns that are not available.
  private mutating func appendRow(to columns: inout [[Double]]) -> [Int] {
    let design = pack.design
    let first = Self.scalarColumns.count
    var missing: [Int] = []
    var highest = -Double.infinity
    var lowest = Double.infinity
    for cell in 0..<design.cellCount {
      let truth = pack.voltage[cell] + moduleOffsets[cell / design.cellsPerModule]
      let noisy = truth + sensors.voltageNoise * random.nextNormal()
      var reading = SensorModel.rounded(noisy, per: 1_000, in: 0...60)
      reading = hold(reading, cell: cell)
      highest = max(highest, reading)
      lowest = min(lowest, reading)
      columns[first + cell].append(reading)
    }
    var hottest = -Double.infinity
    var coldest = Double.infinity
    for probe in 0..<design.probeCount {
      let truth = pack.temperature[design.cell(ofProbe: probe)] + probeOffsets[probe]
      let reading = hold(SensorModel.degree(truth), probe: probe)
      hottest = max(hottest, reading)
      coldest = min(coldest, reading)
      columns[first + design.cellCount + probe].append(reading)
    }
    if Double.random(in: 0..<1, using: &random) < sensors.voltageDropout {
      missing.append(first + Int.random(in: 0..<design.cellCount, using: &random))
    }
    if Double.random(in: 0..<1, using: &random) < sensors.temperatureDropout {
      missing.append(
        first + design.cellCount + Int.random(in: 0..<design.probeCount, using: &random))
    }
    for column in missing { columns[column][columns[column].count - 1] = .nan }
    let measured = current + (current == 0 ? 0 : sensors.currentNoise * random.nextNormal())
    let alarms = alarms(
      highest: highest, lowest: lowest, hottest: hottest, coldest: coldest)
    let scalars: [Double] = [
      time, chargeState,
      // The protocol's steps: 0.1 km/h, 0.1 km, 0.1 V, 0.1 A, 1 %, 1 kΩ.
      SensorModel.rounded(speed, per: 36, in: 0...83),
      (odometer / 100).rounded(.down) * 100,
      SensorModel.rounded(pack.packVoltage, per: 10, in: 0...1_000),
      SensorModel.rounded(measured, per: 10, in: -1_000...1_000),
      SensorModel.rounded(pack.meanStateOfCharge, per: 100, in: 0...1),
      (min(insulationResistance, 60e6) / 1_000).rounded() * 1_000, Double(alarms.level),
      Double(alarms.flags), highest, lowest, hottest, coldest,
    ]
    for (column, value) in scalars.enumerated() { columns[column].append(value) }
    return missing
  }

  /// The code of the charge state: 1 parked charging, 3 not charging, 4 charge complete.
  private var chargeState: Double {
    switch mode {
    case .charging: 1
    case .driving: 3
    case .parked: isComplete ? 4 : 3
    }
  }

  private mutating func hold(_ reading: Double, cell: Int) -> Double {
    guard hasStuckSensor else { return reading }
    for fault in faults where fault.kind == .stuckVoltage(cell: cell + 1) && time >= fault.onset {
      if let held = stuckVoltages[cell] { return held }
      stuckVoltages[cell] = reading
    }
    return reading
  }

  private mutating func hold(_ reading: Double, probe: Int) -> Double {
    guard hasStuckSensor else { return reading }
    for fault in faults
    where fault.kind == .stuckTemperature(probe: probe + 1) && time >= fault.onset {
      if let held = stuckTemperatures[probe] { return held }
      stuckTemperatures[probe] = reading
    }
    return reading
  }

  /// Alarms as a vehicle's own monitoring raises them, with the protocol's flag bits.
  ///
  /// The insulation limits are 500 Ω/V and 100 Ω/V (GB 18384-2020, ECE R100); the others are typical
  /// of makers' settings.
  private func alarms(
    highest: Double, lowest: Double, hottest: Double, coldest: Double
  ) -> (level: Int, flags: UInt32) {
    var level = 0
    var flags: UInt32 = 0
    func raise(_ bit: UInt32, _ severity: Int) {
      flags |= 1 << bit
      level = max(level, severity)
    }
    if hottest - coldest > 15 { raise(0, hottest - coldest > 25 ? 2 : 1) }
    if hottest > 328.15 { raise(1, hottest > 333.15 ? 3 : 2) }
    if pack.meanStateOfCharge < 0.1 { raise(4, 1) }
    if highest > 4.25 { raise(5, 3) }
    if lowest < 2.7 { raise(6, lowest < 2.5 ? 3 : 2) }
    if highest - lowest > 0.3 { raise(10, 1) }
    let perVolt = insulationResistance / max(1, pack.packVoltage)
    if perVolt < 500 { raise(11, perVolt < 100 ? 3 : 1) }
    return (level, flags)
  }
}
