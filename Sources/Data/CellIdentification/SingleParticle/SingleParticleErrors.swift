// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Standard errors of the numbers of a single-particle model.

import NumericalMethods

/// Standard errors of the logarithms of the numbers of a fit, where its residuals are as straight as
/// the slopes say.
///
/// The residuals have a memory, the window of stoichiometries and the open-circuit curve come from
/// another test and are as uncertain as that leaves them, and the priors count as what they say,
/// also those of numbers that are held at the base set.
struct SingleParticleErrors {
  /// Standard deviations, one a number.
  let deviations: [Double]
  /// Covariance that the objective of the fit alone would say, `[count × count]`.
  let naive: [Double]
  /// Factor on a standard deviation that spans 95 % to either side.
  let intervalFactor: Double
  /// Size of the residuals that the objective of the fit counts in.
  let noise: Double

  /// Shift that tells what a held number does, as a share of its prior deviation.
  private static let heldShift = 0.3

  /// Nil when the equations are singular.
  ///
  /// - Complexity: four runs of the model through all recordings, and two for each number held.
  init?(
    _ fit: SingleParticleFit, _ solution: SingleParticleFit.Solution, curveNoise: CurveNoise?
  ) {
    let inner = solution.fit
    let count = inner.values.count
    let rows = inner.residuals.count
    noise = max(1e-4, solution.rootMeanSquare)
    let weight = 1 / (noise * noise)
    var information = SmallLeastSquares.normal(inner.slopes, weight: weight)
    var prior = [Double](repeating: 0, count: count * count)
    for (k, quantity) in solution.quantities.enumerated() {
      prior[k * count + k] = 1 / (quantity.spread * quantity.spread)
      information[k * count + k] += prior[k * count + k]
    }
    guard let inverse = try? DenseSolvers.inverse(positiveDefinite: information, size: count)
    else { return nil }
    naive = inverse

    // In volts, and what a volt at a row adds to the score.
    var plain: [Double] = []
    var slopes = [Double](repeating: 0, count: rows * count)
    var scores = slopes
    var (places, charges): ([Double], [Double]) = ([], [])
    var runs: [Range<Int>] = []
    var row = 0
    for (segment, factor) in zip(fit.segments, fit.weights) {
      runs.append(row..<row + segment.rows.count)
      for k in segment.rows.indices {
        plain.append(inner.residuals[row] / factor)
        for a in 0..<count {
          slopes[row * count + a] = inner.slopes[a][row] / factor
          scores[row * count + a] = weight * factor * inner.slopes[a][row]
        }
        places.append(segment.recording.times[segment.rows[k]])
        charges.append(segment.charges[k])
        row += 1
      }
    }
    var variances = (0..<count).map { inverse[$0 * count + $0] }
    func include(_ meat: [Double]) {
      for a in 0..<count {
        var robust = 0.0
        for b in 0..<count {
          for c in 0..<count {
            robust += inverse[a * count + b] * meat[b * count + c] * inverse[c * count + a]
          }
        }
        variances[a] = max(variances[a], robust)
      }
    }
    func outer(_ vectors: [[Double]], on start: [Double]) -> [Double] {
      var sum = start
      for vector in vectors {
        for a in 0..<count {
          for b in 0..<count { sum[a * count + b] += vector[a] * vector[b] }
        }
      }
      return sum
    }

    func score(_ differences: [Double]) -> [Double] {
      inner.slopes.map { column in
        weight * zip(column, differences).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    // What the window may be off moves the numbers.
    let moved = fit.balancing.deviated(potentials: fit.base).map { other -> [Double] in
      var shifted = fit
      shifted.balancing = other
      return score(zip(shifted.residuals(solution.values), inner.residuals).map { $0 - $1 })
    }
    // So does what a number that is held at the base set may be off: one prior deviation.
    let assumed = SingleParticleQuantity.allCases.filter { !solution.quantities.contains($0) }
      .map { quantity -> [Double] in
        let shift = Self.heldShift * quantity.spread
        let sides = [shift, -shift].map { side in
          fit.residuals(solution.values.merging([quantity: side]) { _, new in new })
        }
        return score(zip(sides[0], sides[1]).map { ($0 - $1) / (2 * Self.heldShift) })
      }
    let held = outer(moved + assumed, on: prior)

    var blocks: [[Double]] = []
    var number: Int?
    for (n, cluster) in fit.cluster.enumerated() {
      if cluster != number { blocks.append([Double](repeating: 0, count: count)) }
      number = cluster
      for a in 0..<count {
        blocks[blocks.count - 1][a] += weight * inner.slopes[a][n] * inner.residuals[n]
      }
    }
    let correction = (Double(blocks.count) / Double(max(1, blocks.count - 1))).squareRoot()
    include(outer(blocks.map { $0.map { $0 * correction } }, on: held))

    var freedom = blocks.count - count
    if let memory = ResidualMemory(
      .init(
        residuals: plain, slopes: slopes, count: count, places: places, runs: runs, prior: prior),
      memories: GroupFit.memories)
    {
      var meat = memory.spread(of: scores, count: count, places: places, runs: runs)
      if let curveNoise {
        let common = curveNoise.spread(
          of: scores, count: count, charges: charges, isCounted: { _ in true }, memory: memory)
        for k in meat.indices { meat[k] += common[k] }
      }
      include(zip(meat, held).map { $0 + $1 })
      freedom = Int(memory.independent) - count
    }
    deviations = variances.map { $0.squareRoot() }
    intervalFactor = StudentDistribution.intervalFactor(freedom: freedom)
  }
}
