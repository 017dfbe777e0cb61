// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cooling that does not cool and heaters that do not stop.

import BatteryDomain
import NumericalMethods

/// Cooling that does not cool and heaters that do not stop.
struct ClimateRules: Sendable {
  private var pumpSince = Double.nan
  private var distanceAtStart = 0.0
  private var spreadAtStart: [Double] = []
  private var squares = 0.0
  private var rows = 0.0
  private var restSince = Double.nan
  private var coldest = Double.infinity
  private var wasHeating = false

  mutating func ingest(_ reading: PackReading, context: DetectorContext) -> RuleFinding? {
    let modules = context.cells / context.cellsPerModule
    var sums = [Double](repeating: 0, count: modules)
    var counts = sums
    for probe in 0..<context.probes {
      let value = reading.probeTemperature[probe]
      guard value > 200, value < 600 else { continue }
      let module = min(modules - 1, context.module(ofProbe: probe))
      sums[module] += value
      counts[module] += 1
    }
    var means: [Double] = []
    for module in 0..<modules {
      means.append(counts[module] > 0 ? sums[module] / counts[module] : .nan)
    }
    let known = means.filter { !$0.isNaN }
    guard !known.isEmpty else { return nil }
    let middle = RobustStatistics.median(known)
    return cooling(reading, means: means, middle: middle, context: context)
      ?? heating(reading, middle: middle, rate: context.cell.capacity / 3_600)
  }

  private mutating func cooling(
    _ reading: PackReading, means: [Double], middle: Double, context: DetectorContext
  ) -> RuleFinding? {
    guard reading.pumpCommanded, reading.coolant.isFinite else {
      pumpSince = .nan
      return nil
    }
    if pumpSince.isNaN {
      pumpSince = reading.time
      distanceAtStart = middle - reading.coolant
      spreadAtStart = means.map { $0 - middle }
      squares = 0
      rows = 0
    }
    squares += reading.current.isFinite ? reading.current * reading.current : 0
    rows += 1
    // Use warms cells against a working cooling: the mean loss over a poor 1 W/K a cell.
    let byUse = squares / rows * 2 * context.cell.totalResistance
    let running = reading.time - pumpSince
    for module in means.indices where running > 600 {
      let growth = means[module] - middle - spreadAtStart[module]
      // A module stays behind by more than its probes' steps and its load explain.
      if growth > 4 {
        return RuleFinding(
          fault: .coolingFailure, subject: .module(module + 1),
          evidence: [VerdictEvidence("warming against the others", growth, "K")])
      }
    }
    if running > 1_500, distanceAtStart > 4,
      middle - reading.coolant > 0.95 * distanceAtStart + byUse
    {
      return RuleFinding(
        fault: .coolingFailure, subject: .pack,
        evidence: [VerdictEvidence("above the coolant", middle - reading.coolant, "K")])
    }
    return nil
  }

  private mutating func heating(_ reading: PackReading, middle: Double, rate: Double)
    -> RuleFinding?
  {
    let isIdle = !reading.heaterCommanded && abs(reading.current) < 0.02 * rate + 1
    guard isIdle, middle > reading.ambient + 2 else {
      restSince = .nan
      coldest = .infinity
      return nil
    }
    if restSince.isNaN { restSince = reading.time }
    coldest = min(coldest, middle)
    // After an hour of rest above the air nothing warms a pack but its heater.
    guard reading.time - restSince > 3_600, middle - coldest > 2.5 else { return nil }
    return RuleFinding(
      fault: .heaterStuck, subject: .pack,
      evidence: [VerdictEvidence("warming at rest", middle - coldest, "K")])
  }
}
