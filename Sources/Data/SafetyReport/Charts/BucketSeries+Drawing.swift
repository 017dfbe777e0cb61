// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Buckets merged for drawing, weighted by the rows behind them.

import FleetAnalytics

/// Deviations of cells merged over longer spans, weighted by the rows behind them.
struct DrawnDeviations: Sendable {
  /// Start of each span that holds rows.
  var time: [Double]
  /// Length of a span in seconds.
  var interval: Double
  /// Deviation in millivolts, `[cell][span]`; NaN where there is none.
  var millivolts: [[Double]]

  /// Merges buckets until at most `limit` spans fit between the first and the last one.
  ///
  /// A bucket of one row is noisy and one of fifty is not, so the mean is weighted by rows.
  init(_ buckets: BucketSeries, limit: Int) {
    guard let first = buckets.time.first, let last = buckets.time.last, buckets.interval > 0 else {
      time = []
      interval = 0
      millivolts = []
      return
    }
    var factor = 1.0
    while (last - first) / (buckets.interval * factor) >= Double(max(2, limit)) { factor *= 2 }
    let span = buckets.interval * factor
    var starts: [Double] = []
    var members: [[Int]] = []
    for (index, start) in buckets.time.enumerated() {
      let slot = first + ((start - first) / span).rounded(.down) * span
      if starts.last == slot {
        members[members.count - 1].append(index)
      } else {
        starts.append(slot)
        members.append([index])
      }
    }
    time = starts
    interval = span
    millivolts = buckets.moduleDeviation.map { cell in
      members.map { indices in
        var sum = 0.0
        var weight = 0.0
        for index in indices {
          guard let value = cell[index] else { continue }
          let rows = Double(max(1, buckets.steadyRows[index]))
          sum += value * rows
          weight += rows
        }
        return weight > 0 ? sum / weight * 1000 : .nan
      }
    }
  }
}
