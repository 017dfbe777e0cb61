// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The knee of a capacity trend: where fade begins to accelerate.

import Foundation
import NumericalMethods

/// The knee of a capacity trend: where fade begins to accelerate.
///
/// Fits the Bacon–Watts model `Y = α₀ + α₁(x − x₁) + α₂(x − x₁)·tanh((x − x₁)/γ)`: two straight
/// lines that meet at `x₁`. A knee is reported only when the second line is at least
/// ``minimumRatio`` times as steep as the first, the two lines explain the data better than one
/// (Bayesian information criterion with the effective number of samples), and the knee lies inside
/// the data, with four cycles before it and three behind.
///
/// - Reference: Bacon & Watts (1971), doi:10.1093/biomet/58.3.525; Fermín-Cueto et al. (2020),
///   doi:10.1016/j.egyai.2020.100006.
public struct KneePoint: Codable, Hashable, Sendable {
  /// Cycle of the knee.
  public var cycle: Double
  /// Lower and upper end of the 95 % interval, in cycles.
  public var interval: ClosedRange<Double>
  /// Slope before the knee in coulombs per cycle.
  public var slopeBefore: Double
  /// Slope after the knee in coulombs per cycle.
  public var slopeAfter: Double
  /// Capacity at the knee in coulombs.
  public var capacity: Double

  /// Steepening that makes a knee.
  public static let minimumRatio = 1.5

  /// Finds the knee of a series.
  ///
  /// - Parameter series: Capacity over cycles, at least 20 of them.
  /// - Returns: The knee, or nil when the fade does not accelerate.
  /// - Complexity: O(cycles · iterations).
  public static func find(in series: CapacitySeries) -> KneePoint? {
    let n = series.cycle.count
    guard n >= 20, let first = series.cycle.first, let last = series.cycle.last, last > first
    else { return nil }
    // Everything in shares of the range keeps the normal matrix well conditioned.
    let span = last - first
    let x = series.cycle.map { ($0 - first) / span }
    let y = series.capacity.map { $0 / series.baseline }
    let gamma = 0.02
    var best: LevenbergMarquardt.Fit?
    for start in [0.3, 0.5, 0.7, 0.85] {
      let level = Interpolation.linear(x, y, at: start)
      let fit = try? LevenbergMarquardt.fit([level, -0.2, -0.1, start], count: n) { p, r in
        for i in 0..<n {
          let d = x[i] - p[3]
          r[i] = p[0] + p[1] * d + p[2] * d * tanh(d / gamma) - y[i]
        }
      }
      if let fit, fit.sumOfSquares < best?.sumOfSquares ?? .infinity { best = fit }
    }
    guard let fit = best,
      let line = try? DenseSolvers.leastSquares(
        x.flatMap { [1, $0] }, rows: n, columns: 2, y)
    else { return nil }
    var lineSquares = 0.0
    for i in 0..<n {
      let residual = line[0] + line[1] * x[i] - y[i]
      lineSquares += residual * residual
    }
    let p = fit.parameters
    let before = p[1] - p[2]
    let after = p[1] + p[2]
    var residuals: [Double] = []
    for i in 0..<n {
      let d = x[i] - p[3]
      residuals.append(p[0] + p[1] * d + p[2] * d * tanh(d / gamma) - y[i])
    }
    let inflation = Autocorrelation.inflation(residuals)
    let effective = Double(n) / inflation
    // Two more parameters must pay for themselves. A capacity that first rose and then stays is no
    // accelerated fade, so a rise before the knee counts as level.
    let gain = effective * log(lineSquares / max(fit.sumOfSquares, 1e-300))
    let error = fit.standardErrors[3] * inflation.squareRoot()
    guard gain > 2 * log(max(effective, 2)) + 4, after < 0,
      after < minimumRatio * min(before, 0), after - min(before, 0) < -0.02, error.isFinite,
      p[3] > 0.05, p[3] < 0.97, x.count(where: { $0 < p[3] }) >= 4,
      x.count(where: { $0 > p[3] }) >= 3
    else { return nil }
    let low = max(0, p[3] - 1.96 * error)
    let high = min(1, p[3] + 1.96 * error)
    let scale = series.baseline / span
    return KneePoint(
      cycle: first + p[3] * span, interval: (first + low * span)...(first + high * span),
      slopeBefore: before * scale, slopeAfter: after * scale, capacity: p[0] * series.baseline)
  }
}

/// How much serial correlation inflates variances.
enum Autocorrelation {
  /// `(1 + ρ) / (1 − ρ)` with the lag-one correlation of the residuals, from 1 to 20.
  ///
  /// - Reference: Bayley & Hammersley (1946), doi:10.2307/2983560 (effective number of samples).
  static func inflation(_ residuals: [Double]) -> Double {
    guard residuals.count > 4 else { return 1 }
    let mean = residuals.reduce(0, +) / Double(residuals.count)
    var zero = 0.0
    var one = 0.0
    for i in residuals.indices {
      zero += (residuals[i] - mean) * (residuals[i] - mean)
      if i > 0 { one += (residuals[i] - mean) * (residuals[i - 1] - mean) }
    }
    guard zero > 0 else { return 1 }
    let correlation = max(0, min(0.905, one / zero))
    return (1 + correlation) / (1 - correlation)
  }
}
