// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// LU factors of a banded matrix in memory that is reused.

/// LU factors of a banded square matrix with partial pivoting, in memory allocated once.
public struct BandedFactorization: ~Copyable {
  /// Number of rows.
  public let size: Int
  /// Diagonals below the main one.
  public let lowerWidth: Int
  /// Diagonals above the main one.
  public let upperWidth: Int
  private let stride: Int
  private let memory: DoubleWorkspace
  private let pivots: UnsafeMutablePointer<Int32>

  /// Allocates room for a matrix of a size and band.
  public init(size: Int, lowerWidth: Int, upperWidth: Int) {
    self.size = size
    self.lowerWidth = lowerWidth
    self.upperWidth = upperWidth
    // Row exchanges widen the upper band by the lower width.
    stride = 2 * lowerWidth + upperWidth + 1
    memory = DoubleWorkspace(count: size * stride)
    pivots = .allocate(capacity: max(1, size))
    pivots.initialize(repeating: 0, count: max(1, size))
  }

  deinit { pivots.deallocate() }

  /// Sets all elements to zero.
  public func clear() { memory.base.update(repeating: 0, count: size * stride) }

  /// One element inside the band.
  public subscript(row: Int, column: Int) -> Double {
    get { memory.base[row * stride + column - row + lowerWidth] }
    nonmutating set { memory.base[row * stride + column - row + lowerWidth] = newValue }
  }

  /// Factors in place.
  ///
  /// - Returns: False when a pivot is zero or not finite.
  /// - Complexity: O(size · lowerWidth · (lowerWidth + upperWidth)).
  public func factor() -> Bool {
    for k in 0..<size {
      let lastRow = min(size - 1, k + lowerWidth)
      let lastColumn = min(size - 1, k + lowerWidth + upperWidth)
      var best = k
      for row in k...lastRow where abs(self[row, k]) > abs(self[best, k]) { best = row }
      pivots[k] = Int32(best)
      if best != k {
        for column in k...lastColumn {
          let kept = self[k, column]
          self[k, column] = self[best, column]
          self[best, column] = kept
        }
      }
      let pivot = self[k, k]
      guard pivot != 0, pivot.isFinite else { return false }
      guard lastRow > k else { continue }
      for row in k + 1...lastRow {
        let factor = self[row, k] / pivot
        self[row, k] = factor
        guard factor != 0, lastColumn > k else { continue }
        for column in k + 1...lastColumn { self[row, column] -= factor * self[k, column] }
      }
    }
    return true
  }

  /// Solves in place for a right side of `size` values.
  ///
  /// - Complexity: O(size · (2·lowerWidth + upperWidth)).
  public func solve(_ x: UnsafeMutablePointer<Double>) {
    for k in 0..<size {
      let other = Int(pivots[k])
      if other != k {
        let kept = x[k]
        x[k] = x[other]
        x[other] = kept
      }
      let lastRow = min(size - 1, k + lowerWidth)
      guard lastRow > k else { continue }
      for row in k + 1...lastRow { x[row] -= self[row, k] * x[k] }
    }
    for row in Swift.stride(from: size - 1, through: 0, by: -1) {
      var sum = x[row]
      let lastColumn = min(size - 1, row + lowerWidth + upperWidth)
      if lastColumn > row {
        for column in row + 1...lastColumn { sum -= self[row, column] * x[column] }
      }
      x[row] = sum / self[row, row]
    }
  }
}
