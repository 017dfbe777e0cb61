// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Conventional detectors of the literature, as baselines on the same runs.

import BatteryDomain
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A window of the last readings of each cell, as the conventional detectors use it.
struct ReadingWindow: Sendable {
  let length: Int
  let cells: Int
  /// `[place × cell]`, oldest overwritten first.
  private(set) var voltage: [Double]
  private(set) var current: [Double]
  private(set) var count = 0
  private var place = 0

  init(cells: Int, length: Int) {
    self.cells = cells
    self.length = length
    voltage = Array(repeating: 0, count: cells * length)
    current = Array(repeating: 0, count: length)
  }

  var isFull: Bool { count >= length }

  mutating func add(_ reading: PackReading) {
    for cell in 0..<cells {
      let value = reading.cellVoltage[cell]
      let before = (place + length - 1) % length
      voltage[place * cells + cell] = value.isNaN ? voltage[before * cells + cell] : value
    }
    current[place] = reading.current.isNaN ? 0 : reading.current
    place = (place + 1) % length
    count = min(count + 1, length)
  }

  @inline(__always)
  func value(_ row: Int, _ cell: Int) -> Double {
    voltage[(place + row) % length * cells + cell]
  }

  func load(_ row: Int) -> Double { current[(place + row) % length] }
}

/// One of the conventional detectors; each names the outlier of its own measure an internal short.
struct ConventionalDetector: FaultDetector {
  /// The measure.
  enum Measure: Sendable {
    case threshold, correlation, entropy, zScore, impedance, observer
  }

  let measure: Measure
  let context: DetectorContext
  var window: ReadingWindow
  var hits: [Int]
  var told: Set<Int> = []
  var rows = 0
  var observed: [Double] = []
  var lastTime = Double.nan

  init(_ measure: Measure, _ context: DetectorContext, length: Int = 60) {
    self.measure = measure
    self.context = context
    window = ReadingWindow(cells: context.cells, length: length)
    hits = Array(repeating: 0, count: context.cells)
  }

  mutating func ingest(_ reading: PackReading, verdicts: inout [Verdict]) {
    window.add(reading)
    rows += 1
    let scores: [Double]
    switch measure {
    case .threshold: scores = spread(reading)
    case .zScore: scores = zScores(reading)
    case .observer: scores = residuals(reading)
    case .correlation, .entropy, .impedance:
      // Windows are judged every ten readings.
      guard window.isFull, rows % 10 == 0 else { return }
      scores =
        measure == .correlation ? correlations() : measure == .entropy ? entropies() : impedances()
    }
    guard !scores.isEmpty else { return }
    for cell in 0..<context.cells {
      hits[cell] = scores[cell] > 1 ? hits[cell] + 1 : 0
      if hits[cell] >= 5, told.insert(cell).inserted {
        verdicts.append(
          Verdict(
            .internalShort, at: .cell(cell + 1), time: reading.time,
            evidence: [VerdictEvidence("measure over its limit", scores[cell], "")]))
      }
    }
  }

  /// Below the mean of the cells by 30 mV (a usual first limit for voltage spread).
  private func spread(_ reading: PackReading) -> [Double] {
    let mean = Self.mean(reading.cellVoltage)
    return reading.cellVoltage.map { (mean - $0) / 0.03 }
  }

  /// Below the mean by four standard deviations of the cells of this cycle.
  private func zScores(_ reading: PackReading) -> [Double] {
    let mean = Self.mean(reading.cellVoltage)
    var sum = 0.0
    var count = 0.0
    for value in reading.cellVoltage where value.isFinite {
      sum += (value - mean) * (value - mean)
      count += 1
    }
    let deviation = max((sum / max(count, 1)).squareRoot(), 0.001)
    return reading.cellVoltage.map { (mean - $0) / deviation / 4 }
  }

  /// Correlation of a cell with its neighbour over the window below 0.9, when both neighbours
  /// disagree (Xia et al. 2017, doi:10.1016/j.jpowsour.2016.11.015).
  private func correlations() -> [Double] {
    let n = context.cells
    let length = window.length
    var coefficients = [Double](repeating: 1, count: n)
    var isMoving = false
    for cell in 0..<n {
      let other = (cell + 1) % n
      var a = 0.0
      var b = 0.0
      for row in 0..<length {
        a += window.value(row, cell)
        b += window.value(row, other)
      }
      a /= Double(length)
      b /= Double(length)
      var ab = 0.0
      var aa = 0.0
      var bb = 0.0
      for row in 0..<length {
        let x = window.value(row, cell) - a
        let y = window.value(row, other) - b
        ab += x * y
        aa += x * x
        bb += y * y
      }
      // Without movement of some millivolts a coefficient says nothing.
      if aa > 9e-6 * Double(length), bb > 9e-6 * Double(length) {
        isMoving = true
        coefficients[cell] = ab / (aa * bb).squareRoot()
      }
    }
    guard isMoving else { return [] }
    return (0..<n).map { cell in
      let worst = max(coefficients[cell], coefficients[(cell + n - 1) % n])
      return (1 - worst) / 0.1
    }
  }

  /// Shannon entropy of a cell's voltages in ten bins over the window, as a z-score of the cells
  /// (Wang et al. 2015, doi:10.1016/j.apenergy.2015.05.088).
  private func entropies() -> [Double] {
    let n = context.cells
    let length = window.length
    var low = Double.infinity
    var high = -Double.infinity
    for row in 0..<length {
      for cell in 0..<n {
        low = min(low, window.value(row, cell))
        high = max(high, window.value(row, cell))
      }
    }
    guard high > low else { return [] }
    let values = (0..<n).map { cell -> Double in
      var bins = [Double](repeating: 0, count: 10)
      for row in 0..<length {
        bins[min(9, Int((window.value(row, cell) - low) / (high - low) * 10))] += 1
      }
      return bins.reduce(0) { $1 > 0 ? $0 - $1 / Double(length) * log($1 / Double(length)) : $0 }
    }
    let mean = Self.mean(values)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
    let deviation = max(variance.squareRoot(), 0.01)
    return values.map { abs($0 - mean) / deviation / 4 }
  }

  /// Slope of voltage over current in the window, off the median of the cells by 0.3 of it
  /// (online dynamic impedance; Srinivasan et al. 2018, doi:10.1149/2.0231807jes).
  private func impedances() -> [Double] {
    let n = context.cells
    let length = window.length
    var mean = 0.0
    for row in 0..<length { mean += window.load(row) }
    mean /= Double(length)
    var power = 0.0
    for row in 0..<length { power += (window.load(row) - mean) * (window.load(row) - mean) }
    // A twentieth of 1C of movement is needed for a slope.
    let least = context.cell.capacity / 3_600 / 20
    guard power > least * least * Double(length) else { return [] }
    let slopes = (0..<n).map { cell -> Double in
      var sum = 0.0
      for row in 0..<length { sum -= (window.load(row) - mean) * window.value(row, cell) }
      return sum / power
    }
    let middle = RobustStatistics.median(slopes)
    return slopes.map { abs($0 - middle) / max(0.3 * abs(middle), 1e-6) }
  }

  /// Residual of one observer a cell without siblings: charge counted, voltage predicted, corrected
  /// slowly; off by 40 mV.
  private mutating func residuals(_ reading: PackReading) -> [Double] {
    let cell = context.cell
    if observed.isEmpty {
      observed = reading.cellVoltage.map { $0.isNaN ? 0.5 : cell.openCircuit.charge(at: $0) }
      lastTime = reading.time
      return []
    }
    let interval = max(0, min(3_600, reading.time - lastTime))
    lastTime = reading.time
    let current = reading.current.isFinite ? reading.current : 0
    let gain = 1 - exp(-interval / 1_800)
    return (0..<context.cells).map { index in
      observed[index] -= current * interval / cell.capacity
      let value = reading.cellVoltage[index]
      guard value.isFinite else { return 0 }
      let predicted =
        cell.openCircuit.voltage(at: observed[index]) - current * cell.totalResistance
      let residual = value - predicted
      let slope = max(0.1, cell.openCircuit.slope(at: observed[index]))
      observed[index] += max(-0.02, min(0.02, gain * residual / slope))
      return -residual / 0.04
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    var sum = 0.0
    var count = 0.0
    for value in values where value.isFinite {
      sum += value
      count += 1
    }
    return count > 0 ? sum / count : .nan
  }
}
