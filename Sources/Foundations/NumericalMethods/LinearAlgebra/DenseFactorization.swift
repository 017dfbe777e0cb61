// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// LU factors of a dense matrix in memory that is reused.

/// LU factors of a dense square matrix with partial pivoting, in memory allocated once.
///
/// Fill ``matrix``, call ``factor()``, then ``solve(_:)`` as often as needed. Meant for up to some
/// sixteen unknowns.
public struct DenseFactorization: ~Copyable {
  /// Number of rows.
  public let size: Int
  private let memory: DoubleWorkspace
  private let pivots: UnsafeMutablePointer<Int32>

  /// Allocates room for a matrix of a size.
  public init(size: Int) {
    self.size = size
    memory = DoubleWorkspace(count: size * size)
    pivots = .allocate(capacity: max(1, size))
    pivots.initialize(repeating: 0, count: max(1, size))
  }

  deinit { pivots.deallocate() }

  /// The matrix `[size × size]`, row-major; ``factor()`` overwrites it.
  public var matrix: UnsafeMutablePointer<Double> { memory.base }

  /// Factors ``matrix`` in place.
  ///
  /// - Returns: False when a pivot is zero or not finite.
  /// - Complexity: O(size³).
  public func factor() -> Bool {
    let a = memory.base
    for k in 0..<size {
      var best = k
      for row in k + 1..<max(size, k + 1)
      where abs(a[row * size + k]) > abs(a[best * size + k]) { best = row }
      pivots[k] = Int32(best)
      if best != k {
        for column in 0..<size {
          let kept = a[k * size + column]
          a[k * size + column] = a[best * size + column]
          a[best * size + column] = kept
        }
      }
      let pivot = a[k * size + k]
      guard pivot != 0, pivot.isFinite else { return false }
      let inverse = 1 / pivot
      for row in k + 1..<max(size, k + 1) {
        let factor = a[row * size + k] * inverse
        a[row * size + k] = factor
        guard factor != 0 else { continue }
        for column in k + 1..<size { a[row * size + column] -= factor * a[k * size + column] }
      }
    }
    return true
  }

  /// Solves in place for a right side of `size` values.
  ///
  /// - Complexity: O(size²).
  public func solve(_ x: UnsafeMutablePointer<Double>) {
    let a = memory.base
    for k in 0..<size {
      let other = Int(pivots[k])
      let kept = x[k]
      x[k] = x[other]
      x[other] = kept
    }
    for row in 0..<size {
      var sum = x[row]
      for column in 0..<row { sum -= a[row * size + column] * x[column] }
      x[row] = sum
    }
    for row in stride(from: size - 1, through: 0, by: -1) {
      var sum = x[row]
      for column in row + 1..<max(size, row + 1) { sum -= a[row * size + column] * x[column] }
      x[row] = sum / a[row * size + row]
    }
  }
}
