// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How long residuals of a fit stay alike, and what that does to the covariance of its unknowns.

import Foundation
import NumericalMethods

/// How large residuals are and how long they stay alike: a white part, and a part that forgets
/// exponentially.
///
/// Residuals of a regression are smaller and less alike than the errors they stem from, for the
/// fit follows the errors, most where an unknown is told by one pulse only. The restricted
/// likelihood counts that, which sums of residuals over blocks of time do not.
///
/// - Reference: Patterson & Thompson (1971), doi:10.1093/biomet/58.3.545, for the restricted
///   likelihood; Jones (1981), in Applied Time Series Analysis II, for the recursion with unequal
///   steps of time.
struct ResidualMemory {
  /// A fit at its solution.
  struct Fit {
    /// Residuals, model minus measurement.
    var residuals: [Double]
    /// Slopes of the residuals, `[residuals.count × count]`, row-major.
    var slopes: [Double]
    /// Number of unknowns.
    var count: Int
    /// Time of each residual, or what else neighbours are told by; ascending within a run.
    var places: [Double]
    /// Stretches without a break; residuals in none of them are not looked at.
    var runs: [Range<Int>]
    /// What was known of the unknowns before, as the inverse of a covariance, `[count × count]`.
    var prior: [Double]
  }

  /// Variance of the white part.
  private(set) var variance = 0.0
  /// Variance of the part with a memory, as a multiple of that of the white part.
  private(set) var share = 0.0
  /// Distance over which that part forgets two thirds.
  private(set) var memory = 1.0
  /// Number of residuals that are worth as much as all of them if they were independent.
  private(set) var independent = 1.0

  /// Creates a description of known size and memory.
  init(variance: Double, share: Double, memory: Double) {
    (self.variance, self.share, self.memory) = (variance, share, memory)
  }

  /// Most residuals that the estimate looks at; of longer fits, runs at even distances.
  static let limit = 2_500
  /// Residuals of a run that is looked at or left out as a whole.
  private static let block = 60

  /// Finds size and memory; nil when the unknowns take up all residuals.
  ///
  /// - Parameters:
  ///   - fit: The fit.
  ///   - memories: Distances to choose from, ascending.
  /// - Complexity: O(residuals · count²) for some twenty candidates.
  init?(_ fit: Fit, memories: [Double]) {
    let sample = Self.sample(fit)
    var best: (value: Double, share: Double, index: Int, variance: Double)?
    func consider(_ share: Double, _ index: Int) {
      guard
        let found = Self.likelihood(sample, share: share, memory: memories[index]),
        found.value < best?.value ?? .infinity
      else { return }
      best = (found.value, share, index, found.variance)
    }
    consider(0, 0)
    for index in memories.indices {
      for share in [0.1, 2] { consider(share, index) }
    }
    for factor in [3.0, 1.8] {
      guard let here = best, here.share > 0 else { break }
      for other in [here.share / factor, here.share * factor] { consider(other, here.index) }
      // Once more the same way.
      if let there = best, there.share != here.share {
        consider(there.share * there.share / here.share, there.index)
      }
    }
    guard let best else { return nil }
    (variance, share, memory) = (best.variance, best.share, memories[best.index])
    independent = Self.independent(fit, share: share, memory: memory)
  }

  /// Whole blocks of residuals at even distances, no more than the limit.
  private static func sample(_ fit: Fit) -> Fit {
    guard fit.runs.reduce(0, { $0 + $1.count }) > limit else { return fit }
    let blocks = fit.runs.flatMap { run in
      stride(from: run.lowerBound, to: run.upperBound, by: block).map {
        $0..<min(run.upperBound, $0 + block)
      }
    }
    let wanted = limit / block
    var result = fit
    (result.residuals, result.slopes, result.places, result.runs) = ([], [], [], [])
    for k in 0..<min(wanted, blocks.count) {
      let rows = blocks[k * blocks.count / min(wanted, blocks.count)]
      let start = result.residuals.count
      result.residuals += fit.residuals[rows]
      result.places += fit.places[rows]
      result.slopes += fit.slopes[rows.lowerBound * fit.count..<rows.upperBound * fit.count]
      result.runs.append(start..<result.residuals.count)
    }
    return result
  }

  /// Minus twice the logarithm of the restricted likelihood, and the variance that makes it best.
  private static func likelihood(
    _ fit: Fit, share: Double, memory: Double
  ) -> (value: Double, variance: Double)? {
    let count = fit.count
    let width = count + 1
    // The last column is the residual.
    var normal = [Double](repeating: 0, count: width * width)
    var determinant = 0.0
    var state = [Double](repeating: 0, count: width)
    var row = [Double](repeating: 0, count: width)
    var places: [Int] = []
    for run in fit.runs {
      for a in 0..<width { state[a] = 0 }
      var spread = share
      for n in run {
        if n > run.lowerBound {
          let kept = exp(-(fit.places[n] - fit.places[n - 1]) / memory)
          for a in 0..<width { state[a] *= kept }
          spread = kept * kept * spread + share * (1 - kept * kept)
        }
        let total = spread + 1
        let scale = 1 / total.squareRoot()
        determinant += log(total)
        let gain = spread / total
        places.removeAll(keepingCapacity: true)
        for a in 0..<width {
          let value = (a < count ? fit.slopes[n * count + a] : fit.residuals[n]) - state[a]
          row[a] = value * scale
          if value != 0 {
            state[a] += gain * value
            places.append(a)
          }
        }
        for (k, a) in places.enumerated() {
          let value = row[a]
          for b in places[0...k] { normal[a * width + b] += value * row[b] }
        }
        spread -= gain * spread
      }
    }
    let size = Double(fit.runs.reduce(0) { $0 + $1.count })
    let square = normal[width * width - 1]
    let slope = (0..<count).map { normal[count * width + $0] }
    var variance = square / size
    var result: (value: Double, variance: Double)?
    for _ in 0..<4 {
      var matrix = [Double](repeating: 0, count: count * count)
      for a in 0..<count {
        for b in 0...a {
          matrix[a * count + b] = normal[a * width + b] / variance + fit.prior[a * count + b]
        }
        matrix[a * count + a] *= 1 + 1e-12
      }
      guard let factor = try? DenseSolvers.cholesky(matrix, size: count) else { return nil }
      let moved = DenseSolvers.solve(
        choleskyFactor: factor, size: count, slope.map { -$0 / variance })
      let least = square + zip(slope, moved).reduce(0) { $0 + $1.0 * $1.1 }
      var logarithm = 0.0
      for a in 0..<count { logarithm += 2 * log(factor[a * count + a]) }
      let value = size * log(variance) + determinant + logarithm + least / variance
      if value < result?.value ?? .infinity { result = (value, variance) }
      // Unknowns that the data tell take a residual each; the prior's share is not theirs.
      var told = 0.0
      for a in 0..<count {
        var unit = [Double](repeating: 0, count: count)
        unit[a] = 1
        let column = DenseSolvers.solve(choleskyFactor: factor, size: count, unit)
        for b in 0..<count {
          let entry = b <= a ? normal[a * width + b] : normal[b * width + a]
          told += column[b] * entry / variance
        }
      }
      var fitted = square
      for a in 0..<count {
        fitted += 2 * slope[a] * moved[a]
        for b in 0..<count {
          let entry = b <= a ? normal[a * width + b] : normal[b * width + a]
          fitted += moved[a] * entry * moved[b]
        }
      }
      guard size - told > 0.02 * size, fitted > 0 else { return result }
      let next = fitted / (size - told)
      if abs(next / variance - 1) < 1e-3 { break }
      variance = next
    }
    return result
  }

  /// `(tr Σ)²/tr Σ²`.
  private static func independent(_ fit: Fit, share: Double, memory: Double) -> Double {
    let size = Double(fit.runs.reduce(0) { $0 + $1.count })
    var pairs = 0.0
    for run in fit.runs {
      var alike = 0.0
      for n in run.dropFirst() {
        let kept = exp(-2 * (fit.places[n] - fit.places[n - 1]) / memory)
        alike = kept * (1 + alike)
        pairs += alike
      }
    }
    let whole = 1 + share
    return size * size * whole * whole / (size * whole * whole + 2 * share * share * pairs)
  }

  /// `Uᵀ·Σ·U` for the covariance `Σ` of the errors.
  ///
  /// - Parameters:
  ///   - columns: `U`, `[residuals × count]`, row-major.
  ///   - count: Number of columns.
  ///   - places: Of the residuals.
  ///   - runs: Of the residuals.
  /// - Returns: `[count × count]`.
  /// - Complexity: O(residuals · count · entries of a row that are not zero).
  func spread(of columns: [Double], count: Int, places: [Double], runs: [Range<Int>]) -> [Double] {
    var white = [Double](repeating: 0, count: count * count)
    var alike = white
    var state = [Double](repeating: 0, count: count)
    for run in runs {
      for a in 0..<count { state[a] = 0 }
      for n in run {
        if n > run.lowerBound, share > 0 {
          let kept = exp(-(places[n] - places[n - 1]) / memory)
          for a in 0..<count { state[a] = kept * (state[a] + columns[(n - 1) * count + a]) }
        }
        for a in 0..<count {
          let value = columns[n * count + a]
          guard value != 0 else { continue }
          for b in 0..<count {
            white[a * count + b] += value * columns[n * count + b]
            alike[a * count + b] += value * state[b]
          }
        }
      }
    }
    var result = white
    for a in 0..<count {
      for b in 0..<count {
        result[a * count + b] =
          variance
          * ((1 + share) * white[a * count + b]
            + share * (alike[a * count + b] + alike[b * count + a]))
      }
    }
    return result
  }
}
