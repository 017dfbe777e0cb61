// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Standard errors of everything a circuit is made of.

import Foundation
import NumericalMethods

extension GroupFit {
  /// What is known of the unknowns of a fit.
  struct Errors {
    /// Standard errors of the linear unknowns.
    var values: [Double]
    /// Standard errors of the logarithms of the time constants.
    var timeConstants: [Double]
    /// How much of each linear unknown the data tell and not the prior, 0 to 1.
    var resolution: [Double]
    /// Factor on a standard error that spans 95 % to either side.
    var intervalFactor: Double
  }

  /// Times for which residuals may stay alike, in seconds: a relaxation to a whole test.
  static let memories: [Double] = [10, 60, 300, 1_500, 7_500]

  /// Standard errors, with residuals that stay alike for a while.
  ///
  /// The largest of three: errors that are independent, that have the memory of the residuals
  /// (``ResidualMemory``), and that differ from block to block of five to thirty minutes (Liang &
  /// Zeger), as where a cell is further from its model at low charge. Priors count as what they
  /// say they are. Unknowns that were held at zero get the error that they have without that bound.
  ///
  /// - Parameter solution: The solution.
  /// - Returns: The errors; nil when the equations are singular.
  /// - Complexity: O(rows · unknowns²).
  /// - Reference: Liang & Zeger (1986), doi:10.1093/biomet/73.1.13.
  func errors(_ solution: Solution) -> Errors? {
    let noise = max(1e-6, solution.rootMeanSquare)
    let weight = 1 / (noise * noise)
    let pairs = solution.timeConstants.count
    let base = system(solution.timeConstants)
    let size = solution.values.count
    let count = size + pairs
    var slopes = [Double](repeating: 0, count: base.targets.count * count)
    for row in base.targets.indices {
      for column in 0..<size { slopes[row * count + column] = base.matrix[row * size + column] }
    }
    let shift = 1e-3
    for k in 0..<pairs {
      var moved = solution.timeConstants
      moved[k] *= exp(shift)
      let there = Self.residuals(system(moved), solution.values)
      for row in there.indices {
        slopes[row * count + size + k] = (there[row] - solution.residuals[row]) / shift
      }
    }
    var full = NormalEquations(size: count)
    full.add(slopes, targets: base.targets, weight: weight)
    for prior in priors(pairs: pairs) {
      full.add(prior: prior.terms, deviation: prior.deviation)
    }
    var information = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in 0...a {
        let value = full.matrix[a * count + b]
        information[a * count + b] = value
        information[b * count + a] = value
      }
      let diagonal = a * count + a
      information[diagonal] = max(1e-12, information[diagonal]) * (1 + 1e-10)
    }
    guard let inverse = try? DenseSolvers.inverse(positiveDefinite: information, size: count)
    else { return nil }

    var variances = (0..<count).map { inverse[$0 * count + $0] }
    func include(_ meat: [Double]) {
      for a in 0..<count {
        var robust = 0.0
        for b in 0..<count {
          var inner = 0.0
          for c in 0..<count { inner += meat[b * count + c] * inverse[c * count + a] }
          robust += inverse[a * count + b] * inner
        }
        variances[a] = max(variances[a], robust)
      }
    }
    include(byBlocks(solution.residuals, slopes, count, weight, prior: full.prior))
    var runs: [Range<Int>] = []
    var judged: [Range<Int>] = []
    var places: [Double] = []
    var charges: [Double] = []
    for part in rows {
      let run = places.count..<places.count + part.kept.count
      runs.append(run)
      // The curve was made of the slow test: its residuals tell nothing about the noise.
      if OpenCircuitTest(part.recording) == nil { judged.append(run) }
      places += part.kept.map { part.recording.times[$0] }
      charges += part.kept.map { part.charge[$0] }
    }
    var intervalFactor = StudentDistribution.intervalFactor(freedom: places.count - count)
    if let memory = ResidualMemory(
      .init(
        residuals: solution.residuals, slopes: slopes, count: count, places: places,
        runs: judged.isEmpty ? runs : judged, prior: full.prior), memories: Self.memories)
    {
      let spread = memory.spread(of: slopes, count: count, places: places, runs: runs)
      var meat = zip(spread, full.prior).map { weight * weight * $0 + $1 }
      if let curveNoise {
        let common = curveNoise.spread(
          of: slopes, count: count, charges: charges,
          isCounted: { row in judged.contains { $0.contains(row) } }, memory: memory)
        for k in meat.indices { meat[k] += weight * weight * common[k] }
      }
      include(meat)
      intervalFactor = StudentDistribution.intervalFactor(
        freedom: Int(memory.independent * Double(places.count - count) / Double(places.count)))
    }
    let resolution = (0..<size).map { a -> Double in
      var told = 1.0
      for b in 0..<count { told -= inverse[a * count + b] * full.prior[b * count + a] }
      return max(0, min(1, told))
    }
    return Errors(
      values: Array(variances[..<size].map { $0.squareRoot() }),
      timeConstants: variances[size...].map { $0.squareRoot() }, resolution: resolution,
      intervalFactor: intervalFactor)
  }

  /// Spread of the scores with residuals of one block erring together, and that of the priors.
  private func byBlocks(
    _ residuals: [Double], _ slopes: [Double], _ count: Int, _ weight: Double, prior: [Double]
  ) -> [Double] {
    var scores: [[Double]] = []
    var row = 0
    for part in rows {
      var number = -1
      for cluster in part.cluster {
        if cluster != number {
          scores.append(Array(repeating: 0, count: count))
          number = cluster
        }
        let factor = weight * residuals[row]
        for a in 0..<count { scores[scores.count - 1][a] += factor * slopes[row * count + a] }
        row += 1
      }
    }
    var meat = prior
    let groups = Double(max(2, scores.count))
    for score in scores {
      for a in 0..<count where score[a] != 0 {
        let factor = groups / (groups - 1) * score[a]
        for b in 0..<count { meat[a * count + b] += factor * score[b] }
      }
    }
    return meat
  }
}
