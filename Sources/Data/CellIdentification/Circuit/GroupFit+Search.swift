// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The search for time constants, and their number.

import Foundation
import NumericalMethods

extension GroupFit {
  /// Bounds of the time constants: what the sampling resolves, and what the rests show.
  var timeBounds: ClosedRange<Double> {
    var fastest = Double.infinity
    for part in rows {
      let jumps = part.recording.jumps(above: 0.1 * (part.recording.currents.map(abs).max() ?? 0))
      for jump in jumps {
        let row = jump.row
        fastest = min(fastest, part.recording.times[row] - part.recording.times[row - 1])
        if row + 1 < part.recording.count {
          fastest = min(fastest, part.recording.times[row + 1] - part.recording.times[row])
        }
      }
    }
    let low = max(0.2, fastest.isFinite ? 2 * fastest : 10)
    return low...max(4 * low, 3_600)
  }

  /// Finds the time constants that serve several groups best, by Gauss–Newton steps on their
  /// logarithms.
  ///
  /// The groups share their time constants, so that each pair means the same at every temperature
  /// and its resistance can be interpolated.
  ///
  /// - Parameters:
  ///   - fits: The groups.
  ///   - start: First guesses, ascending.
  ///   - noises: Of each group, in volts.
  ///   - rounds: Most rounds.
  /// - Returns: The best solution of each group; nil when the equations are singular.
  static func search(
    _ fits: [GroupFit], _ start: [Double], noises: [Double], rounds: Int
  ) -> [Solution]? {
    let low = fits.map(\.timeBounds.lowerBound).max() ?? 1
    let high = fits.map(\.timeBounds.upperBound).max() ?? 3_600
    func clamped(_ logarithms: [Double]) -> [Double] {
      var values = logarithms.map { min(log(high), max(log(low), $0)) }
      // Twice apart at least: equal time constants cannot be told from one another.
      for k in values.indices.dropFirst() { values[k] = max(values[k], values[k - 1] + log(2)) }
      return values
    }
    func solve(_ place: [Double]) -> JointSolution? {
      var joint = JointSolution()
      for (fit, noise) in zip(fits, noises) {
        guard let solution = fit.solve(place.map { exp($0) }, noise: noise) else { return nil }
        joint.add(solution, noise: noise)
      }
      return joint
    }
    var place = clamped(start.map { log($0) })
    guard var best = solve(place) else { return nil }
    var damping = 1e-2
    let shift = 0.03
    for _ in 0..<rounds where !place.isEmpty {
      let m = place.count
      var columns: [[Double]] = []
      for k in 0..<m {
        var moved = place
        moved[k] += shift
        guard let there = solve(moved) else { return best.solutions }
        columns.append(zip(there.residuals, best.residuals).map { ($0 - $1) / shift })
      }
      var normal = [Double](repeating: 0, count: m * m)
      var gradient = [Double](repeating: 0, count: m)
      for a in 0..<m {
        for b in 0...a {
          var sum = 0.0
          for row in columns[a].indices { sum += columns[a][row] * columns[b][row] }
          normal[a * m + b] = sum
          normal[b * m + a] = sum
        }
        for row in columns[a].indices { gradient[a] -= columns[a][row] * best.residuals[row] }
      }
      var improved = false
      for _ in 0..<4 {
        var damped = normal
        for a in 0..<m { damped[a * m + a] += damping * normal[a * m + a] + 1e-300 }
        guard let factor = try? DenseSolvers.cholesky(damped, size: m) else { break }
        let step = DenseSolvers.solve(choleskyFactor: factor, size: m, gradient)
        // No more than a factor of three at once.
        let trial = clamped(zip(place, step).map { $0 + max(-1.1, min(1.1, $1)) })
        guard let there = solve(trial) else { break }
        if there.objective < best.objective {
          improved = best.objective - there.objective > 1e-5 * best.objective
          best = there
          place = trial
          damping = max(1e-4, damping / 5)
          break
        }
        damping *= 10
      }
      if !improved { break }
    }
    return best.solutions
  }

  /// Solutions of several groups for the same time constants.
  private struct JointSolution {
    var solutions: [Solution] = []
    /// In units of the noise of each group.
    var residuals: [Double] = []
    var objective = 0.0

    mutating func add(_ solution: Solution, noise: Double) {
      solutions.append(solution)
      residuals += solution.residuals.map { $0 / noise }
      objective += solution.objective
    }
  }

  /// Parts of the recordings that are left out in turn to judge a number of pairs.
  static let folds = 5

  /// Squared error in blocks of time that the maps were not fitted to, and number of samples.
  ///
  /// Blocks are clusters of five to thirty minutes; the state of the circuit runs through them, so
  /// that a block left out is predicted and not interpolated.
  ///
  /// - Parameters:
  ///   - timeConstants: Found on all blocks.
  ///   - noise: Of the residuals, in volts.
  /// - Returns: Sum of squares in V² and count; nil when the equations are singular.
  /// - Reference: Racine (2000), doi:10.1016/S0304-4076(00)00030-0, for validation by blocks.
  func blockedError(_ timeConstants: [Double], noise: Double) -> (square: Double, count: Int)? {
    var square = 0.0
    var count = 0
    for fold in 0..<Self.folds {
      var inside = self
      var outside = self
      inside.rows = rows.map { $0.keeping { $0 % Self.folds != fold } }
      outside.rows = rows.map { $0.keeping { $0 % Self.folds == fold } }
      guard let solution = inside.solve(timeConstants, noise: noise) else { return nil }
      for residual in Self.residuals(outside.system(timeConstants), solution.values) {
        square += residual * residual
        count += 1
      }
    }
    return (square, count)
  }
}
