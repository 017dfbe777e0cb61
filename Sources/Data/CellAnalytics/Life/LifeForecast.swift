// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// When a cell will reach its end of life, by several methods, each with its interval.

import Foundation
import NumericalMethods

/// A forecast of the end of life by one method, with its interval.
public struct LifeForecast: Codable, Hashable, Sendable {
  /// How the trend is continued.
  public enum Method: String, CaseIterable, Codable, Hashable, Sendable {
    /// A straight line through the recent half of the data.
    case linear
    /// `a·exp(−b·x)`.
    case exponential
    /// `a·exp(b·x) + c·exp(d·x)`; He et al. (2011), doi:10.1016/j.jpowsour.2011.08.040.
    case doubleExponential = "double_exponential"
    /// A particle filter on capacity and fade rate.
    case particleFilter = "particle_filter"
  }

  /// How the trend is continued.
  public var method: Method
  /// Cycle at which life ends: median of the forecast.
  public var endOfLife: Double
  /// Lower end of the 90 % interval, in cycles.
  public var lower: Double
  /// Upper end of the 90 % interval, in cycles; the horizon when ``isOpenEnded``.
  public var upper: Double
  /// Whether part of the interval lies beyond the horizon of the forecast.
  public var isOpenEnded: Bool
  /// Last cycle that went into the forecast.
  public var fromCycle: Double
  /// Root-mean-square residual of the fit as a share of the baseline.
  public var residual: Double
  /// Number of cycles that went into the forecast.
  public var samples: Int

  /// Remaining cycles: median, from the last cycle of the data.
  public var remaining: Double { endOfLife - fromCycle }

  /// Draws for an interval; its ends then repeat within a few percent of its width.
  static let draws = 500
  /// The horizon of a forecast as a multiple of the cycles seen.
  static let horizonFactor = 10.0
  /// Fewest cycles for a forecast.
  public static let fewestCycles = 15

  /// Forecasts the end of life by all methods that the data support.
  ///
  /// Intervals come from draws of the fitted parameters with their covariance, inflated by the
  /// serial correlation of the residuals and widened by how far the method missed on this very
  /// cell in hindsight, or from the particles. They describe the uncertainty of
  /// each method *given that its trend goes on*; a knee after the last cycle lies outside all of
  /// them, which is why the methods are reported side by side and the coverage reached on measured
  /// cells is stated in the validation page.
  ///
  /// - Parameters:
  ///   - series: Capacity over cycles.
  ///   - seed: Seed of the draws.
  ///   - methods: The methods wanted.
  /// - Returns: One forecast a method, in the order of ``Method``; empty with fewer than
  ///   ``fewestCycles`` cycles or when life has already ended.
  /// - Complexity: O(cycles · draws).
  public static func all(
    for series: CapacitySeries, seed: UInt64, methods: Set<Method> = Set(Method.allCases)
  ) -> [LifeForecast] {
    guard series.cycle.count >= fewestCycles, series.endOfLifeCycle == nil else { return [] }
    return Method.allCases.filter(methods.contains).compactMap { method in
      switch method {
      case .linear: linear(series, seed: seed)
      case .exponential: exponential(series, seed: seed)
      case .doubleExponential: doubleExponential(series, seed: seed)
      case .particleFilter: ParticleFilterForecast.forecast(series, seed: seed)
      }
    }
  }

  private static func linear(_ series: CapacitySeries, seed: UInt64) -> LifeForecast? {
    let count = max(fewestCycles, series.cycle.count / 2)
    return ParametricForecast(
      series: series, window: count,
      initial: { x, y in
        [y[0], min(-1e-6, (y[y.count - 1] - y[0]) / max(1e-9, x[x.count - 1]))]
      }, value: { p, x in p[0] + p[1] * x }
    ).forecast(.linear, seed: seed)
  }

  private static func exponential(_ series: CapacitySeries, seed: UInt64) -> LifeForecast? {
    ParametricForecast(
      series: series, window: series.cycle.count, initial: { _, y in [y[0], 0.2] },
      value: { p, x in p[0] * exp(-p[1] * x) }
    ).forecast(.exponential, seed: seed)
  }

  private static func doubleExponential(_ series: CapacitySeries, seed: UInt64) -> LifeForecast? {
    ParametricForecast(
      series: series, window: series.cycle.count, initial: { _, y in [y[0], -0.1, -0.01, 2] },
      value: { p, x in p[0] * exp(min(50, p[1] * x)) + p[2] * exp(min(50, p[3] * x)) }
    ).forecast(.doubleExponential, seed: seed)
  }

  /// A forecast from the distribution of crossing cycles.
  static func summarise(
    _ crossings: [Double], method: Method, series: CapacitySeries, horizon: Double,
    residual: Double, samples: Int
  ) -> LifeForecast? {
    guard !crossings.isEmpty, let last = series.cycle.last else { return nil }
    let sorted = crossings.sorted()
    let upper = RobustStatistics.quantileOfSorted(sorted, 0.95)
    let median = RobustStatistics.quantileOfSorted(sorted, 0.5)
    // A forecast whose middle lies beyond the horizon says only "not soon".
    guard median < horizon else { return nil }
    return LifeForecast(
      method: method, endOfLife: median, lower: RobustStatistics.quantileOfSorted(sorted, 0.05),
      upper: min(upper, horizon), isOpenEnded: upper >= horizon, fromCycle: last,
      residual: residual, samples: samples)
  }
}

/// A forecast by a fitted curve.
struct ParametricForecast {
  let series: CapacitySeries
  /// Number of last cycles that are fitted.
  let window: Int
  /// Start values from cycles (0…1 over the window) and capacities (shares of the baseline).
  let initial: (_ x: [Double], _ y: [Double]) -> [Double]
  /// The curve.
  let value: (_ parameters: [Double], _ x: Double) -> Double

  func forecast(_ method: LifeForecast.Method, seed: UInt64) -> LifeForecast? {
    let cycles = Array(series.cycle.suffix(window))
    guard let first = cycles.first, let last = cycles.last, last > first else { return nil }
    let span = last - first
    let x = cycles.map { ($0 - first) / span }
    let y = Array(series.capacity.suffix(window).map { $0 / series.baseline })
    let limit = series.endOfLife / series.baseline
    guard
      let fit = try? LevenbergMarquardt.fit(
        initial(x, y), count: x.count, iterationLimit: 500,
        residuals: { p, r in for i in x.indices { r[i] = value(p, x[i]) - y[i] } }),
      fit.converged, !fit.covariance.isEmpty
    else { return nil }
    let p = fit.parameters
    let residuals = x.indices.map { value(p, x[$0]) - y[$0] }
    let inflation = Autocorrelation.inflation(residuals)
    let covariance = fit.covariance.map { $0 * inflation }
    guard let factor = try? DenseSolvers.cholesky(covariance, size: p.count) else { return nil }
    let hindsight = hindsightError(x, y)
    let seen = last - (series.cycle.first ?? 0)
    let horizon = last + LifeForecast.horizonFactor * max(seen, 100)
    var random = Xoshiro256(seed: seed &+ UInt64(method.rawValue.utf8.reduce(0) { $0 + Int($1) }))
    var crossings: [Double] = []
    for _ in 0..<LifeForecast.draws {
      let normal = p.map { _ in random.nextNormal() }
      var draw = p
      for row in p.indices {
        for column in 0...row { draw[row] += factor[row * p.count + column] * normal[column] }
      }
      let noise = fit.rootMeanSquare * random.nextNormal()
      let drift = hindsight * random.nextNormal()
      let found = crossing(draw, drift: drift, limit: limit + noise, to: (horizon - first) / span)
      crossings.append(found * span + first)
    }
    // Draws that say "already over" while the data say "not yet" mean an undetermined curve.
    guard crossings.filter({ $0 <= last }).count * 4 < crossings.count else { return nil }
    return LifeForecast.summarise(
      crossings, method: method, series: series, horizon: horizon, residual: fit.rootMeanSquare,
      samples: x.count)
  }

  /// How far the method missed on this very cell when it had only the first two thirds of the
  /// data: the deviation at the end divided by the distance, in shares of the baseline.
  private func hindsightError(_ x: [Double], _ y: [Double]) -> Double {
    let known = x.count * 2 / 3
    guard known >= 8, let last = x.last else { return 0 }
    let early = Array(x.prefix(known))
    let fit = try? LevenbergMarquardt.fit(
      initial(early, Array(y.prefix(known))), count: known,
      residuals: { p, r in for i in 0..<known { r[i] = value(p, early[i]) - y[i] } })
    guard let fit, fit.converged else { return 0 }
    let tail = (y.count - max(3, y.count / 10))..<y.count
    let missed = tail.reduce(0.0) { $0 + value(fit.parameters, x[$1]) - y[$1] }
    let distance = last - x[known - 1]
    let miss = abs(missed / Double(tail.count)) / distance
    return miss.isFinite ? min(miss, 1) : 0
  }

  /// The first abscissa from 1 on where the curve with a drift is at or below the limit.
  private func crossing(_ p: [Double], drift: Double, limit: Double, to end: Double) -> Double {
    func value(_ p: [Double], _ x: Double) -> Double { self.value(p, x) + drift * (x - 1) }
    var left = 1.0
    guard value(p, left) > limit else { return left }
    var step = 0.05
    while left < end {
      let right = min(end, left + step)
      if value(p, right) <= limit {
        var low = left
        var high = right
        for _ in 0..<40 {
          let middle = (low + high) / 2
          if value(p, middle) <= limit { high = middle } else { low = middle }
        }
        return high
      }
      left = right
      step *= 1.15
    }
    return end
  }
}
