// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Elimination of the small matrices of linearly implicit steps.

/// Elimination without exchanges of the small matrices `I − γ·h·J` of linearly implicit steps.
///
/// Such a matrix is near the identity for small steps and dominated by its diagonal for stable
/// reactions; a vanishing pivot is told, and shortens the step.
enum SmallMatrix {
  /// LU factors in place.
  ///
  /// - Parameters:
  ///   - a: `[n × n]`, row-major, replaced by its factors.
  ///   - n: Size.
  /// - Returns: Whether all pivots are well away from zero.
  /// - Complexity: O(n³) for a full matrix; rows with a zero below a pivot cost nothing.
  @inline(__always)
  static func factor(_ a: UnsafeMutablePointer<Double>, _ n: Int) -> Bool {
    for k in 0..<n {
      let pivot = a[k * n + k]
      guard abs(pivot) > 1e-6, pivot.isFinite else { return false }
      let inverse = 1 / pivot
      for i in (k + 1)..<max(n, k + 1) {
        let factor = a[i * n + k] * inverse
        a[i * n + k] = factor
        if factor == 0 { continue }
        for j in (k + 1)..<n { a[i * n + j] -= factor * a[k * n + j] }
      }
    }
    return true
  }

  /// Solves with the factors.
  ///
  /// - Parameters:
  ///   - a: Factors of ``factor(_:_:)``.
  ///   - n: Size.
  ///   - x: `[n]` right side, replaced by the solution.
  /// - Complexity: O(n²).
  @inline(__always)
  static func solve(
    _ a: UnsafeMutablePointer<Double>, _ n: Int, _ x: UnsafeMutablePointer<Double>
  ) {
    for i in 1..<max(1, n) {
      var sum = x[i]
      for j in 0..<i { sum -= a[i * n + j] * x[j] }
      x[i] = sum
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      var sum = x[i]
      for j in (i + 1)..<max(n, i + 1) { sum -= a[i * n + j] * x[j] }
      x[i] = sum / a[i * n + i]
    }
  }
}
