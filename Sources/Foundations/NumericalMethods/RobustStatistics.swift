// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Order statistics and their robust spread: the median family.

/// Robust location and spread of small samples.
///
/// All functions ignore nothing: pass finite values only. An empty sample gives NaN.
public enum RobustStatistics {
  /// Factor that makes the median absolute deviation of normal data equal its standard
  /// deviation, `1/Φ⁻¹(3/4)`. Rousseeuw & Croux (1993), doi:10.1080/01621459.1993.10476408.
  public static let normalConsistency = 1.482_602_218_505_602

  /// The median of a sample.
  ///
  /// - Complexity: O(n log n).
  public static func median(_ sample: [Double]) -> Double {
    var sorted = sample
    sorted.sort()
    return medianOfSorted(sorted)
  }

  /// The median of values that are already in ascending order.
  ///
  /// - Complexity: O(1).
  public static func medianOfSorted(_ sorted: [Double]) -> Double {
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The quantile of ascending values by linear interpolation between order statistics.
  ///
  /// - Parameters:
  ///   - sorted: Values in ascending order.
  ///   - fraction: Position from 0 (minimum) to 1 (maximum).
  /// - Returns: The interpolated quantile; NaN for an empty sample.
  /// - Reference: Hyndman & Fan (1996), definition 7. doi:10.1080/00031305.1996.10473566
  public static func quantileOfSorted(_ sorted: [Double], _ fraction: Double) -> Double {
    guard let first = sorted.first else { return .nan }
    guard sorted.count > 1 else { return first }
    let position = max(0, min(1, fraction)) * Double(sorted.count - 1)
    let below = min(Int(position), sorted.count - 2)
    let weight = position - Double(below)
    return sorted[below] + weight * (sorted[below + 1] - sorted[below])
  }

  /// The median absolute deviation, scaled to the standard deviation of normal data.
  ///
  /// - Complexity: O(n log n).
  public static func scaledMAD(_ sample: [Double], about centre: Double) -> Double {
    normalConsistency * median(sample.map { ($0 - centre).magnitude })
  }

  /// The median of all pairwise slopes: a trend that tolerates up to 29 % outliers.
  ///
  /// - Returns: Slope in units of `y` per unit of `x`; NaN when no two `x` differ.
  /// - Complexity: O(n² log n); thin long series before calling.
  /// - Reference: Sen (1968), doi:10.1080/01621459.1968.10480934.
  public static func theilSenSlope(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "theilSenSlope needs as many x as y")
    var slopes: [Double] = []
    slopes.reserveCapacity(x.count * max(0, x.count - 1) / 2)
    for i in 0..<x.count {
      for j in (i + 1)..<max(x.count, i + 1) where x[j] != x[i] {
        slopes.append((y[j] - y[i]) / (x[j] - x[i]))
      }
    }
    return median(slopes)
  }
}
