// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Square matrices of a size known at compile time, without allocation.

/// A square matrix of a size known at compile time.
public struct SmallMatrix<let size: Int, Real: CoreReal>: Sendable {
  /// Rows of the matrix.
  public var rows: InlineArray<size, InlineArray<size, Real>>

  /// The zero matrix.
  @inlinable
  public init() { rows = InlineArray(repeating: InlineArray(repeating: 0)) }

  /// One entry; places outside the matrix read as zero and are not written.
  @inlinable
  public subscript(row: Int, column: Int) -> Real {
    get {
      guard row >= 0, row < size, column >= 0, column < size else { return 0 }
      return rows[row][column]
    }
    set {
      guard row >= 0, row < size, column >= 0, column < size else { return }
      rows[row][column] = newValue
    }
  }

  /// Makes it equal to its transpose and raises the diagonal to a floor.
  ///
  /// - Parameter floor: Smallest variance allowed for each state.
  @inlinable
  public mutating func symmetrise(floor: borrowing InlineArray<size, Real>) {
    for i in 0..<size {
      for j in 0..<i {
        let mean = (rows[i][j] + rows[j][i]) / 2
        rows[i][j] = mean
        rows[j][i] = mean
      }
      if !(rows[i][i] > floor[i]) { rows[i][i] = floor[i] }
    }
  }

  /// Covariance after one scalar measurement: `P − K·Cᵀ − C·Kᵀ + K·S·Kᵀ`, true for any gain, so for
  /// a partial or a weighed-down one as well.
  ///
  /// - Parameters:
  ///   - gain: `K`.
  ///   - cross: `C`, covariance of the states with the measurement.
  ///   - variance: `S`, variance of the innovation.
  @inlinable
  public mutating func correct(
    gain: borrowing InlineArray<size, Real>, cross: borrowing InlineArray<size, Real>,
    variance: Real
  ) {
    for i in 0..<size {
      for j in 0..<size {
        rows[i][j] += gain[i] * gain[j] * variance - gain[i] * cross[j] - cross[i] * gain[j]
      }
    }
  }

  /// Whether every entry is finite.
  @inlinable
  public var isFinite: Bool {
    for i in 0..<size {
      for j in 0..<size where !rows[i][j].isFinite { return false }
    }
    return true
  }

  /// Lower triangular `L` with `L·Lᵀ` equal to the matrix; nil where a pivot is not positive.
  ///
  /// - Complexity: O(size³).
  @inlinable
  public func choleskyFactor() -> SmallMatrix? {
    var factor = SmallMatrix()
    for i in 0..<size {
      for j in 0...i {
        var sum = rows[i][j]
        for k in 0..<j { sum -= factor.rows[i][k] * factor.rows[j][k] }
        if i == j {
          guard sum > 0, sum.isFinite else { return nil }
          factor.rows[i][i] = sum.squareRoot()
        } else {
          factor.rows[i][j] = sum / factor.rows[j][j]
        }
      }
    }
    return factor
  }
}
