// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the series of one cell says: departure, size, speed.

import NumericalMethods

/// What the series of one cell says.
struct CellVerdict: Sendable {
  /// Departure downwards, upwards.
  var fall: DepartureTest?
  var rise: DepartureTest?
  /// Position at which a fall became faster.
  var acceleration: Int?
  /// Present departure from the own baseline, in volts; NaN without a baseline.
  var departure = Double.nan
  /// Trend over the buckets that matter: since the onset, else since the baseline.
  var drift: DriftRate?
  /// Steepest fall over about a week, in volts a second, negative.
  var steepest: Double?

  init(_ comparison: CellComparison, cell: Int, times: [Double], edge: Int) {
    let series = comparison.departure.column(cell)
    let baseline = comparison.baselineCount
    guard baseline > 0, baseline < series.count else { return }
    let noise = comparison.bucketNoise.map { bucket in
      (bucket * bucket + comparison.cellNoise[cell] * comparison.cellNoise[cell]).squareRoot()
    }
    fall = DepartureTest.run(series, deviations: noise, from: baseline, sign: -1)
    rise = DepartureTest.run(series, deviations: noise, from: baseline, sign: 1)
    let onset = fall?.onset ?? rise?.onset
    let since = onset.map { series.count - $0 } ?? edge
    departure = CellMatrix.median(Array(series.suffix(max(1, min(edge, since)))))
    if let fall {
      acceleration = DepartureTest.acceleration(
        times: times, series, from: fall.onset, sign: -1)
      steepest = Self.steepestFall(times, series, from: fall.onset)
    }
    let start = onset.map { max(0, $0 - 1) } ?? baseline
    drift = DriftRate(times: Array(times[start...]), values: Array(series[start...]))
  }

  /// Steepest least-squares slope over windows of a week with at least five buckets.
  private static func steepestFall(_ times: [Double], _ values: [Double], from onset: Int)
    -> Double?
  {
    var steepest: Double?
    for start in max(0, onset - 1)..<values.count {
      var x: [Double] = []
      var y: [Double] = []
      var position = start
      while position < values.count, times[position] - times[start] <= 7 * 86_400 {
        if !values[position].isNaN {
          x.append(times[position])
          y.append(values[position])
        }
        position += 1
      }
      guard x.count >= 5 else { continue }
      let slope = RobustStatistics.theilSenSlope(x, y)
      if slope.isFinite, slope < steepest ?? 0 { steepest = slope }
    }
    return steepest
  }
}
