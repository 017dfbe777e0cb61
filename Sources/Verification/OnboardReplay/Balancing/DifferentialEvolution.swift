// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A population optimiser for costs without slopes.

import NumericalMethods

/// Differential evolution: a population of points, each challenged by a mix of others.
///
/// For costs that jump, such as those of switching: no slope is needed. Scheme DE/rand-to-best/1/bin
/// with a scale drawn anew for each challenger. The same seed gives the same result.
///
/// - Reference: Storn & Price (1997), doi:10.1023/A:1008202821328.
public struct DifferentialEvolution: Sendable {
  /// Number of points.
  public var population = 32
  /// Number of generations.
  public var generations = 60
  /// Share of the coordinates a challenger takes from the mix.
  public var crossover = 0.8
  /// Seed of the random numbers.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  /// What a search found.
  public struct Result: Sendable {
    /// The best point.
    public var point: [Double]
    /// Its cost.
    public var cost: Double
    /// Lowest cost after each generation; the first is that of the starting population.
    public var history: [Double]
    /// Number of costs computed.
    public var evaluations: Int
  }

  /// Searches a box for the lowest cost.
  ///
  /// - Parameters:
  ///   - bounds: Range of each coordinate.
  ///   - first: A point to be in the starting population, so that the result is no worse.
  ///   - cost: To be minimised; NaN counts as infinite.
  /// - Returns: The best point with its history.
  /// - Complexity: `population · (generations + 1)` costs.
  public func minimise(
    bounds: [ClosedRange<Double>], first: [Double], cost: ([Double]) -> Double
  ) -> Result {
    var random = SplitMix64(seed: seed)
    func bounded(_ point: [Double]) -> [Double] {
      zip(point, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
    }
    func judged(_ point: [Double]) -> Double {
      let value = cost(point)
      return value.isNaN ? .infinity : value
    }
    var points = [bounded(first)]
    while points.count < max(5, population) {
      points.append(bounds.map { Double.random(in: $0, using: &random) })
    }
    var costs = points.map(judged)
    var evaluations = points.count
    var history = [costs.min() ?? .infinity]
    for _ in 0..<generations {
      for place in points.indices {
        let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
        let one = Int.random(in: 0..<points.count, using: &random)
        let two = Int.random(in: 0..<points.count, using: &random)
        let scale = Double.random(in: 0.3...0.9, using: &random)
        let kept = Int.random(in: 0..<bounds.count, using: &random)
        var challenger = points[place]
        for k in bounds.indices
        where k == kept || Double.random(in: 0..<1, using: &random) < crossover {
          let towards = points[best][k] - points[place][k]
          challenger[k] += scale * (towards + points[one][k] - points[two][k])
        }
        challenger = bounded(challenger)
        let value = judged(challenger)
        evaluations += 1
        if value <= costs[place] {
          points[place] = challenger
          costs[place] = value
        }
      }
      history.append(costs.min() ?? .infinity)
    }
    let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
    return Result(
      point: points[best], cost: costs[best], history: history, evaluations: evaluations)
  }
}
