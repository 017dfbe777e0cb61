// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Resistance, capacity, correlation and entropy of every cell against its module.

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

/// Relative capacity of every cell against its module, from deviations that grow towards low
/// charge.
struct CapacityComparison: Sendable {
  /// Smallest range of charge over which a deviation can be told from an offset.
  static let smallestRange = 0.4

  /// Capacity below the module as a fraction, positive is capacity-poor; NaN where unknown.
  let deficit: [Double]
  /// Standard error of the same.
  let error: [Double]

  /// Regresses the deviation in charge on charge over all bands: a cell of less capacity loses
  /// charge faster, so its deviation changes by its deficit over the full range.
  init?(_ buckets: [Bucket], comparison: CellComparison, cellCount: Int) {
    guard let slope = comparison.model.referenceSlope else { return nil }
    var points: [(charge: Double, weight: Double, values: [Double])] = []
    for (position, place) in comparison.buckets.enumerated() {
      for entry in buckets[place].bands {
        guard let charge = comparison.model.charge(of: entry.band) else { continue }
        let factor = comparison.model.factor(of: entry.band)
        var values = (0..<cellCount).map { Double(entry.deviations[$0]) }
        CellComparison.subtractMedians(&values, from: 0, groups: comparison.modules)
        for cell in 0..<cellCount {
          // The departure over time is taken out, so that only the shape over charge is left.
          let moved =
            comparison.departure.bucketCount > 0 ? comparison.departure[position, cell] : 0
          values[cell] = values[cell] / (factor * slope) - (moved.isNaN ? 0 : moved) / slope
        }
        let weight = Double(min(entry.rows, CellComparison.fullRows)) * factor * factor
        points.append((charge, weight, values))
      }
    }
    let charges = points.map(\.charge)
    guard points.count >= 12, let low = charges.min(), let high = charges.max(),
      high - low >= Self.smallestRange
    else { return nil }
    var deficits = [Double](repeating: .nan, count: cellCount)
    var errors = [Double](repeating: .nan, count: cellCount)
    for cell in 0..<cellCount {
      var w = 0.0
      var x = 0.0
      var y = 0.0
      for point in points where !point.values[cell].isNaN {
        w += point.weight
        x += point.weight * point.charge
        y += point.weight * point.values[cell]
      }
      guard w > 0 else { continue }
      let meanX = x / w
      let meanY = y / w
      var xx = 0.0
      var xy = 0.0
      var yy = 0.0
      var count = 0
      for point in points where !point.values[cell].isNaN {
        let dx = point.charge - meanX
        let dy = point.values[cell] - meanY
        xx += point.weight * dx * dx
        xy += point.weight * dx * dy
        yy += point.weight * dy * dy
        count += 1
      }
      guard xx > 0, count > 4 else { continue }
      deficits[cell] = xy / xx
      errors[cell] = (max(0, yy - xy * xy / xx) / Double(count - 2) / xx).squareRoot()
    }
    deficit = deficits
    error = errors
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
