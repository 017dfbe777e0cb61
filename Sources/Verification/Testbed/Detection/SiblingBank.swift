// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A bank of Kalman filters: how each cell differs from its module under rival explanations.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One explanation of why a cell differs from its module: which of its states may move, and how fast.
struct SiblingHypothesis: Sendable {
  /// Time in which a leak grows e-fold, in seconds; infinite where it does not grow by itself.
  var growthTime = Double.infinity
  /// Standard deviation of the leak at the start, as a part of the capacity an hour.
  var leakStart = 5e-5
  /// Random walk of the leak, as a part of the capacity an hour, per √h.
  var leakWalk = 5e-6
  /// Random walk of the capacity difference per √h.
  var capacityWalk = 0.001
  /// Random walk of the series resistance, relative, per √h.
  var seriesWalk = 0.015
  /// Random walk of the slow polarisation, relative, per √h.
  var slowWalk = 0.015
}

/// How the cells of each module differ from the module's median, estimated once per hypothesis.
///
/// The measured difference is `dv = U(s + δ) − U(s) − λ·R − r·I − ρ·u + b` with the charge
/// difference δ, which falls by the leak λ, by the balancing switch and, in proportion to the current, by
/// the missing capacity κ; the difference r of the resistance that acts at once; the relative difference ρ
/// of the slow polarisation u; and the offset b of the channel. Cells of one module share board, age and
/// coolant, so that a connector seated again or a module replaced moves none against its median.
///
/// All cells of a module share covariance and gain, because all are read at once; only the means are
/// per cell. Complexity: O(hypotheses · (modules · 36 + cells)).
struct SiblingBank: Sendable {
  static let states = 6
  /// Random walk of a channel's offset in volts per √h: 0.2 mV in a day.
  static let drift = 0.000_04
  /// Index of each state.
  enum State: Int { case charge, leak, capacity, series, slow, offset }

  let hypotheses: [SiblingHypothesis]
  let cells: Int
  let perModule: Int
  let modules: Int
  /// `[hypothesis × cell × state]`.
  private(set) var mean: [Double]
  /// `[hypothesis × module × state × state]`, full symmetric.
  private(set) var covariance: [Double]
  /// Gain of the last update, `[hypothesis × module × state]`.
  private var gain: [Double]
  /// Variance of the innovation of the last update, `[hypothesis × module]`.
  private(set) var variance: [Double]
  private let capacity: Double
  private let resistance: Double

  init(
    cells: Int, perModule: Int, capacity: Double, resistance: Double,
    _ hypotheses: [SiblingHypothesis]
  ) {
    let n = Self.states
    self.cells = cells
    self.perModule = max(1, perModule)
    modules = (cells + self.perModule - 1) / self.perModule
    self.hypotheses = hypotheses
    self.capacity = capacity
    self.resistance = resistance
    let count = hypotheses.count
    mean = Array(repeating: 0, count: count * cells * n)
    covariance = Array(repeating: 0, count: count * modules * n * n)
    gain = Array(repeating: 0, count: count * modules * n)
    variance = Array(repeating: 1, count: count * modules)
    for (h, hypothesis) in hypotheses.enumerated() {
      let leak = hypothesis.leakStart * capacity / 3_600
      let start: [Double] = [0.012, leak, 0.02, 0.15 * resistance, 0.15, 0.002]
      for module in 0..<modules {
        for s in 0..<n {
          covariance[((h * modules + module) * n + s) * n + s] = start[s] * start[s]
        }
      }
    }
  }

  @inline(__always)
  func value(_ hypothesis: Int, _ cell: Int, _ state: State) -> Double {
    mean[(hypothesis * cells + cell) * Self.states + state.rawValue]
  }

  /// Standard deviation of a state, the same for all cells of a module.
  @inline(__always)
  func deviation(_ hypothesis: Int, _ cell: Int, _ state: State) -> Double {
    let n = Self.states
    let base = (hypothesis * modules + cell / perModule) * n * n
    return max(0, covariance[base + state.rawValue * (n + 1)]).squareRoot()
  }

  /// Moves everything over a time of mean current.
  ///
  /// - Parameters:
  ///   - duration: In seconds.
  ///   - current: Mean current in amperes, discharge positive.
  ///   - bled: Charge taken by the balancing switch of each cell, in coulombs.
  ///   - unknown: Charge difference that the pack may have been used by unseen, as a part.
  ///   - bend: For each module, volts by which the offset may differ after the charge moved this far.
  mutating func predict(
    duration: Double, current: Double, bled: [Double], unknown: Double, bend: [Double]
  ) {
    let n = Self.states
    let hours = duration / 3_600
    let a = duration / capacity
    let b = current * duration / capacity
    let hourly = capacity / 3_600
    for (h, hypothesis) in hypotheses.enumerated() {
      let leakWalk = hypothesis.leakWalk * hourly
      let seriesWalk = hypothesis.seriesWalk * resistance
      let growing = exp(min(1, duration / hypothesis.growthTime))
      for module in 0..<modules {
        let m = (h * modules + module) * n * n
        // A leak of a twentieth of the capacity an hour is a hard short: no wider prior.
        let growth = covariance[m + 7] > hourly * hourly / 400 ? 1 : growing
        covariance.withUnsafeMutableBufferPointer { p in
          for s in 0..<n { p[m + s] -= a * p[m + n + s] + b * p[m + 2 * n + s] }
          for s in 0..<n { p[m + s * n] -= a * p[m + s * n + 1] + b * p[m + s * n + 2] }
          for s in 0..<n { p[m + n + s] *= growth }
          for s in 0..<n { p[m + s * n + 1] *= growth }
          p[m] += 1e-10 * hours + unknown * unknown * p[m + 14]
          p[m + 7] += leakWalk * leakWalk * hours
          p[m + 14] += hypothesis.capacityWalk * hypothesis.capacityWalk * hours
          p[m + 21] += seriesWalk * seriesWalk * hours
          p[m + 28] += hypothesis.slowWalk * hypothesis.slowWalk * hours
          p[m + 35] += Self.drift * Self.drift * hours + bend[module] * bend[module]
        }
        mean.withUnsafeMutableBufferPointer { x in
          for cell in (module * perModule)..<min(cells, (module + 1) * perModule) {
            let base = (h * cells + cell) * n
            x[base] -= a * x[base + 1] + b * x[base + 2] + bled[cell] / capacity
            x[base + 1] *= growth
          }
        }
      }
    }
  }

  /// Variance of the innovation of a module by the doubt of the states alone, in V².
  func spread(
    _ hypothesis: Int, module: Int, _ h: (Double, Double, Double, Double, Double, Double)
  ) -> Double {
    let n = Self.states
    let m = (hypothesis * modules + module) * n * n
    let factors = [h.0, h.1, h.2, h.3, h.4, h.5]
    var sum = 0.0
    for s in 0..<n where factors[s] != 0 {
      for c in 0..<n { sum += factors[s] * covariance[m + s * n + c] * factors[c] }
    }
    return max(0, sum)
  }

  /// Prepares the update of all cells: gain and variance of each module, and the covariance after it.
  ///
  /// - Parameters:
  ///   - sensitivity: Derivatives of the difference by the states, `[module]`.
  ///   - noise: Variance of the difference in V², `[module]`.
  ///   - scales: Factor on the standard deviations where siblings disagree more than modelled,
  ///     `[module]`.
  mutating func prepare(
    sensitivity: [(Double, Double, Double, Double, Double, Double)], noise: [Double],
    scales: [Double]
  ) {
    let n = Self.states
    for h in hypotheses.indices {
      for module in 0..<modules {
        let m = (h * modules + module) * n * n
        let v = (h * modules + module) * n
        let (h0, h1, h2, h3, h4, h5) = sensitivity[module]
        covariance.withUnsafeMutableBufferPointer { p in
          gain.withUnsafeMutableBufferPointer { k in
            for s in 0..<n {
              let r = m + s * n
              let first = p[r] * h0 + p[r + 1] * h1 + p[r + 2] * h2
              k[v + s] = first + p[r + 3] * h3 + p[r + 4] * h4 + p[r + 5] * h5
            }
            let left = k[v] * h0 + k[v + 1] * h1 + k[v + 2] * h2
            let spread = left + k[v + 3] * h3 + k[v + 4] * h4 + k[v + 5] * h5
            let total = (max(0, spread) + noise[module]) * scales[module] * scales[module]
            variance[h * modules + module] = total
            let inverse = 1 / total
            for s in 0..<n {
              let ks = k[v + s] * inverse
              for c in s..<n {
                // A growing state would blow up what rounding leaves unsymmetric.
                let entry = p[m + s * n + c] - ks * k[v + c]
                p[m + s * n + c] = entry
                p[m + c * n + s] = entry
              }
            }
            for s in 0..<n { k[v + s] *= inverse }
          }
        }
      }
    }
  }

  /// Difference that a hypothesis expects of a cell whose curve has a slope of its own.
  @inline(__always)
  func expected(
    _ hypothesis: Int, _ cell: Int, slope: Double,
    _ h: (Double, Double, Double, Double, Double, Double)
  ) -> Double {
    let base = (hypothesis * cells + cell) * Self.states
    let early = slope * mean[base] + h.1 * mean[base + 1] + h.3 * mean[base + 3]
    return early + h.4 * mean[base + 4] + mean[base + 5]
  }

  /// Moves the means of a cell by a part of its innovation.
  @inline(__always)
  mutating func correct(_ hypothesis: Int, _ cell: Int, by innovation: Double) {
    let n = Self.states
    let base = (hypothesis * cells + cell) * n
    let v = (hypothesis * modules + cell / perModule) * n
    mean.withUnsafeMutableBufferPointer { x in
      gain.withUnsafeBufferPointer { k in
        for s in 0..<n { x[base + s] += k[v + s] * innovation }
        // What no cell can be: a source, or without capacity or resistance.
        x[base + 1] = min(capacity / 7_200, max(0, x[base + 1]))
        x[base + 2] = min(1, max(-0.5, x[base + 2]))
        x[base + 3] = max(-0.7 * resistance, x[base + 3])
        x[base + 4] = min(4, max(-0.7, x[base + 4]))
      }
    }
  }

  /// Takes a leap of a channel as a shift of its offset, whatever the hypothesis.
  mutating func shift(_ cell: Int, by leaps: [Double]) {
    for h in hypotheses.indices {
      mean[(h * cells + cell) * Self.states + State.offset.rawValue] += leaps[h]
    }
  }
}
