// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sensors that stand still, leap, or read what cannot be.

import BatteryDomain
import NumericalMethods

/// Sensors that stand still, leap, or read what cannot be.
struct SensorRules: Sendable {
  private let cells: Int
  private let rate: Double
  private var heldVoltage: [Double]
  private var heldSince: [Double]
  private var heldLow: [Double]
  private var heldHigh: [Double]
  private var heldProbe: [Double]
  private var probeLow: [Double]
  private var probeHigh: [Double]
  private var previous: [Double]
  private var previousProbe: [Double]
  private var lastCurrent = 0.0
  private var lastTime = Double.nan
  private var idle = 0
  private var leaps: [(cell: Int, size: Double, before: Double)] = []
  private var sumAfter = 0.0
  private var countAfter = 0
  private var baseline = Double.nan

  init(_ context: DetectorContext) {
    cells = context.cells
    rate = context.cell.capacity / 3_600
    let none = [Double](repeating: .nan, count: context.cells)
    heldVoltage = none
    heldSince = none
    heldLow = none
    heldHigh = none
    previous = none
    let probes = [Double](repeating: .nan, count: context.probes)
    heldProbe = probes
    probeLow = probes
    probeHigh = probes
    previousProbe = probes
  }

  mutating func ingest(_ reading: PackReading) -> RuleFinding? {
    defer {
      lastCurrent = reading.current
      lastTime = reading.time
      previous = reading.cellVoltage
      previousProbe = reading.probeTemperature
    }
    let values = reading.cellVoltage.filter { $0 > 0.5 }
    let known = values.count
    guard known > cells / 2 else { return nil }
    let sum = values.reduce(0, +)
    // The middle of the siblings: one shorted cell must not move it.
    let mean = RobustStatistics.median(values)
    return frozenVoltage(reading, mean: mean) ?? probes(reading) ?? current(reading)
      ?? shifted(reading, sum: sum, known: known)
  }

  /// A reading that stays the same to its last digit while its siblings move by 25 mV.
  private mutating func frozenVoltage(_ reading: PackReading, mean: Double) -> RuleFinding? {
    for cell in 0..<cells {
      let value = reading.cellVoltage[cell]
      guard !value.isNaN else { continue }
      if value != heldVoltage[cell] {
        heldVoltage[cell] = value
        heldSince[cell] = reading.time
        heldLow[cell] = mean
        heldHigh[cell] = mean
        continue
      }
      heldLow[cell] = min(heldLow[cell], mean)
      heldHigh[cell] = max(heldHigh[cell], mean)
      if heldHigh[cell] - heldLow[cell] > 0.025 {
        return RuleFinding(
          fault: .voltageSensor, subject: .cell(cell + 1),
          evidence: [
            VerdictEvidence("held reading", value, "V"),
            VerdictEvidence("siblings moved", heldHigh[cell] - heldLow[cell], "V"),
          ])
      }
    }
    return nil
  }

  private mutating func probes(_ reading: PackReading) -> RuleFinding? {
    let values = reading.probeTemperature.filter { $0 > 200 && $0 < 700 }
    guard values.count > 2 else { return nil }
    let mean = RobustStatistics.median(values)
    let interval = reading.time - lastTime
    for probe in reading.probeTemperature.indices {
      let value = reading.probeTemperature[probe]
      guard !value.isNaN else { continue }
      // Nine kelvin in one cycle are no heat of use.
      let leap = abs(value - previousProbe[probe])
      if leap > 9, interval > 0, interval < 400 {
        return RuleFinding(
          fault: .temperatureSensor, subject: .probe(probe + 1),
          evidence: [VerdictEvidence("leap", leap, "K")])
      }
      if value != heldProbe[probe] {
        heldProbe[probe] = value
        probeLow[probe] = mean
        probeHigh[probe] = mean
        continue
      }
      probeLow[probe] = min(probeLow[probe], mean)
      probeHigh[probe] = max(probeHigh[probe], mean)
      if probeHigh[probe] - probeLow[probe] > 5 {
        return RuleFinding(
          fault: .temperatureSensor, subject: .probe(probe + 1),
          evidence: [VerdictEvidence("siblings moved", probeHigh[probe] - probeLow[probe], "K")])
      }
    }
    return nil
  }

  /// No current flows through open contactors.
  private mutating func current(_ reading: PackReading) -> RuleFinding? {
    let isOpen = !reading.contactorsCommanded && !reading.contactorsClosed
    idle = isOpen && abs(reading.current) > 1.2 ? idle + 1 : 0
    guard idle >= 3 else { return nil }
    return RuleFinding(
      fault: .currentSensor, subject: .pack,
      evidence: [VerdictEvidence("current through open contactors", reading.current, "A")])
  }

  /// One cell leaps, and the sum of the cells leaps away from the pack voltage by as much.
  private mutating func shifted(_ reading: PackReading, sum: Double, known: Int) -> RuleFinding? {
    guard known == cells, reading.packVoltage.isFinite else { return nil }
    let gap = sum - reading.packVoltage
    if baseline.isNaN { baseline = gap }
    if let leap = leaps.first {
      sumAfter += gap
      countAfter += 1
      guard countAfter >= 40 else { return nil }
      let moved = sumAfter / Double(countAfter) - leap.before
      leaps = []
      sumAfter = 0
      countAfter = 0
      baseline += moved
      if abs(moved - leap.size) < 0.4 * abs(leap.size) + 0.012, abs(moved) > 0.02 {
        return RuleFinding(
          fault: .voltageSensor, subject: .cell(leap.cell + 1),
          evidence: [
            VerdictEvidence("leap of the cell", leap.size, "V"),
            VerdictEvidence("leap of the sum against the pack", moved, "V"),
          ])
      }
      return nil
    }
    baseline += 0.02 * (gap - baseline)
    var largest = 0.0
    var place = 0
    var mean = 0.0
    for cell in 0..<cells {
      let change = reading.cellVoltage[cell] - previous[cell]
      guard change.isFinite else { return nil }
      mean += change
      if abs(change) > abs(largest) {
        largest = change
        place = cell
      }
    }
    mean /= Double(cells)
    if abs(largest - mean) > 0.03 {
      leaps = [(place, largest - mean, baseline)]
    }
    return nil
  }
}
