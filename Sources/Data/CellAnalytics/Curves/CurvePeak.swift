// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A peak of a differential curve, found below the grid spacing.

/// A peak of a differential curve.
public struct CurvePeak: Codable, Hashable, Sendable {
  /// Position on the abscissa, in its unit, refined below the spacing of the grid.
  public var position: Double
  /// Height of the curve at the peak, in its unit.
  public var height: Double
  /// Height above the higher of the two valleys around it.
  public var prominence: Double

  /// Finds the peaks of an evenly spaced curve.
  ///
  /// - Parameters:
  ///   - values: The curve.
  ///   - start: Abscissa of the first value.
  ///   - spacing: Distance of two values on the abscissa.
  ///   - minimumProminence: Smallest prominence as a share of the highest value.
  ///   - limit: Most peaks returned.
  /// - Returns: Peaks, the most prominent first.
  /// - Complexity: O(n · peaks).
  public static func find(
    in values: [Double], start: Double, spacing: Double, minimumProminence: Double = 0.05,
    limit: Int = 4
  ) -> [CurvePeak] {
    guard values.count >= 3, let highest = values.max(), highest > 0 else { return [] }
    var peaks: [CurvePeak] = []
    for index in 1..<(values.count - 1)
    where values[index] > values[index - 1] && values[index] >= values[index + 1] {
      let height = values[index]
      var left = height
      var position = index - 1
      while position >= 0, values[position] <= height {
        left = min(left, values[position])
        position -= 1
      }
      var right = height
      position = index + 1
      while position < values.count, values[position] <= height {
        right = min(right, values[position])
        position += 1
      }
      let prominence = height - max(left, right)
      guard prominence >= minimumProminence * highest else { continue }
      // The vertex of the parabola through the three highest points.
      let bend = values[index - 1] - 2 * height + values[index + 1]
      let shift = bend < 0 ? (values[index - 1] - values[index + 1]) / (2 * bend) : 0
      peaks.append(
        CurvePeak(
          position: start + (Double(index) + shift) * spacing,
          height: height - (values[index - 1] - values[index + 1]) * shift / 4,
          prominence: prominence))
    }
    return Array(peaks.sorted { $0.prominence > $1.prominence }.prefix(limit))
  }
}
