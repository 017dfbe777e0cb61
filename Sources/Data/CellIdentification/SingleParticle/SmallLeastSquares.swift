// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Least squares of a few numbers with expensive residuals, priors and cluster-robust errors.

import Foundation
import NumericalMethods

/// Least squares of a few numbers with expensive residuals, normal priors and standard errors that
/// allow residuals of one cluster to err together.
struct SmallLeastSquares {
  /// Best numbers.
  var values: [Double]
  /// Residuals there.
  var residuals: [Double]
  /// Slopes of the residuals, one column a number.
  var slopes: [[Double]]

  /// Minimises `Σ r²/noise² + Σ ((v − centre)/deviation)²`.
  ///
  /// - Parameters:
  ///   - start: First guess.
  ///   - noise: Size of the residuals.
  ///   - priors: Centre and deviation of each number; an infinite deviation is no prior.
  ///   - shift: Step of the differences.
  ///   - rounds: Most rounds.
  ///   - largest: Longest step of a number.
  ///   - known: Slopes near the start; they are then only updated along the steps that are taken,
  ///     which is enough to follow a valley (Broyden 1965, doi:10.1090/S0025-5718-1965-0198670-6).
  ///   - function: The residuals; must be finite.
  init(
    _ start: [Double], noise: Double, priors: [(centre: Double, deviation: Double)],
    shift: Double = 0.02, rounds: Int = 12, largest: Double = 1,
    known: [[Double]]? = nil,
    residuals function: ([Double]) -> [Double]
  ) {
    let count = start.count
    func objective(_ values: [Double], _ residuals: [Double]) -> Double {
      var sum = residuals.reduce(0) { $0 + $1 * $1 } / (noise * noise)
      for (value, prior) in zip(values, priors) where prior.deviation.isFinite {
        let distance = (value - prior.centre) / prior.deviation
        sum += distance * distance
      }
      return sum
    }
    func differences(_ values: [Double], _ at: [Double]) -> [[Double]] {
      values.indices.map { k in
        var moved = values
        moved[k] += shift
        return zip(function(moved), at).map { ($0 - $1) / shift }
      }
    }
    values = start
    residuals = function(start)
    var best = objective(values, residuals)
    var damping = 1e-3
    slopes = known ?? differences(values, residuals)
    rounds: for _ in 0..<rounds where count > 0 {
      var normal = Self.normal(slopes, weight: 1 / (noise * noise))
      var gradient = slopes.map { column in
        -zip(column, residuals).reduce(0) { $0 + $1.0 * $1.1 } / (noise * noise)
      }
      for k in 0..<count where priors[k].deviation.isFinite {
        let weight = 1 / (priors[k].deviation * priors[k].deviation)
        normal[k * count + k] += weight
        gradient[k] -= weight * (values[k] - priors[k].centre)
      }
      for _ in 0..<6 {
        var damped = normal
        for k in 0..<count { damped[k * count + k] *= 1 + damping }
        guard let factor = try? DenseSolvers.cholesky(damped, size: count) else { break rounds }
        let step = DenseSolvers.solve(choleskyFactor: factor, size: count, gradient)
        let trial = zip(values, step).map { $0 + max(-largest, min(largest, $1)) }
        let there = function(trial)
        let value = objective(trial, there)
        guard value < best else {
          damping = max(1e-2, 10 * damping)
          continue
        }
        let gain = best - value
        let moved = zip(trial, values).map { $0 - $1 }
        let old = residuals
        (values, residuals) = (trial, there)
        let before = best
        best = value
        damping = max(1e-6, damping / 10)
        if known != nil {
          update(along: moved, from: old)
        } else {
          slopes = differences(values, residuals)
        }
        if gain < max(1e-6 * before, 1e-3) { break rounds }
        continue rounds
      }
      break
    }
  }

  /// The least change of the slopes that makes them right along a step.
  private mutating func update(along step: [Double], from old: [Double]) {
    let square = step.reduce(0) { $0 + $1 * $1 }
    guard square > 0 else { return }
    for row in residuals.indices {
      var surprise = residuals[row] - old[row]
      for k in step.indices { surprise -= slopes[k][row] * step[k] }
      for k in step.indices { slopes[k][row] += surprise * step[k] / square }
    }
  }

  /// Root mean square of the residuals.
  var rootMeanSquare: Double {
    (residuals.reduce(0) { $0 + $1 * $1 } / Double(max(1, residuals.count))).squareRoot()
  }

  /// `Σ` of products of columns, `[count × count]`.
  static func normal(_ columns: [[Double]], weight: Double = 1) -> [Double] {
    let count = columns.count
    var normal = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in 0...a {
        let sum = weight * zip(columns[a], columns[b]).reduce(0) { $0 + $1.0 * $1.1 }
        normal[a * count + b] = sum
        normal[b * count + a] = sum
      }
    }
    return normal
  }

  /// Covariance with residuals of one cluster erring together; nil when singular.
  ///
  /// - Parameters:
  ///   - cluster: Number of each residual's cluster, in runs.
  ///   - noise: Size that a residual counts with beside the priors.
  ///   - priors: Standard deviation of what was known of each number before; infinite for nothing.
  /// - Returns: `[count × count]`, and the number of clusters.
  /// - Reference: Liang & Zeger (1986), doi:10.1093/biomet/73.1.13.
  func covariance(
    cluster: [Int], noise: Double? = nil, priors: [Double]
  ) -> (matrix: [Double], clusters: Int)? {
    let count = values.count
    let freedom = Double(max(1, residuals.count - count))
    let plain = max(1e-18, residuals.reduce(0) { $0 + $1 * $1 } / freedom)
    let variance = noise.map { $0 * $0 } ?? plain
    var information = Self.normal(slopes, weight: 1 / variance)
    var scores: [[Double]] = []
    var number: Int?
    for row in residuals.indices {
      if cluster[row] != number {
        scores.append([Double](repeating: 0, count: count))
        number = cluster[row]
      }
      for k in 0..<count {
        scores[scores.count - 1][k] += slopes[k][row] * residuals[row] / variance
      }
    }
    let correction = Double(scores.count) / Double(max(1, scores.count - 1))
    var together = [Double](repeating: 0, count: count * count)
    for score in scores {
      for a in 0..<count {
        for b in 0..<count { together[a * count + b] += correction * score[a] * score[b] }
      }
    }
    var alone = information.map { $0 * plain / variance }
    for k in 0..<count {
      let place = k * count + k
      information[place] *= 1 + 1e-10
      guard priors[k].isFinite else { continue }
      let weight = 1 / (priors[k] * priors[k])
      information[place] += weight
      together[place] += weight
      alone[place] += weight
    }
    guard let inverse = try? DenseSolvers.inverse(positiveDefinite: information, size: count)
    else { return nil }
    func product(_ a: [Double], _ b: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: count * count)
      for i in 0..<count {
        for k in 0..<count {
          for j in 0..<count { result[i * count + j] += a[i * count + k] * b[k * count + j] }
        }
      }
      return result
    }
    var result = product(product(inverse, together), inverse)
    // Independent residuals are the least that is believed.
    let least = product(product(inverse, alone), inverse)
    for k in 0..<count {
      result[k * count + k] = max(result[k * count + k], least[k * count + k])
    }
    return (result, scores.count)
  }
}
