// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where a continuous function of one variable is zero.

/// Where a continuous function of one variable is zero.
public enum RootFinding {
  /// Finds a root between two points of different sign by Brent's method.
  ///
  /// - Parameters:
  ///   - range: Interval at whose ends the function has different signs.
  ///   - tolerance: Largest error of the root, in the unit of the variable.
  ///   - iterationLimit: Most evaluations.
  ///   - function: Continuous on the interval.
  /// - Returns: The root within `tolerance`.
  /// - Throws: ``NumericalError/noSignChange(lower:upper:)``, ``NumericalError/notFinite`` or
  ///   ``NumericalError/notConverged(iterations:)``.
  /// - Complexity: About 10 evaluations for smooth functions, never more than bisection squared.
  /// - Reference: Brent (1973), "Algorithms for Minimization without Derivatives", chapter 4.
  public static func brent(
    in range: ClosedRange<Double>, tolerance: Double = 1e-12, iterationLimit: Int = 200,
    _ function: (Double) -> Double
  ) throws(NumericalError) -> Double {
    var a = range.lowerBound
    var b = range.upperBound
    var fa = function(a)
    var fb = function(b)
    guard fa.isFinite, fb.isFinite else { throw .notFinite }
    if fa == 0 { return a }
    if fb == 0 { return b }
    guard (fa < 0) != (fb < 0) else { throw .noSignChange(lower: fa, upper: fb) }
    var c = a
    var fc = fa
    var step = b - a
    var previousStep = step
    for _ in 0..<iterationLimit {
      if abs(fc) < abs(fb) {
        (a, b, c) = (b, c, b)
        (fa, fb, fc) = (fb, fc, fb)
      }
      let limit = 2 * Double.ulpOfOne * abs(b) + tolerance / 2
      let half = (c - b) / 2
      if abs(half) <= limit || fb == 0 { return b }
      if abs(previousStep) >= limit, abs(fa) > abs(fb) {
        let s = fb / fa
        var p: Double
        var q: Double
        if a == c {
          p = 2 * half * s
          q = 1 - s
        } else {
          let r = fb / fc
          let t = fa / fc
          p = s * (2 * half * t * (t - r) - (b - a) * (r - 1))
          q = (t - 1) * (r - 1) * (s - 1)
        }
        if p > 0 { q = -q } else { p = -p }
        if 2 * p < min(3 * half * q - abs(limit * q), abs(previousStep * q)) {
          previousStep = step
          step = p / q
        } else {
          step = half
          previousStep = half
        }
      } else {
        step = half
        previousStep = half
      }
      (a, fa) = (b, fb)
      b += abs(step) > limit ? step : (half > 0 ? limit : -limit)
      fb = function(b)
      guard fb.isFinite else { throw .notFinite }
      if (fb > 0) == (fc > 0) {
        (c, fc) = (a, fa)
        step = b - a
        previousStep = step
      }
    }
    throw .notConverged(iterations: iterationLimit)
  }
}
