// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the noise of a slow test does to everything that is computed from its curve.

import Foundation

/// What the noise of a slow test does to everything that is computed from its curve.
///
/// A curve is as wrong wherever a test passes the same charge, which no residual of that test
/// tells from the cell.
struct CurveNoise: Sendable {
  /// Standard deviation of the samples about the curve, in volts.
  var white: Double
  /// Number of samples.
  var points: Int
  /// Degrees of freedom of the curve.
  var freedom: Double
  /// Of the slow test, in seconds.
  var duration: Double

  /// Variance in V² that is left in the curve, and over which charge it forgets two thirds, if the
  /// slow test was recorded with a noise of the same memory as the other tests.
  ///
  /// The smooth curve counts as the mean over its window, one degree of freedom long; the mean of
  /// an exponentially forgetting noise of memory `T` over a window `w` has the variance share
  /// `2T/w·(1 − T/w·(1 − e^{−w/T}))`.
  func left(_ memory: ResidualMemory) -> (variance: Double, distance: Double) {
    let window = duration / max(1, freedom)
    let ratio = memory.memory / window
    let kept = min(1, 2 * ratio * (1 - ratio * (1 - exp(-1 / ratio))))
    let variance = white * white * (freedom / Double(max(1, points)) + memory.share * kept)
    return (variance, (0.5 * window + memory.memory) / duration)
  }

  /// Number of nodes of the charge that errors of the curve are counted at.
  private static let nodes = 201

  /// Spread of the scores by the noise of the curve.
  ///
  /// - Parameters:
  ///   - scores: `[rows × count]`, row-major: what a volt at each row adds to the score.
  ///   - count: Number of unknowns.
  ///   - charges: State of charge of each row.
  ///   - isCounted: Whether the curve is another test's at this row; its own residuals hold it.
  ///   - memory: Of the other tests.
  /// - Returns: `[count × count]`.
  func spread(
    of scores: [Double], count: Int, charges: [Double], isCounted: (Int) -> Bool,
    memory: ResidualMemory
  ) -> [Double] {
    let last = Double(Self.nodes - 1)
    var columns = [Double](repeating: 0, count: Self.nodes * count)
    for row in charges.indices where isCounted(row) {
      let position = max(0, min(1, charges[row])) * last
      let low = min(Self.nodes - 2, Int(position))
      let high = position - Double(low)
      for a in 0..<count where scores[row * count + a] != 0 {
        columns[low * count + a] += (1 - high) * scores[row * count + a]
        columns[(low + 1) * count + a] += high * scores[row * count + a]
      }
    }
    let (variance, distance) = left(memory)
    // All of it has a memory; a hundredth beside it as white keeps to the one description.
    let alike = ResidualMemory(variance: 0.01 * variance, share: 99, memory: distance)
    return alike.spread(
      of: columns, count: count, places: (0..<Self.nodes).map { Double($0) / last },
      runs: [0..<Self.nodes])
  }
}
