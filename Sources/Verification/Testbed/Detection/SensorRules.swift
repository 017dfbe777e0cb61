// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sensors that stand still, leap, or read what cannot be.

import BatteryDomain
import NumericalMethods

/// Sensors that stand still, leap, or read what cannot be.
struct SensorRules: Sendable {
  private let cells: Int
  private let rate: Double
  private var voltageRuns: RepeatedReadings
  private var heldProbe: [Double]
  private var probeLow: [Double]
  private var probeHigh: [Double]
  private var mateLow: [Double]
  private var mateHigh: [Double]
  private let perModule: Int
  private var previous: [Double]
  private var previousProbe: [Double]
  private var lastCurrent = 0.0
  private var lastTime = Double.nan
  private var idle = 0
  private var leaps: [(cell: Int, size: Double, before: Double)] = []
  private var sumAfter = 0.0
  private var countAfter = 0
  private var baseline = Double.nan
  // Resolution and noise of a pack voltage in steps of 0.1 V, until seen.
  private var scatter = 0.005
  private var scatterBefore = 0.005

  init(_ context: DetectorContext) {
    cells = context.cells
    rate = context.cell.capacity / 3_600
    let none = [Double](repeating: .nan, count: context.cells)
    voltageRuns = RepeatedReadings(channels: context.cells)
    previous = none
    let probes = [Double](repeating: .nan, count: context.probes)
    heldProbe = probes
    probeLow = probes
    probeHigh = probes
    mateLow = probes.map { _ in .infinity }
    mateHigh = probes.map { _ in -.infinity }
    perModule = max(1, context.probes * context.cellsPerModule / max(1, context.cells))
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
    return frozenVoltage(reading) ?? probes(reading) ?? current(reading)
      ?? shifted(reading, sum: sum, known: known)
  }

  /// A reading that repeats to its last digit far more often than its siblings' do.
  private mutating func frozenVoltage(_ reading: PackReading) -> RuleFinding? {
    // A dead cell reads nought for ever: that is no frozen channel.
    let live = reading.cellVoltage.map { $0 > 0.5 ? $0 : .nan }
    guard let cell = voltageRuns.ingest(live) else { return nil }
    return RuleFinding(
      fault: .voltageSensor, subject: .cell(cell + 1),
      evidence: [
        VerdictEvidence("held reading", reading.cellVoltage[cell], "V"),
        VerdictEvidence("repetitions", Double(voltageRuns.length[cell]), ""),
        VerdictEvidence("improbability", voltageRuns.improbability[cell], ""),
      ])
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
      if leap > 9, mean < 333, value < 353, interval > 0, interval < 400 {
        return RuleFinding(
          fault: .temperatureSensor, subject: .probe(probe + 1),
          evidence: [VerdictEvidence("leap", leap, "K")])
      }
      if value != heldProbe[probe] {
        heldProbe[probe] = value
        probeLow[probe] = mean
        probeHigh[probe] = mean
        mateLow[probe] = .infinity
        mateHigh[probe] = -.infinity
        continue
      }
      probeLow[probe] = min(probeLow[probe], mean)
      probeHigh[probe] = max(probeHigh[probe], mean)
      // A module beside a warm part may stand still while the others move: its own probes tell.
      let mates = probe / perModule * perModule
      for other in mates..<min(reading.probeTemperature.count, mates + perModule) {
        let now = reading.probeTemperature[other]
        mateLow[probe] = min(mateLow[probe], now.isNaN || other == probe ? .infinity : now)
        mateHigh[probe] = max(mateHigh[probe], now.isNaN || other == probe ? -.infinity : now)
      }
      if probeHigh[probe] - probeLow[probe] > 5,
        perModule < 2 || mateHigh[probe] - mateLow[probe] > 3.5
      {
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
  ///
  /// The distance between sum and pack voltage is averaged before the leap with a memory of 100
  /// readings and after it over 150; its own scatter gives the standard deviation of the difference,
  /// which has to be exceeded 6.5 times (4·10⁻¹¹ for each leap).
  private mutating func shifted(_ reading: PackReading, sum: Double, known: Int) -> RuleFinding? {
    guard known == cells, reading.packVoltage.isFinite else { return nil }
    let gap = sum - reading.packVoltage
    if baseline.isNaN { baseline = gap }
    scatter += 0.01 * ((gap - baseline) * (gap - baseline) - scatter)
    if let leap = leaps.first {
      sumAfter += gap
      countAfter += 1
      guard countAfter >= 150 else { return nil }
      let moved = sumAfter / Double(countAfter) - leap.before
      leaps = []
      sumAfter = 0
      countAfter = 0
      baseline += moved
      let deviation = (scatterBefore * (1 / 150.0 + 1 / 200.0)).squareRoot()
      scatter = max(scatterBefore, 1e-4)
      guard abs(moved) > max(6.5 * deviation, 0.03),
        abs(moved - leap.size) < 0.3 * abs(leap.size) + 3 * deviation
      else { return nil }
      return RuleFinding(
        fault: .voltageSensor, subject: .cell(leap.cell + 1),
        evidence: [
          VerdictEvidence("leap of the cell", leap.size, "V"),
          VerdictEvidence("leap of the sum against the pack", moved, "V"),
          VerdictEvidence("standard deviation", deviation, "V"),
        ])
    }
    scatterBefore = scatter
    baseline += 0.01 * (gap - baseline)
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
    if abs(largest - mean) > 0.035 {
      leaps = [(place, largest - mean, baseline)]
    }
    return nil
  }
}
