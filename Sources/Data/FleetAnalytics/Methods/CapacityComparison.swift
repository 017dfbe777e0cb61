// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The capacity of every cell against its module, from the shape of its deviation over charge.

import NumericalMethods

/// Relative capacity of every cell against its module, from deviations that grow towards low
/// charge.
struct CapacityComparison: Sendable {
  /// Smallest range of charge over which a deviation can be told from an offset.
  static let smallestRange = 0.4
  /// Number of spans of time, each with a level of its own, that the data are divided into: a
  /// cell that drifts changes its level from span to span, not its shape over charge within one.
  static let spans = 12
  /// Ratio of a deficit to its standard error from which it is believed.
  static let believedRatio = 5.0

  /// Capacity below the module as a fraction, positive is capacity-poor; NaN where unknown.
  let deficit: [Double]
  /// Standard error of the same.
  let error: [Double]
  /// The deficits among the module.
  let scores: SiblingScores
  /// Mean charge at which the deviations are taken.
  let meanCharge: Double

  /// Whether the deficit of a cell stands out from its module and from its own error.
  func isBelieved(_ cell: Int) -> Bool {
    abs(scores.score[cell]) >= AssessmentBuilder.outlierScore
      && abs(deficit[cell]) >= Self.believedRatio * error[cell]
  }

  /// Regresses the deviation in charge on charge over all bands, each span of time with its own
  /// level (fixed effects): a cell of less capacity loses charge faster, so its deviation changes
  /// by its deficit over the full range.
  init?(
    _ buckets: [Bucket], model: LikeChargeModel, modules: [Range<Int>], cellCount: Int
  ) {
    guard let slope = model.referenceSlope else { return nil }
    var points: [Point] = []
    for (position, bucket) in buckets.enumerated() {
      for entry in bucket.bands {
        guard let charge = model.charge(of: entry.band) else { continue }
        let factor = model.factor(of: entry.band)
        var values = (0..<cellCount).map { Double(entry.deviations[$0]) }
        CellComparison.subtractMedians(&values, from: 0, groups: modules)
        points.append(
          Point(
            span: position * Self.spans / max(1, buckets.count), charge: charge,
            weight: Double(min(entry.rows, CellComparison.fullRows)) * factor * factor,
            values: values.map { $0 / (factor * slope) }))
      }
    }
    let charges = points.map(\.charge)
    guard points.count >= Self.spans, let low = charges.min(), let high = charges.max(),
      high - low >= Self.smallestRange
    else { return nil }
    var deficits = [Double](repeating: .nan, count: cellCount)
    var errors = [Double](repeating: .nan, count: cellCount)
    for cell in 0..<cellCount {
      if let fit = Self.fit(points, cell: cell) { (deficits[cell], errors[cell]) = fit }
    }
    deficit = deficits
    error = errors
    scores = SiblingScores(deficits, groups: modules, floor: 0.005)
    let weight = points.reduce(0) { $0 + $1.weight }
    meanCharge = points.reduce(0) { $0 + $1.weight * $1.charge } / weight
  }

  /// The deviations of one bucket and band.
  private struct Point {
    var span: Int
    var charge: Double
    var weight: Double
    var values: [Double]
  }

  /// Slope of a cell's deviation over charge within spans, with its standard error.
  private static func fit(_ points: [Point], cell: Int) -> (slope: Double, error: Double)? {
    var w = [Double](repeating: 0, count: spans)
    var x = w
    var y = w
    for point in points where !point.values[cell].isNaN {
      w[point.span] += point.weight
      x[point.span] += point.weight * point.charge
      y[point.span] += point.weight * point.values[cell]
    }
    var xx = 0.0
    var xy = 0.0
    var yy = 0.0
    var count = 0
    for point in points where !point.values[cell].isNaN && w[point.span] > 0 {
      let dx = point.charge - x[point.span] / w[point.span]
      let dy = point.values[cell] - y[point.span] / w[point.span]
      xx += point.weight * dx * dx
      xy += point.weight * dx * dy
      yy += point.weight * dy * dy
      count += 1
    }
    let free = count - w.count { $0 > 0 } - 1
    guard xx > 0, free > 3 else { return nil }
    return (xy / xx, (max(0, yy - xy * xy / xx) / Double(free) / xx).squareRoot())
  }

  /// The buckets with the shape over charge of all believed cells taken out.
  func corrected(_ buckets: [Bucket], model: LikeChargeModel) -> [Bucket] {
    let cells = deficit.indices.filter { isBelieved($0) }
    guard let slope = model.referenceSlope, !cells.isEmpty else { return buckets }
    var result = buckets
    for bucket in result.indices {
      for place in result[bucket].bands.indices {
        let band = result[bucket].bands[place].band
        guard let charge = model.charge(of: band) else { continue }
        let change = slope * model.factor(of: band) * (charge - meanCharge)
        for cell in cells {
          result[bucket].bands[place].deviations.values[cell] -= Float(deficit[cell] * change)
        }
      }
    }
    return result
  }
}
