// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Nodes and weights of Gauss–Legendre quadrature.

import Foundation

/// Gauss–Legendre quadrature on `[0, 1]`: exact for polynomials of degree `2·count − 1`.
///
/// - Reference: Abramowitz & Stegun (1964), section 25.4.29; nodes by Newton's method on the
///   Legendre polynomial.
public struct GaussLegendre: Sendable {
  /// Nodes in `(0, 1)`, descending.
  public let nodes: [Double]
  /// Weights; their sum is 1.
  public let weights: [Double]

  /// Computes the rule with a number of nodes.
  ///
  /// - Complexity: O(count²).
  public init(count: Int) {
    precondition(count > 0, "a rule needs a node")
    var nodes: [Double] = []
    var weights: [Double] = []
    for i in 0..<count {
      var x = cos(Double.pi * (Double(i) + 0.75) / (Double(count) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var p0 = 1.0
        var p1 = x
        for k in 2..<max(count + 1, 2) {
          let n = Double(k)
          (p0, p1) = (p1, ((2 * n - 1) * x * p1 - (n - 1) * p0) / n)
        }
        if count == 1 { (p0, p1) = (1, x) }
        slope = Double(count) * (x * p1 - p0) / (x * x - 1)
        let change = p1 / slope
        x -= change
        if abs(change) < 1e-15 { break }
      }
      nodes.append(0.5 * (1 + x))
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
    self.nodes = nodes
    self.weights = weights
  }
}
