// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The usual interval between rows, from a histogram of fixed size.

import Foundation

/// Counts intervals in bins of a constant ratio, so that their median is known within 10 % from
/// a few hundred counters, whatever the order and batching of the rows.
struct IntervalHistogram: Sendable {
  /// Bins cover 1 ms to about 3 years at a ratio of `2^(1/4)`.
  private var bins = [Int](repeating: 0, count: 148)
  private(set) var total = 0

  /// Adds one interval in seconds; others than positive ones are ignored.
  mutating func add(_ interval: Double) {
    guard interval > 0, interval.isFinite else { return }
    let position = Int((log2(interval * 1000) * 4).rounded())
    bins[max(0, min(bins.count - 1, position))] += 1
    total += 1
  }

  /// The median interval in seconds within 10 %; nil before eight intervals are known.
  var median: Double? {
    guard total >= 8 else { return nil }
    var below = 0
    for (position, count) in bins.enumerated() {
      below += count
      if below * 2 >= total { return exp2(Double(position) / 4) / 1000 }
    }
    return nil
  }
}
