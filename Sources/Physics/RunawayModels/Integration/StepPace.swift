// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How much longer the next step of a method of order 3 may be.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Chooses the length of the next step from the errors of the last two.
///
/// Where time scales shrink from step to step, as on the way into thermal runaway, the error of a
/// step as long as the last would always be too large; the growth of the error is expected to go on.
///
/// - Reference: Gustafsson (1994), ACM Trans. Math. Softw. 20, doi:10.1145/198429.198437.
struct StepPace {
  private var lastNorm = 0.0
  private var lastStep = 1.0

  /// Factor for the next step after one that was accepted.
  ///
  /// - Parameters:
  ///   - norm: Error of the step in units of what is allowed, up to 1.
  ///   - step: Its length.
  ///   - isRetry: Whether longer ones had failed right before.
  /// - Returns: The factor, from 0.2 to 5.
  mutating func growth(norm: Double, step: Double, isRetry: Bool) -> Double {
    let error = max(norm, 1e-4)
    var factor = min(isRetry ? 1.5 : 5, 0.9 / cbrt(error))
    if lastNorm > 0 {
      let stretch = step / lastStep
      let expected = 0.9 * stretch * cbrt(lastNorm / error / error)
      factor = min(factor, max(0.2, expected))
    }
    lastNorm = max(1e-3, norm)
    lastStep = step
    return factor
  }
}
