// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values between known points: linear, Lagrange and monotone cubic.

/// Values between known points.
public enum Interpolation {
  /// The piecewise linear value; constant beyond the ends.
  ///
  /// - Parameters:
  ///   - x: Ascending positions.
  ///   - y: Values at the positions.
  ///   - position: Where the value is wanted.
  /// - Returns: The value; NaN without points.
  /// - Complexity: O(log n).
  public static func linear(_ x: [Double], _ y: [Double], at position: Double) -> Double {
    precondition(x.count == y.count, "interpolation needs as many x as y")
    guard let first = x.first, let last = x.last else { return .nan }
    if position <= first { return y[0] }
    if position >= last { return y[y.count - 1] }
    let after = upperBound(x, position)
    let weight = (position - x[after - 1]) / (x[after] - x[after - 1])
    return y[after - 1] + weight * (y[after] - y[after - 1])
  }

  /// The value of the polynomial through all points, in barycentric form.
  ///
  /// Exact for polynomials of degree `x.count − 1`; use few points, since many equidistant ones
  /// oscillate at the ends (Runge).
  ///
  /// - Parameters:
  ///   - x: Distinct positions.
  ///   - y: Values at the positions.
  ///   - position: Where the value is wanted.
  /// - Returns: The value; NaN without points.
  /// - Complexity: O(n²).
  /// - Reference: Berrut & Trefethen (2004), doi:10.1137/S0036144502417715.
  public static func lagrange(_ x: [Double], _ y: [Double], at position: Double) -> Double {
    precondition(x.count == y.count, "interpolation needs as many x as y")
    guard !x.isEmpty else { return .nan }
    var numerator = 0.0
    var denominator = 0.0
    for i in x.indices {
      if position == x[i] { return y[i] }
      var weight = 1.0
      for j in x.indices where j != i { weight /= x[i] - x[j] }
      let term = weight / (position - x[i])
      numerator += term * y[i]
      denominator += term
    }
    return numerator / denominator
  }

  /// Index of the first element above a value, from 1 to `x.count − 1`.
  static func upperBound(_ x: [Double], _ value: Double) -> Int {
    var low = 1
    var high = x.count - 1
    while low < high {
      let middle = (low + high) / 2
      if x[middle] > value { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// A piecewise cubic that keeps the shape of its points: monotone where they are, no overshoot.
///
/// Third-order accurate where the data are smooth and monotone, second-order at extrema.
///
/// - Reference: Fritsch & Butland (1984), doi:10.1137/0905021.
public struct MonotoneCubic: Sendable {
  /// Positions of the points, ascending.
  public let x: [Double]
  /// Values at the points.
  public let y: [Double]
  /// Slopes at the points.
  public let slopes: [Double]

  /// Creates the curve.
  ///
  /// - Parameters:
  ///   - x: Strictly ascending positions, at least two.
  ///   - y: Values.
  /// - Throws: ``NumericalError/tooFewData(count:needed:)`` or ``NumericalError/notFinite`` when
  ///   positions do not ascend or a number is not finite.
  /// - Complexity: O(n).
  public init(_ x: [Double], _ y: [Double]) throws(NumericalError) {
    precondition(x.count == y.count, "interpolation needs as many x as y")
    guard x.count >= 2 else { throw .tooFewData(count: x.count, needed: 2) }
    guard zip(x, x.dropFirst()).allSatisfy({ $0 < $1 }), y.allSatisfy({ $0.isFinite }) else {
      throw .notFinite
    }
    self.x = x
    self.y = y
    var secants = [Double](repeating: 0, count: x.count - 1)
    for i in secants.indices {
      let rise = y[i + 1] - y[i]
      secants[i] = rise / (x[i + 1] - x[i])
    }
    var slopes = [Double](repeating: 0, count: x.count)
    for i in 1..<max(1, x.count - 1) where secants[i - 1] * secants[i] > 0 {
      let before = x[i] - x[i - 1]
      let after = x[i + 1] - x[i]
      let w1 = 2 * after + before
      let w2 = after + 2 * before
      slopes[i] = (w1 + w2) / (w1 / secants[i - 1] + w2 / secants[i])
    }
    if x.count == 2 {
      slopes = [secants[0], secants[0]]
    } else {
      slopes[0] = Self.endSlope(x[1] - x[0], x[2] - x[1], secants[0], secants[1])
      let n = x.count
      slopes[n - 1] = Self.endSlope(
        x[n - 1] - x[n - 2], x[n - 2] - x[n - 3], secants[n - 2], secants[n - 3])
    }
    self.slopes = slopes
  }

  /// Three-point end slope, limited so that the curve stays monotone.
  private static func endSlope(_ h0: Double, _ h1: Double, _ d0: Double, _ d1: Double) -> Double {
    let slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
    if slope * d0 <= 0 { return 0 }
    return d0 * d1 <= 0 && abs(slope) > 3 * abs(d0) ? 3 * d0 : slope
  }

  /// The value at a position; constant beyond the ends.
  ///
  /// - Complexity: O(log n).
  public func value(at position: Double) -> Double {
    if position <= x[0] { return y[0] }
    if position >= x[x.count - 1] { return y[y.count - 1] }
    let i = Interpolation.upperBound(x, position) - 1
    let h = x[i + 1] - x[i]
    let t = (position - x[i]) / h
    let u = 1 - t
    let left: Double = (1 + 2 * t) * u * u
    let right: Double = (3 - 2 * t) * t * t
    let bend: Double = h * t * u * (slopes[i] * u - slopes[i + 1] * t)
    return y[i] * left + y[i + 1] * right + bend
  }
}
