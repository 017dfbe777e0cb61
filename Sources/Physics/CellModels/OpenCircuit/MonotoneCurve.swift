// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A smooth monotone curve through values on a uniform grid.

/// A monotone cubic curve through values on a uniform grid over 0 to 1.
///
/// Where the values rise, the curve rises, without overshoot; value and first derivative are
/// continuous. Outside the grid it goes on straight with its end slope.
///
/// - Reference: Fritsch & Carlson (1980), doi:10.1137/0717021; slopes by the harmonic mean of
///   Fritsch & Butland (1984), doi:10.1137/0905021.
public struct MonotoneCurve: Sendable {
  /// Values at the grid points.
  public let values: [Double]
  /// Derivatives at the grid points times the grid width.
  @usableFromInline let slopes: [Double]

  /// Creates a curve.
  ///
  /// - Parameter values: At least two finite values at equal distances from 0 to 1.
  public init(values: [Double]) {
    precondition(values.count >= 2, "a curve needs two values")
    precondition(values.allSatisfy(\.isFinite), "a curve needs finite values")
    self.values = values
    let last = values.count - 1
    var slopes = [Double](repeating: 0, count: values.count)
    slopes[0] = values[1] - values[0]
    slopes[last] = values[last] - values[last - 1]
    for place in 1..<max(last, 1) {
      let before = values[place] - values[place - 1]
      let after = values[place + 1] - values[place]
      slopes[place] = before * after > 0 ? 2 * before * after / (before + after) : 0
    }
    self.slopes = slopes
  }

  /// Creates a curve by sampling a function.
  ///
  /// - Parameters:
  ///   - count: Number of grid points, at least two.
  ///   - function: The function on 0 to 1.
  public init(count: Int, sampling function: (Double) -> Double) {
    precondition(count >= 2, "a curve needs two values")
    self.init(values: (0..<count).map { function(Double($0) / Double(count - 1)) })
  }

  /// The value at a place.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func value(at place: Double) -> Double {
    let last = values.count - 1
    let position = place * Double(last)
    guard position > 0 else { return values[0] + slopes[0] * position }
    guard position < Double(last) else {
      return values[last] + slopes[last] * (position - Double(last))
    }
    let index = Int(position)
    let t = position - Double(index)
    let rise = values[index + 1] - values[index]
    let a = slopes[index] - rise
    let b = slopes[index + 1] - rise
    // Hermite form around the chord: value + t·rise + t(1−t)[(1−t)·a − t·b].
    return values[index] + t * rise + t * (1 - t) * ((1 - t) * a - t * b)
  }

  /// The derivative at a place, per unit of place.
  ///
  /// - Complexity: O(1).
  public func derivative(at place: Double) -> Double {
    let last = values.count - 1
    let position = place * Double(last)
    guard position > 0 else { return slopes[0] * Double(last) }
    guard position < Double(last) else { return slopes[last] * Double(last) }
    let index = Int(position)
    let t = position - Double(index)
    let rise = values[index + 1] - values[index]
    let a = slopes[index] - rise
    let b = slopes[index + 1] - rise
    let bend = (1 - t) * (1 - 3 * t) * a - t * (2 - 3 * t) * b
    return (rise + bend) * Double(last)
  }

  /// The place between 0 and 1 at which a rising curve has a value; clamped at the ends.
  ///
  /// - Complexity: O(1): 60 bisections.
  public func place(of value: Double) -> Double {
    var low = 0.0
    var high = 1.0
    if value <= values[0] { return 0 }
    if value >= values[values.count - 1] { return 1 }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if self.value(at: middle) < value { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
