// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Whether, when and how fast a series leaves its own baseline.

import NumericalMethods

/// Whether, when and how fast a series leaves its own baseline.
///
/// One-sided cumulative sum of standardised departures: it grows while the series lies beyond one
/// standard deviation and falls back to zero otherwise. The onset is where the sum that raised
/// the alarm began to grow.
///
/// - Reference: Page (1954), doi:10.1093/biomet/41.1-2.100; allowance and threshold from Lucas
///   (1982), doi:10.1080/00224065.1982.11978791: k = 1 is tuned to shifts of two standard
///   deviations; h = 8 gives in-control runs of beyond 10⁶ buckets for independent normal values,
///   so that packs of 100 cells with 256 buckets raise fewer than one false alarm in 40.
struct DepartureTest: Sendable {
  static let allowance = 1.0
  static let threshold = 8.0
  /// A single bucket counts for at most this many standard deviations, so that at least two must
  /// agree.
  static let cap = 6.0

  /// Position at which the departure began.
  var onset: Int
  /// Position at which the sum passed the threshold: when it could first be said.
  var alarm: Int

  /// Runs the test.
  ///
  /// - Parameters:
  ///   - values: Departures from the baseline; NaN is skipped.
  ///   - deviations: Standard deviation of each value.
  ///   - start: First position after the baseline.
  ///   - sign: Direction that counts, +1 or −1.
  /// - Returns: The last departure that has not returned to the baseline; nil without one.
  static func run(
    _ values: [Double], deviations: [Double], from start: Int, sign: Double
  ) -> DepartureTest? {
    var sum = 0.0
    var onset: Int?
    var result: DepartureTest?
    for position in max(0, start)..<max(values.count, max(0, start)) {
      guard !values[position].isNaN, deviations[position] > 0 else { continue }
      let score = min(cap, max(-cap, sign * values[position] / deviations[position]))
      sum = max(0, min(10 * threshold, sum + score - allowance))
      if sum == 0 {
        onset = nil
        result = nil
      } else {
        if onset == nil { onset = position }
        if sum > threshold, result == nil, let onset {
          result = DepartureTest(onset: onset, alarm: position)
        }
      }
    }
    return result
  }

  /// The position at which a departure became faster, if it did.
  ///
  /// Splits the values after the onset where the sum of absolute deviations from the two medians
  /// is least. A split counts if the later median is at least twice the earlier, the deviations
  /// fall by a quarter, and the change is no even drift: either the step across the split is at
  /// least three times what the mean rate would give there, or the later rate is at least three
  /// times the earlier. The position is then moved back over values that already lie beyond the
  /// earlier part by twice its spread.
  static func acceleration(
    times: [Double], _ values: [Double], from onset: Int, sign: Double
  ) -> Int? {
    let positions = (onset..<values.count).filter { !values[$0].isNaN }
    let series = positions.map { sign * values[$0] }
    let time = positions.map { times[$0] }
    guard series.count >= 8 else { return nil }
    func spread(_ part: ArraySlice<Double>) -> (median: Double, sum: Double) {
      let median = RobustStatistics.median(Array(part))
      return (median, part.reduce(0) { $0 + abs($1 - median) })
    }
    let whole = spread(series[...]).sum
    var best: (split: Int, sum: Double)?
    for split in 3...(series.count - 3) {
      let early = spread(series[..<split])
      let late = spread(series[split...])
      guard late.median >= 2 * max(early.median, 0) else { continue }
      if early.sum + late.sum < best?.sum ?? .infinity { best = (split, early.sum + late.sum) }
    }
    guard let best, best.sum <= 0.75 * whole, !isEven(time, series, split: best.split)
    else { return nil }
    let early = Array(series[..<best.split])
    let median = RobustStatistics.median(early)
    let limit = median + 2 * max(RobustStatistics.scaledMAD(early, about: median), 0.001)
    var split = best.split
    while split > 1, series[split - 1] > limit { split -= 1 }
    return positions[split]
  }

  /// Whether a split lies on an even drift: neither a step nor a clearly higher rate after it.
  private static func isEven(_ time: [Double], _ series: [Double], split: Int) -> Bool {
    guard let whole = DriftRate(times: time, values: series), whole.slope > 0 else { return false }
    let before = max(0, split - 4)..<split
    let after = split..<min(series.count, split + 4)
    func median(_ values: [Double], _ part: Range<Int>) -> Double {
      RobustStatistics.median(Array(values[part]))
    }
    let step = median(series, after) - median(series, before)
    if step >= 3 * whole.slope * (median(time, after) - median(time, before)) { return false }
    guard
      let early = DriftRate(times: Array(time[..<split]), values: Array(series[..<split])),
      let late = DriftRate(times: Array(time[split...]), values: Array(series[split...]))
    else { return true }
    return late.slope - 2 * late.error < 3 * max(early.slope, 0)
  }
}
