// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Smoothing and differentiation by local polynomials on an even grid.

/// Smoothing and differentiation by local least-squares polynomials on an even grid.
///
/// A symmetric window does not move a symmetric peak, and a polynomial of the filter's order
/// passes unchanged, so that peaks keep their position and most of their height.
///
/// - Reference: Savitzky & Golay (1964), doi:10.1021/ac60214a047.
public struct SavitzkyGolay: Sendable {
  /// Points on each side of the centre.
  public let halfWidth: Int
  /// Degree of the local polynomial.
  public let order: Int
  /// Order of the derivative taken; 0 smooths.
  public let derivative: Int
  /// Weights `[2·halfWidth + 1][2·halfWidth + 1]`: row `k` gives the value at window position `k`.
  private let weights: [[Double]]

  /// Creates a filter.
  ///
  /// - Parameters:
  ///   - halfWidth: Points on each side of the centre, at least 1.
  ///   - order: Degree of the polynomial, at most `2·halfWidth`.
  ///   - derivative: 0 for smoothing, 1 for the slope, and so on, at most `order`.
  /// - Throws: ``NumericalError/tooFewData(count:needed:)`` when the window is too short.
  /// - Complexity: O(width² · order).
  public init(halfWidth: Int, order: Int, derivative: Int = 0) throws(NumericalError) {
    let width = 2 * halfWidth + 1
    guard halfWidth >= 1, order >= derivative, derivative >= 0, width > order else {
      throw .tooFewData(count: width, needed: order + 1)
    }
    self.halfWidth = halfWidth
    self.order = order
    self.derivative = derivative
    let terms = order + 1
    // Powers of the position scaled to −1…1 keep the normal matrix well conditioned.
    let scale = 1 / Double(halfWidth)
    var design = [Double](repeating: 1, count: width * terms)
    for row in 0..<width {
      let u = Double(row - halfWidth) * scale
      for term in 1..<max(terms, 1) {
        design[row * terms + term] = design[row * terms + term - 1] * u
      }
    }
    var normal = [Double](repeating: 0, count: terms * terms)
    for a in 0..<terms {
      for b in 0..<terms {
        for row in 0..<width {
          normal[a * terms + b] += design[row * terms + a] * design[row * terms + b]
        }
      }
    }
    let factor = try DenseSolvers.cholesky(normal, size: terms)
    var rows: [[Double]] = []
    for position in 0..<width {
      let u = Double(position - halfWidth) * scale
      var functional = [Double](repeating: 0, count: terms)
      for term in derivative..<max(terms, derivative) {
        var value = 1.0
        for k in 0..<derivative { value *= Double(term - k) * scale }
        for _ in 0..<(term - derivative) { value *= u }
        functional[term] = value
      }
      let solved = DenseSolvers.solve(choleskyFactor: factor, size: terms, functional)
      rows.append(
        (0..<width).map { row in
          (0..<terms).reduce(0.0) { $0 + design[row * terms + $1] * solved[$1] }
        })
    }
    weights = rows
  }

  /// Filters evenly spaced values; the ends use the polynomial of the first and last window.
  ///
  /// - Parameters:
  ///   - values: Evenly spaced, finite.
  ///   - spacing: Distance of two points, in the unit of the abscissa.
  /// - Returns: As many values, in units of `values / spacing^derivative`; the input itself (or
  ///   zeros for a derivative) when it is shorter than the window.
  /// - Complexity: O(count · width).
  public func apply(_ values: [Double], spacing: Double = 1) -> [Double] {
    let width = 2 * halfWidth + 1
    guard values.count >= width else {
      return derivative == 0 ? values : Array(repeating: 0, count: values.count)
    }
    var divisor = 1.0
    for _ in 0..<derivative { divisor *= spacing }
    var filtered = [Double](repeating: 0, count: values.count)
    let centre = weights[halfWidth]
    for index in halfWidth..<(values.count - halfWidth) {
      var sum = 0.0
      for k in 0..<width { sum += centre[k] * values[index - halfWidth + k] }
      filtered[index] = sum / divisor
    }
    for k in 0..<halfWidth {
      var head = 0.0
      var tail = 0.0
      let last = values.count - width
      for j in 0..<width {
        head += weights[k][j] * values[j]
        tail += weights[halfWidth + 1 + k][j] * values[last + j]
      }
      filtered[k] = head / divisor
      filtered[values.count - halfWidth + k] = tail / divisor
    }
    return filtered
  }
}
