// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Small dense systems: Cholesky and Householder QR in plain loops.

/// Small dense linear systems, row-major, in plain Swift loops.
///
/// Meant for up to some sixteen unknowns, where loops beat a library call.
public enum DenseSolvers {
  /// The lower Cholesky factor of a symmetric positive definite matrix.
  ///
  /// - Parameters:
  ///   - matrix: `[size × size]`, row-major; only the lower triangle is read.
  ///   - size: Number of rows.
  /// - Returns: `L` with `L·Lᵀ` the matrix, `[size × size]`, row-major, zeros above the diagonal.
  /// - Throws: ``NumericalError/singular(pivot:)`` when the matrix is not positive definite.
  /// - Complexity: O(size³).
  public static func cholesky(_ matrix: [Double], size: Int) throws(NumericalError) -> [Double] {
    precondition(matrix.count == size * size, "matrix must be square")
    var factor = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        var sum = matrix[row * size + column]
        for k in 0..<column { sum -= factor[row * size + k] * factor[column * size + k] }
        if row == column {
          guard sum > 0, sum.isFinite else { throw .singular(pivot: row) }
          factor[row * size + row] = sum.squareRoot()
        } else {
          factor[row * size + column] = sum / factor[column * size + column]
        }
      }
    }
    return factor
  }

  /// Solves `L·Lᵀ·x = b` with a factor from ``cholesky(_:size:)``.
  ///
  /// - Complexity: O(size²).
  public static func solve(choleskyFactor factor: [Double], size: Int, _ b: [Double]) -> [Double] {
    precondition(factor.count == size * size && b.count == size, "sizes must agree")
    var x = b
    for row in 0..<size {
      for k in 0..<row { x[row] -= factor[row * size + k] * x[k] }
      x[row] /= factor[row * size + row]
    }
    for row in (0..<size).reversed() {
      for k in (row + 1)..<max(size, row + 1) { x[row] -= factor[k * size + row] * x[k] }
      x[row] /= factor[row * size + row]
    }
    return x
  }

  /// The inverse of a symmetric positive definite matrix, `[size × size]`, row-major.
  ///
  /// - Throws: ``NumericalError/singular(pivot:)`` when the matrix is not positive definite.
  /// - Complexity: O(size³).
  public static func inverse(positiveDefinite matrix: [Double], size: Int)
    throws(NumericalError) -> [Double]
  {
    let factor = try cholesky(matrix, size: size)
    var inverse = [Double](repeating: 0, count: size * size)
    for column in 0..<size {
      var unit = [Double](repeating: 0, count: size)
      unit[column] = 1
      let x = solve(choleskyFactor: factor, size: size, unit)
      for row in 0..<size { inverse[row * size + column] = x[row] }
    }
    return inverse
  }

  /// The least-squares solution of an overdetermined system by Householder reflections.
  ///
  /// - Parameters:
  ///   - matrix: `[rows × columns]`, row-major, `rows ≥ columns`.
  ///   - rows: Number of equations.
  ///   - columns: Number of unknowns.
  ///   - rightSide: `[rows]`.
  /// - Returns: `[columns]` unknowns with the smallest sum of squared residuals.
  /// - Throws: ``NumericalError/tooFewData(count:needed:)`` or
  ///   ``NumericalError/singular(pivot:)`` when columns depend on each other.
  /// - Complexity: O(rows · columns²).
  /// - Reference: Golub (1965), doi:10.1007/BF01436075.
  public static func leastSquares(
    _ matrix: [Double], rows: Int, columns: Int, _ rightSide: [Double]
  ) throws(NumericalError) -> [Double] {
    precondition(matrix.count == rows * columns && rightSide.count == rows, "sizes must agree")
    guard rows >= columns else { throw .tooFewData(count: rows, needed: columns) }
    var a = matrix
    var b = rightSide
    var largest = 0.0
    for column in 0..<columns {
      var norm = 0.0
      for row in column..<rows { norm += a[row * columns + column] * a[row * columns + column] }
      norm = norm.squareRoot()
      largest = max(largest, norm)
      guard norm > 1e-13 * largest, norm.isFinite else { throw .singular(pivot: column) }
      let diagonal = a[column * columns + column]
      let alpha = diagonal > 0 ? -norm : norm
      let head = diagonal - alpha
      // v = (head, below); the reflection is 1 − v·vᵀ / (norm² + |diagonal|·norm).
      let beta = 1 / (norm * (norm + diagonal.magnitude))
      for other in (column + 1)..<max(columns, column + 1) {
        var dot = head * a[column * columns + other]
        for row in (column + 1)..<max(rows, column + 1) {
          dot += a[row * columns + column] * a[row * columns + other]
        }
        dot *= beta
        a[column * columns + other] -= dot * head
        for row in (column + 1)..<max(rows, column + 1) {
          a[row * columns + other] -= dot * a[row * columns + column]
        }
      }
      var dot = head * b[column]
      for row in (column + 1)..<max(rows, column + 1) { dot += a[row * columns + column] * b[row] }
      dot *= beta
      b[column] -= dot * head
      for row in (column + 1)..<max(rows, column + 1) { b[row] -= dot * a[row * columns + column] }
      a[column * columns + column] = alpha
    }
    var x = [Double](repeating: 0, count: columns)
    for row in (0..<columns).reversed() {
      var sum = b[row]
      for k in (row + 1)..<max(columns, row + 1) { sum -= a[row * columns + k] * x[k] }
      x[row] = sum / a[row * columns + row]
    }
    return x
  }
}
