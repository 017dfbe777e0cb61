// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The trend of a series with its standard error.

import NumericalMethods

/// The trend of a series with its standard error.
struct DriftRate: Sendable {
  /// Slope in units a second.
  var slope: Double
  /// Standard error of the slope.
  var error: Double
  /// Number of points behind it.
  var count: Int

  /// Median of pairwise slopes, with the error of a least-squares slope whose residuals have the
  /// robust spread of those about the median slope.
  ///
  /// - Parameters:
  ///   - times: Seconds, ascending.
  ///   - values: As many values; NaN is skipped.
  /// - Reference: Sen (1968), doi:10.1080/01621459.1968.10480934.
  init?(times: [Double], values: [Double]) {
    let pairs = zip(times, values).filter { !$0.1.isNaN }
    guard pairs.count >= 6, let first = pairs.first, let last = pairs.last, last.0 > first.0
    else { return nil }
    // At most 80 points, evenly taken: the slopes of all pairs grow with the square.
    let step = (pairs.count + 79) / 80
    let thinned = stride(from: 0, to: pairs.count, by: step).map { pairs[$0] }
    let x = thinned.map { $0.0 - first.0 }
    let y = thinned.map(\.1)
    slope = RobustStatistics.theilSenSlope(x, y)
    guard slope.isFinite else { return nil }
    let slope = self.slope
    let residuals = zip(x, y).map { $0.1 - slope * $0.0 }
    let spread = RobustStatistics.scaledMAD(
      residuals, about: RobustStatistics.median(residuals))
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    guard variance > 0 else { return nil }
    error = spread / variance.squareRoot()
    count = thinned.count
  }
}
