// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell whose every number is known, for the tests of the analysis.

import BatteryDomain
import CellAnalytics
import Foundation
import NumericalMethods

/// A cell with an open-circuit voltage of known peaks, one resistance and a stated fade.
///
/// `Q(V)` is a straight line plus logistic steps, so that `dQ/dV` peaks exactly at the steps.
struct SyntheticCell {
  var capacity = 7200.0
  var resistance = 0.05
  let peaks = [3.55, 3.85]
  private let width: Double
  private var table: (share: [Double], voltage: [Double]) = ([], [])

  init(resistance: Double = 0.05, width: Double = 0.02) {
    self.resistance = resistance
    self.width = width
    table.voltage = (0...4000).map { 3 + 1.2 * Double($0) / 4000 }
    table.share = table.voltage.map { share(at: $0) }
  }

  /// Charged share at an open-circuit voltage: 0 at 3.0 V, 1 at 4.2 V.
  func share(at voltage: Double) -> Double {
    func raw(_ v: Double) -> Double {
      0.4 * (v - 3) / 1.2 + peaks.reduce(0.0) { $0 + 0.3 / (1 + exp(-(v - $1) / width)) }
    }
    return (raw(voltage) - raw(3)) / (raw(4.2) - raw(3))
  }

  /// Open-circuit voltage at a charged share.
  func voltage(at share: Double) -> Double {
    Interpolation.linear(table.share, table.voltage, at: share)
  }
}

/// Rows of a cycling test under construction.
struct TestRows {
  var time: [Double] = []
  var voltage: [Double] = []
  var current: [Double] = []
  var temperature: [Double] = []
  var cycle: [Double] = []
  var stated: [Double] = []
  private var clock = 0.0

  /// Adds a stretch; the voltage may depend on the time since its start.
  mutating func add(
    seconds: Int, every step: Double = 10, current amperes: Double, cycle number: Int,
    warming: Double = 0, stated capacity: Double = .nan,
    voltage volts: (Double) -> Double?
  ) {
    var t = 0.0
    while t <= Double(seconds) {
      guard let v = volts(t) else { break }
      time.append(clock)
      voltage.append(v)
      current.append(amperes)
      temperature.append(298.15 + warming * min(1, t / 3600))
      cycle.append(Double(number))
      stated.append(capacity)
      clock += step
      t += step
    }
  }

  /// Adds a full cycle of a synthetic cell at a C-rate: rest, discharge to 3.0 V, rest, charge to
  /// 4.2 V with a taper, rest.
  mutating func addCycle(
    _ cell: SyntheticCell, number: Int, rate: Double = 0.5, every step: Double = 10,
    efficiency: Double = 1, warming: Double = 5
  ) {
    let amperes = rate * cell.capacity / 3600
    add(seconds: 60, every: step, current: 0, cycle: number) { _ in cell.voltage(at: 1) }
    add(
      seconds: 40_000, every: step, current: amperes, cycle: number,
      warming: warming
    ) { t in
      let loaded = cell.voltage(at: 1 - amperes * t / cell.capacity) - amperes * cell.resistance
      return amperes * t <= cell.capacity ? loaded : nil
    }
    let last = cell.voltage(at: 0)
    add(seconds: 600, every: step, current: 0, cycle: number) { t in
      last + 0.1 - 0.1 * exp(-t / 120)
    }
    let put = amperes / efficiency
    add(seconds: 40_000, every: step, current: -put, cycle: number) { t in
      let loaded = cell.voltage(at: amperes * t / cell.capacity) + amperes * cell.resistance
      return amperes * t <= cell.capacity ? min(4.2, loaded) : nil
    }
  }

  var schema: TableSchema {
    TableSchema(
      format: "synthetic", sourceIdentity: "cell",
      columns: [
        ColumnSchema(quantity: .time, sourceName: "time"),
        ColumnSchema(quantity: .voltage, sourceName: "voltage"),
        ColumnSchema(quantity: .current, sourceName: "current"),
        ColumnSchema(quantity: .cellTemperature, sourceName: "temperature"),
        ColumnSchema(quantity: .cycleIndex, sourceName: "cycle"),
        ColumnSchema(quantity: .capacity, sourceName: "capacity"),
      ], timeReference: .testStart)
  }

  func batch(_ rows: Range<Int>? = nil) -> RecordBatch {
    let rows = rows ?? 0..<time.count
    return RecordBatch(
      schema: schema, firstRow: rows.lowerBound,
      columns: [time, voltage, current, temperature, cycle, stated].map { Array($0[rows]) })
  }

  func assessment(_ settings: CellTestSettings = .init()) -> CellTestAssessment {
    var analysis = CellTestAnalysis(identity: "synthetic", settings: settings)
    analysis.ingest(batch())
    return analysis.assessment()
  }
}
