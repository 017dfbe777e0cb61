// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A curve at uniform nodes out of scattered noisy points, as smooth as the points ask for.

import Foundation

/// A curve at uniform nodes out of scattered noisy points, as smooth as the points themselves ask
/// for.
///
/// Straight pieces between the nodes, with a penalty on third differences beside the slope of the
/// curve there: a knee at the end of discharge may bend in volts what a plateau bends in
/// millivolts. The weight of the penalty has the least generalised cross-validation error, so
/// that points without noise are not smoothed.
///
/// - Reference: Eilers & Marx (1996), doi:10.1214/ss/1038425655, for the penalty; Craven & Wahba
///   (1979), doi:10.1007/BF01404567, for the choice of its weight.
enum CurveSmoothing {
  /// Lower bandwidth of the equations: third differences span four nodes.
  private static let width = 3

  /// A smooth curve.
  struct Curve {
    /// At the uniform nodes.
    var values: [Double]
    /// Standard deviation of the points about it.
    var noise: Double
    /// Degrees of freedom that it takes.
    var freedom: Double
    /// Number of points.
    var points: Int
  }

  /// The curve at `count` uniform nodes from 0 to 1.
  ///
  /// - Parameters:
  ///   - points: Places 0 to 1 with values.
  ///   - count: Number of nodes, five or more.
  /// - Returns: The curve; nil when there are fewer points than a curve needs.
  /// - Complexity: O(count² + points) for each of thirteen weights.
  static func curve(_ points: [(place: Double, voltage: Double)], count: Int) -> Curve? {
    guard points.count >= 8, count >= 5 else { return nil }
    let stride = width + 1
    // Normal matrix of the hat functions, by diagonals: entry (i, i − d) is at i·stride + d.
    var normal = [Double](repeating: 0, count: count * stride)
    var right = [Double](repeating: 0, count: count)
    var square = 0.0
    for point in points {
      let position = max(0, min(1, point.place)) * Double(count - 1)
      let low = min(count - 2, Int(position))
      let high = position - Double(low)
      normal[low * stride] += (1 - high) * (1 - high)
      normal[(low + 1) * stride] += high * high
      normal[(low + 1) * stride + 1] += high * (1 - high)
      right[low] += (1 - high) * point.voltage
      right[low + 1] += high * point.voltage
      square += point.voltage * point.voltage
    }
    let total = Double(points.count)
    let density = total / Double(count)
    // A first, hardly smoothed curve tells the slopes.
    var weights = [Double](repeating: 1, count: count - 3)
    guard let first = solve(normal, right, weights, 1e-3 * density) else { return nil }
    weights = penalties(first.values)
    var best: (error: Double, curve: Curve)?
    for step in 0..<13 {
      let strength = density * pow(10, Double(step) / 1.5 - 3)
      guard let found = solve(normal, right, weights, strength) else { continue }
      let residual = max(0, square + quadratic(normal, right, found.values))
      let freedom = total - found.freedom
      guard freedom > 0.05 * total else { continue }
      // Rounding of volts must not decide between curves through points without noise.
      let error = (residual + 1e-10 * total) / (freedom * freedom)
      if error < best?.error ?? .infinity {
        let noise = (residual / freedom).squareRoot()
        best = (
          error,
          Curve(
            values: found.values, noise: noise, freedom: found.freedom, points: points.count)
        )
      }
    }
    return best?.curve
  }

  /// Weight of each third difference: one over the squared slope around it beside the median.
  private static func penalties(_ values: [Double]) -> [Double] {
    let slopes = values.indices.dropLast().map { abs(values[$0 + 1] - values[$0]) }
    let middle = max(1e-9, slopes.sorted()[slopes.count / 2])
    return (0..<(values.count - 3)).map { j in
      let part = slopes[max(0, j - 3)..<min(slopes.count, j + 6)]
      let size = max(0.3, part.reduce(0, +) / Double(part.count) / middle)
      return 1 / (size * size)
    }
  }

  /// `cᵀNc − 2bᵀc`: the sum of squared residuals without that of the data.
  private static func quadratic(_ normal: [Double], _ right: [Double], _ c: [Double]) -> Double {
    let stride = width + 1
    var sum = 0.0
    for i in c.indices {
      sum += c[i] * (normal[i * stride] * c[i] - 2 * right[i])
      if i > 0 { sum += 2 * c[i] * c[i - 1] * normal[i * stride + 1] }
    }
    return sum
  }

  /// The penalised solution and its degrees of freedom.
  private static func solve(
    _ normal: [Double], _ right: [Double], _ weights: [Double], _ strength: Double
  ) -> (values: [Double], freedom: Double)? {
    let stride = width + 1
    let count = right.count
    var matrix = normal
    let terms = [-1.0, 3, -3, 1]
    for (j, weight) in weights.enumerated() {
      for a in 0...width {
        for b in 0...a {
          matrix[(j + a) * stride + a - b] += strength * weight * terms[a] * terms[b]
        }
      }
    }
    // Cholesky within the band.
    for i in 0..<count {
      for d in (0...min(width, i)).reversed() {
        let j = i - d
        var sum = matrix[i * stride + d]
        for k in max(0, i - width, j - width)..<max(j, max(0, i - width, j - width)) {
          sum -= matrix[i * stride + i - k] * matrix[j * stride + j - k]
        }
        if d == 0 {
          guard sum > 0, sum.isFinite else { return nil }
          matrix[i * stride] = sum.squareRoot()
        } else {
          matrix[i * stride + d] = sum / matrix[j * stride]
        }
      }
    }
    func backward(_ values: inout [Double], from first: Int) {
      for i in first..<count {
        for k in max(first, i - width)..<max(first, i) {
          values[i] -= matrix[i * stride + i - k] * values[k]
        }
        values[i] /= matrix[i * stride]
      }
      for i in (0..<count).reversed() {
        for k in (i + 1)..<min(count, i + width + 1) where k > i {
          values[i] -= matrix[k * stride + k - i] * values[k]
        }
        values[i] /= matrix[i * stride]
      }
    }
    var values = right
    backward(&values, from: 0)
    // Trace of the inverse times the normal matrix, which is tridiagonal.
    var freedom = 0.0
    for column in 0..<count {
      var unit = [Double](repeating: 0, count: count)
      unit[column] = 1
      backward(&unit, from: column)
      freedom += unit[column] * normal[column * stride]
      if column > 0 { freedom += 2 * unit[column - 1] * normal[column * stride + 1] }
    }
    return (values, freedom)
  }
}
