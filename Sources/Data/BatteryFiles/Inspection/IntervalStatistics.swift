// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sampling intervals and gaps of a time column in bounded memory.

import Foundation

/// Sampling intervals and gaps of a time column in bounded memory.
///
/// Intervals are counted in bins of an eighth of an octave, so the typical interval is known to
/// 9 % and the number of gaps is exact for a limit on the edge of a bin.
struct IntervalStatistics {
  /// A gap must be this many times longer than the typical interval.
  private static let gapFactor = 10.0
  private static let binsPerOctave = 8.0
  private static let lowest = 1e-6
  private static let binCount = 512
  private static let kept = 10

  private var bins = [Int](repeating: 0, count: binCount)
  private var totals = [Double](repeating: 0, count: binCount)
  private var longest: [TableSummary.Gap] = []
  private var previous = Double.nan
  private(set) var first = Double.nan
  private(set) var last = Double.nan

  /// Takes the next usable time.
  mutating func add(_ time: Double, row: Int) {
    if first.isNaN { first = time }
    last = last.isNaN ? time : max(last, time)
    first = min(first, time)
    let interval = time - previous
    if interval > 0 {
      let octaves = log2(max(interval, Self.lowest) / Self.lowest)
      let bin = min(Self.binCount - 1, max(0, Int((octaves * Self.binsPerOctave).rounded(.down))))
      bins[bin] += 1
      totals[bin] += interval
      if longest.count < Self.kept || interval > (longest.last?.seconds ?? 0) {
        longest.append(TableSummary.Gap(start: previous, seconds: interval, row: row))
        longest.sort { $0.seconds > $1.seconds }
        if longest.count > Self.kept { longest.removeLast() }
      }
    }
    previous = time
  }

  /// The typical interval: the mean of the bin that holds the median; NaN without intervals.
  var typical: Double {
    let total = bins.reduce(0, +)
    guard total > 0 else { return .nan }
    var seen = 0
    for bin in bins.indices {
      seen += bins[bin]
      if seen * 2 >= total { return totals[bin] / Double(bins[bin]) }
    }
    return .nan
  }

  /// The gaps: intervals of at least ten typical ones.
  var gaps: TableSummary.Gaps {
    let typical = typical
    guard typical.isFinite else { return .init(limit: nil, count: 0, seconds: 0, longest: []) }
    let octaves = log2(typical * Self.gapFactor / Self.lowest)
    let edge = min(Self.binCount, max(0, Int((octaves * Self.binsPerOctave).rounded(.up))))
    let limit = Self.lowest * exp2(Double(edge) / Self.binsPerOctave)
    return .init(
      limit: limit, count: bins[edge...].reduce(0, +), seconds: totals[edge...].reduce(0, +),
      longest: longest.filter { $0.seconds >= limit })
  }
}
