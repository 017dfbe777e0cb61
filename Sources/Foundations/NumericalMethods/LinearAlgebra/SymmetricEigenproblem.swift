// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Eigenvalues and eigenvectors of a small symmetric matrix.

/// Eigenvalues, ascending, and eigenvectors of a small symmetric matrix by Jacobi rotations.
///
/// - Reference: Golub & Van Loan (2013), "Matrix Computations", section 8.5.
public struct SymmetricEigenproblem: Sendable {
  /// Eigenvalues, ascending.
  public let values: [Double]
  /// `[size × size]`: row `k` is the eigenvector of unit length of `values[k]`.
  public let vectors: [Double]

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - matrix: `[size × size]`, symmetric.
  ///   - size: Number of rows.
  /// - Throws: ``NumericalError/notFinite`` or ``NumericalError/notConverged(iterations:)``.
  /// - Complexity: O(size³) per sweep, about six sweeps.
  public init(_ matrix: [Double], size: Int) throws(NumericalError) {
    precondition(matrix.count == size * size, "matrix must be square")
    guard matrix.allSatisfy(\.isFinite) else { throw .notFinite }
    var a = matrix
    var v = [Double](repeating: 0, count: size * size)
    for k in 0..<size { v[k * size + k] = 1 }
    let scale = a.reduce(0) { $0 + $1 * $1 }
    var sweep = 0
    while true {
      var off = 0.0
      for i in 0..<size { for j in 0..<i { off += a[i * size + j] * a[i * size + j] } }
      if off <= 1e-29 * scale { break }
      sweep += 1
      guard sweep <= 60 else { throw .notConverged(iterations: sweep) }
      for p in 0..<size {
        for q in p + 1..<max(size, p + 1) where a[p * size + q] != 0 {
          Self.rotate(&a, &v, size, p, q)
        }
      }
    }
    let order = (0..<size).sorted { a[$0 * size + $0] < a[$1 * size + $1] }
    values = order.map { a[$0 * size + $0] }
    vectors = order.flatMap { k in (0..<size).map { v[$0 * size + k] } }
  }

  private static func rotate(
    _ a: inout [Double], _ v: inout [Double], _ size: Int, _ p: Int, _ q: Int
  ) {
    let theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
    let root = abs(theta) + (theta * theta + 1).squareRoot()
    let t = (theta < 0 ? -1 : 1) / root
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    for k in 0..<size {
      let kp = a[k * size + p]
      let kq = a[k * size + q]
      a[k * size + p] = c * kp - s * kq
      a[k * size + q] = s * kp + c * kq
    }
    for k in 0..<size {
      let pk = a[p * size + k]
      let qk = a[q * size + k]
      a[p * size + k] = c * pk - s * qk
      a[q * size + k] = s * pk + c * qk
    }
    for k in 0..<size {
      let kp = v[k * size + p]
      let kq = v[k * size + q]
      v[k * size + p] = c * kp - s * kq
      v[k * size + q] = s * kp + c * kq
    }
  }
}
