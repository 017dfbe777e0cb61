// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Scores among siblings, correlation and entropy of every cell.

import Foundation
import NumericalMethods

/// Robust comparison of one number a cell with its module.
struct SiblingScores: Sendable {
  /// Value less the median of the module; NaN where unknown.
  var deviation: [Double]
  /// Deviation over the robust spread.
  var score: [Double]

  /// Scores values within groups; small groups use the spread of the whole pack, and no spread is
  /// taken below `floor`.
  init(_ values: [Double], groups: [Range<Int>], floor: Double) {
    deviation = values
    CellComparison.subtractMedians(&deviation, from: 0, groups: groups)
    score = Array(repeating: .nan, count: values.count)
    let all = deviation.filter { !$0.isNaN }
    let pooled = max(RobustStatistics.scaledMAD(all, about: 0), floor)
    for group in groups {
      let own = group.map { deviation[$0] }.filter { !$0.isNaN }
      // Eight: below it the spread of the group itself is known to no better than a factor of two.
      let spread = own.count >= 8 ? max(RobustStatistics.scaledMAD(own, about: 0), floor) : pooled
      for cell in group { score[cell] = deviation[cell] / spread }
    }
  }
}

/// Correlation with the module and entropy of the deviation over the last rows.
struct RecentShape: Sendable {
  /// Width of a bin of the entropy's histogram, in volts: half the reading tolerance.
  static let bin = 0.005

  var correlation: [Double?]
  var entropy: [Double?]

  init(_ recent: RecentRows, groups: [Range<Int>], cellCount: Int) {
    correlation = Array(repeating: nil, count: cellCount)
    entropy = Array(repeating: nil, count: cellCount)
    guard recent.count >= 32, recent.width == cellCount else { return }
    for group in groups {
      var medians = [Double](repeating: .nan, count: recent.count)
      for row in 0..<recent.count {
        medians[row] = CellMatrix.median(
          group.map { Double(recent.rows.values[row * recent.width + $0]) })
      }
      for cell in group {
        let values = recent.column(cell).map(Double.init)
        let pairs = zip(values, medians).filter { !$0.0.isNaN && !$0.1.isNaN }
        guard pairs.count >= 32 else { continue }
        correlation[cell] = Self.pearson(pairs)
        entropy[cell] = Self.shannon(pairs.map { $0.0 - $0.1 })
      }
    }
  }

  /// Pearson's correlation; nil where one of the two does not vary.
  static func pearson(_ pairs: [(Double, Double)]) -> Double? {
    let count = Double(pairs.count)
    let meanX = pairs.reduce(0) { $0 + $1.0 } / count
    let meanY = pairs.reduce(0) { $0 + $1.1 } / count
    var xx = 0.0
    var yy = 0.0
    var xy = 0.0
    for (x, y) in pairs {
      xx += (x - meanX) * (x - meanX)
      yy += (y - meanY) * (y - meanY)
      xy += (x - meanX) * (y - meanY)
    }
    guard xx > 1e-12, yy > 1e-12 else { return nil }
    return max(-1, min(1, xy / (xx * yy).squareRoot()))
  }

  /// Shannon entropy of the histogram of deviations, in bits.
  static func shannon(_ deviations: [Double]) -> Double {
    var counts: [Int: Int] = [:]
    for value in deviations { counts[Int((value / bin).rounded(.down)), default: 0] += 1 }
    let total = Double(deviations.count)
    return counts.keys.sorted().reduce(0) { sum, key in
      let share = Double(counts[key] ?? 0) / total
      return sum - share * log2(share)
    }
  }
}
