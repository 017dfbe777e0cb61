// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Regularised linear least squares with lower bounds, by its normal equations.

import NumericalMethods

/// Regularised linear least squares with lower bounds of zero, by its normal equations.
struct NormalEquations {
  let size: Int
  /// `[size × size]`, row-major; the lower triangle is filled.
  private(set) var matrix: [Double]
  private(set) var vector: [Double]
  /// Prior part of the matrix alone, full.
  private(set) var prior: [Double]

  init(size: Int) {
    self.size = size
    matrix = Array(repeating: 0, count: size * size)
    prior = matrix
    vector = Array(repeating: 0, count: size)
  }

  /// Adds rows of equal weight.
  ///
  /// - Parameters:
  ///   - rows: `[targets.count × size]`, row-major.
  ///   - targets: Right sides.
  ///   - weight: Of each squared residual.
  /// - Complexity: O(rows × squared count of entries that are not zero).
  mutating func add(_ rows: [Double], targets: [Double], weight: Double) {
    let size = self.size
    var places = [Int](repeating: 0, count: size)
    var values = [Double](repeating: 0, count: size)
    rows.withUnsafeBufferPointer { rows in
      matrix.withUnsafeMutableBufferPointer { matrix in
        vector.withUnsafeMutableBufferPointer { vector in
          places.withUnsafeMutableBufferPointer { places in
            values.withUnsafeMutableBufferPointer { values in
              for row in targets.indices {
                var count = 0
                for column in 0..<size {
                  let value = rows[row * size + column]
                  if value != 0 {
                    places[count] = column
                    values[count] = value
                    count += 1
                  }
                }
                let target = targets[row] * weight
                for a in 0..<count {
                  let scaled = values[a] * weight
                  let start = places[a] * size
                  vector[places[a]] += values[a] * target
                  for b in 0...a { matrix[start + places[b]] += scaled * values[b] }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Adds a prior: a combination of unknowns is near zero.
  mutating func add(prior terms: [(index: Int, factor: Double)], deviation: Double) {
    let weight = 1 / (deviation * deviation)
    for a in terms {
      for b in terms {
        let value = weight * a.factor * b.factor
        prior[a.index * size + b.index] += value
        if b.index <= a.index { matrix[a.index * size + b.index] += value }
      }
    }
  }

  /// The solution with some unknowns not below zero.
  ///
  /// - Parameter bounded: Unknowns that must not be negative.
  /// - Returns: The unknowns, and which of them are free; nil when the matrix is singular.
  /// - Complexity: O(size³) a round of the active set.
  /// - Reference: Lawson & Hanson (1974), doi:10.1137/1.9781611971217, chapter 23, started from
  ///   the solution without bounds.
  func solution(bounded: Range<Int>) -> (values: [Double], free: [Bool])? {
    var free = [Bool](repeating: true, count: size)
    var values = [Double](repeating: 0, count: size)
    for round in 0..<60 {
      guard let found = solve(free) else { return nil }
      values = found
      var changed = false
      for index in bounded where free[index] && values[index] < 0 {
        free[index] = false
        changed = true
      }
      if changed { continue }
      // Release what would grow; not for ever, so that rounding cannot make it cycle.
      if round > 30 { break }
      for index in bounded where !free[index] {
        var slope = vector[index]
        for other in 0..<size {
          let entry =
            other <= index ? matrix[index * size + other] : matrix[other * size + index]
          slope -= entry * values[other]
        }
        if slope > 1e-9 * abs(vector[index]) + 1e-12 {
          free[index] = true
          changed = true
        }
      }
      if !changed { break }
    }
    for index in bounded { values[index] = max(0, values[index]) }
    return (values, free)
  }

  private func solve(_ free: [Bool]) -> [Double]? {
    let places = (0..<size).filter { free[$0] }
    let count = places.count
    var reduced = [Double](repeating: 0, count: count * count)
    for (a, place) in places.enumerated() {
      for b in 0...a { reduced[a * count + b] = matrix[place * size + places[b]] }
    }
    for a in 0..<count { reduced[a * count + a] *= 1 + 1e-12 }
    guard let factor = try? DenseSolvers.cholesky(reduced, size: count) else { return nil }
    let solved = DenseSolvers.solve(
      choleskyFactor: factor, size: count, places.map { vector[$0] })
    var values = [Double](repeating: 0, count: size)
    for (a, place) in places.enumerated() { values[place] = solved[a] }
    return values
  }
}
