// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Elimination of the small matrices of linearly implicit steps.

/// Elimination without exchanges of the small matrices `I − γ·h·J` of linearly implicit steps.
///
/// Such a matrix is near the identity for small steps and dominated by its diagonal for stable
/// reactions; a vanishing pivot is told, and shortens the step. Matrices are column-major, so that
/// inner loops run along memory; zeros above the diagonal, which separate what acts only one way,
/// cost nothing.
enum SmallMatrix {
  /// LU factors in place; the diagonal holds the inverses of the pivots.
  ///
  /// - Parameters:
  ///   - a: `[n × n]`, column-major, replaced by its factors.
  ///   - n: Size.
  ///   - smallest: Size of a pivot that counts as zero.
  /// - Returns: Whether all pivots are well away from zero.
  /// - Complexity: O(n³) for a full matrix.
  @inline(__always)
  static func factor(
    _ a: UnsafeMutablePointer<Double>, _ n: Int, smallest: Double = 1e-6
  ) -> Bool {
    for j in 0..<n {
      let column = a + j * n
      for k in 0..<j {
        let factor = column[k]
        if factor == 0 { continue }
        let lower = a + k * n
        for i in (k + 1)..<n { column[i] -= factor * lower[i] }
      }
      let pivot = column[j]
      guard abs(pivot) > smallest, pivot.isFinite else { return false }
      let inverse = 1 / pivot
      column[j] = inverse
      for i in (j + 1)..<max(n, j + 1) { column[i] *= inverse }
    }
    return true
  }

  /// First row of each column above the diagonal that is not zero.
  ///
  /// - Parameters:
  ///   - a: Factors of ``factor(_:_:smallest:)``.
  ///   - n: Size.
  ///   - tops: `[n]` result.
  @inline(__always)
  static func findTops(
    _ a: UnsafePointer<Double>, _ n: Int, _ tops: UnsafeMutablePointer<Int32>
  ) {
    for k in 0..<n {
      var top = 0
      while top < k, a[k * n + top] == 0 { top += 1 }
      tops[k] = Int32(top)
    }
  }

  /// Solves with the factors, skipping what lies above the first entry of each column.
  ///
  /// - Parameters:
  ///   - a: Factors of ``factor(_:_:smallest:)``.
  ///   - n: Size.
  ///   - tops: Of ``findTops(_:_:_:)``.
  ///   - x: `[n]` right side, replaced by the solution.
  /// - Complexity: O(n²).
  @inline(__always)
  static func solve(
    _ a: UnsafePointer<Double>, _ n: Int, tops: UnsafePointer<Int32>,
    _ x: UnsafeMutablePointer<Double>
  ) {
    for k in 0..<n {
      let value = x[k]
      if value == 0 { continue }
      let column = a + k * n
      for i in (k + 1)..<max(n, k + 1) { x[i] -= value * column[i] }
    }
    for k in stride(from: n - 1, through: 0, by: -1) {
      let column = a + k * n
      let value = x[k] * column[k]
      x[k] = value
      for i in Int(tops[k])..<k { x[i] -= value * column[i] }
    }
  }

  /// Solves with the factors.
  ///
  /// - Parameters:
  ///   - a: Factors of ``factor(_:_:smallest:)``.
  ///   - n: Size.
  ///   - x: `[n]` right side, replaced by the solution.
  /// - Complexity: O(n²).
  @inline(__always)
  static func solve(
    _ a: UnsafeMutablePointer<Double>, _ n: Int, _ x: UnsafeMutablePointer<Double>
  ) {
    for k in 0..<n {
      let value = x[k]
      if value == 0 { continue }
      let column = a + k * n
      for i in (k + 1)..<max(n, k + 1) { x[i] -= value * column[i] }
    }
    for k in stride(from: n - 1, through: 0, by: -1) {
      let column = a + k * n
      let value = x[k] * column[k]
      x[k] = value
      for i in 0..<k { x[i] -= value * column[i] }
    }
  }
}
