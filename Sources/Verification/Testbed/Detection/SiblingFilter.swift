// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A Kalman filter a cell, relative to the siblings: charge difference, leak, capacity, resistances.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How one cell differs from the median of its siblings, estimated by a Kalman filter of six states.
///
/// The measured difference to the siblings' median is
/// `dv = U(s + δ) − U(s) − λ·R − r·I − ρ·u + b`, with the charge difference δ, which drifts by the leak
/// λ, by the balancing switch and, in proportion to the current, by the capacity difference κ; the
/// difference r of resistance that acts at once; the relative difference ρ of slow polarisation u; and
/// the offset b of the channel. A short is a leak no sibling has: the filter separates it from cells
/// that are merely smaller, more resistive, balanced or read with an offset.
struct SiblingFilter: Sendable {
  static let states = 6
  /// Innovation that is expected of model errors, in standard deviations.
  static let allowance = 0.5
  /// Largest innovation that counts, in standard deviations: no single value decides.
  static let largest = 6.0
  /// Shortest time between two leaps that are taken as shifts of a channel, in seconds.
  static let shiftPause = 86_400.0
  /// Index of each state.
  enum State: Int { case charge, leak, capacity, series, slow, offset }

  /// `[cell × state]`.
  private(set) var mean: [Double]
  /// `[cell × state × state]`, full symmetric.
  private(set) var covariance: [Double]
  /// Cumulated sum of each cell's innovations below expectation, in standard deviations (Page 1954,
  /// doi:10.1093/biomet/41.1-2.100).
  private(set) var evidence: [Double]
  private var lastShift: [Double]
  private let capacity: Double
  private let processLeak: Double
  private let processOffset: Double

  init(cells: Int, capacity: Double, resistance: Double) {
    let n = Self.states
    self.capacity = capacity
    mean = Array(repeating: 0, count: cells * n)
    covariance = Array(repeating: 0, count: cells * n * n)
    evidence = Array(repeating: 0, count: cells)
    lastShift = Array(repeating: -.infinity, count: cells)
    let hourly = capacity / 3_600
    // Leak: siblings differ by milliamperes; it may grow by a thousandth of C in the root of an hour.
    let start: [Double] = [0.02, hourly / 5_000, 0.02, 0.15 * resistance, 0.15, 0.002]
    for cell in 0..<cells {
      for s in 0..<n { covariance[(cell * n + s) * n + s] = start[s] * start[s] }
    }
    processLeak = (hourly / 1_000) * (hourly / 1_000) / 3_600
    processOffset = 0.000_2 * 0.000_2 / 86_400
  }

  @inline(__always)
  func value(_ cell: Int, _ state: State) -> Double { mean[cell * Self.states + state.rawValue] }

  @inline(__always)
  func deviation(_ cell: Int, _ state: State) -> Double {
    let n = Self.states
    return max(0, covariance[(cell * n + state.rawValue) * n + state.rawValue]).squareRoot()
  }

  /// Moves all cells over a time of mean current, with the balancing currents.
  mutating func predict(duration: Double, current: Double, bled: [Double]) {
    let n = Self.states
    let leak = State.leak.rawValue
    let share = State.capacity.rawValue
    let a = -duration / capacity
    let b = -current * duration / capacity
    let growth = processLeak * duration
    let cells = evidence.count
    covariance.withUnsafeMutableBufferPointer { p in
      mean.withUnsafeMutableBufferPointer { x in
        for cell in 0..<cells {
          let base = cell * n
          x[base] += a * x[base + leak] - b * x[base + share] - bled[cell] / capacity
          let m = base * n
          // Row and column 0 of F·P·Fᵀ, with F = I + a·e₀e₁ᵀ − b·e₀e₂ᵀ.
          for s in 1..<n {
            let cross = p[m + s] + a * p[m + leak * n + s] - b * p[m + share * n + s]
            p[m + s] = cross
          }
          let own = p[m] + a * p[m + leak * n] - b * p[m + share * n]
          p[m] = own + a * p[m + leak] - b * p[m + share]
          for s in 1..<n { p[m + s * n] = p[m + s] }
          p[m] += 1e-10 * duration / 3_600
          p[m + leak * n + leak] += growth
          // Ageing and temperature move the other parameters slowly.
          p[m + share * n + share] += 4e-6 * duration / 3_600
          p[m + 3 * n + 3] += 1e-10 * duration / 3_600
          p[m + 4 * n + 4] += 2e-6 * duration / 3_600
          p[m + 5 * n + 5] += processOffset * duration
        }
      }
    }
  }

  /// Variance of the difference of a cell by the doubt of its states, in V².
  @inline(__always)
  func spread(_ cell: Int, _ h: (Double, Double, Double, Double, Double, Double)) -> Double {
    let n = Self.states
    let m = cell * n * n
    var sum = 0.0
    for s in 0..<n where s != 2 {
      let row = m + s * n
      let left = covariance[row] * h.0 + covariance[row + 1] * h.1 + covariance[row + 3] * h.3
      let factor = s == 0 ? h.0 : s == 1 ? h.1 : s == 3 ? h.3 : s == 4 ? h.4 : h.5
      sum += (left + covariance[row + 4] * h.4 + covariance[row + 5] * h.5) * factor
    }
    return sum
  }

  /// Takes the difference of one cell to its siblings.
  ///
  /// - Parameters:
  ///   - cell: From 0.
  ///   - time: In seconds.
  ///   - residual: Measured minus expected difference, in volts.
  ///   - h: Derivatives of the difference by the states.
  ///   - variance: Of the difference, in V².
  ///   - scale: Spread of the siblings' normalised residuals, at least 1.
  ///   - counts: Whether the residual is evidence, as it is at rest.
  ///   - isShift: Whether several siblings leapt in this window, as when a connector is seated again.
  @inline(__always)
  mutating func update(
    cell: Int, time: Double, residual: Double,
    sensitivity h: (Double, Double, Double, Double, Double, Double), variance: Double,
    scale: Double, counts: Bool, isShift: Bool
  ) {
    let n = Self.states
    let m = cell * n * n
    let h0 = h.0
    let h1 = h.1
    let h3 = h.3
    let h4 = h.4
    let h5 = h.5
    covariance.withUnsafeMutableBufferPointer { p in
      mean.withUnsafeMutableBufferPointer { x in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: n) { g in
          for s in 0..<n {
            let row = m + s * n
            let left = p[row] * h0 + p[row + 1] * h1
            g[s] = left + p[row + 3] * h3 + p[row + 4] * h4 + p[row + 5] * h5
          }
          let spread = g[0] * h0 + g[1] * h1 + g[3] * h3 + g[4] * h4 + g[5] * h5
          // Where siblings disagree more than the model allows, the model is worth less.
          var total = spread + variance + (scale * scale - 1) * (spread + variance)
          let normal = residual / total.squareRoot()
          let leaps = abs(normal) > 6 && time - lastShift[cell] > Self.shiftPause
          if leaps || isShift && abs(normal) > 2 {
            // A leap is a channel that shifted, once a day; a short goes on falling.
            if leaps { lastShift[cell] = time }
            p[m + 5 * n + 5] += residual * residual
            g[5] += residual * residual * h5
            total += residual * residual * h5 * h5
          } else if counts {
            let step = max(-Self.largest, min(Self.largest, normal))
            evidence[cell] = max(0, evidence[cell] - step - Self.allowance)
          }
          let gain = 1 / total
          for s in 0..<n {
            let k = g[s] * gain
            x[cell * n + s] += k * residual
            for c in 0..<n { p[m + s * n + c] -= k * g[c] }
          }
        }
      }
    }
  }
}
