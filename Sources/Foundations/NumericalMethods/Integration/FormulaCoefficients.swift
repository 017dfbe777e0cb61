// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Coefficients of the fixed-leading-coefficient formulas, of one system or one lane.

/// Coefficients of the fixed-leading-coefficient formulas for the step sizes taken last.
///
/// Names are those of the reference: psi, alpha, beta, sigma, gamma; ``leading`` is its cj and
/// ``leadingError`` its ck.
///
/// - Reference: Brenan, Campbell & Petzold (1996), doi:10.1137/1.9781611971224, chapter 5.
struct FormulaCoefficients {
  /// Sums of the last step sizes, from one on.
  var psi = OrderCoefficients()
  var alpha = OrderCoefficients()
  /// By what the difference of an order is multiplied before it is used.
  var beta = OrderCoefficients()
  var sigma = OrderCoefficients()
  var gamma = OrderCoefficients()
  /// Of the new state in its rate of change, per second.
  var leading = 0.0
  /// Size of the local error in units of the correction.
  var leadingError = 0.0

  /// Computes the coefficients of an attempt.
  ///
  /// - Parameters:
  ///   - order: 1 to 5.
  ///   - stepSize: In seconds.
  ///   - equalSteps: Steps in a row with this size and order, this one counted.
  /// - Complexity: O(order).
  @inline(__always)
  mutating func set(order: Int, stepSize: Double, equalSteps: Int) {
    if order + 1 >= equalSteps {
      beta[0] = 1
      alpha[0] = 1
      gamma[0] = 0
      sigma[0] = 1
      var current = stepSize
      for i in 1...order {
        let previous = psi[i - 1]
        psi[i - 1] = current
        beta[i] = beta[i - 1] * psi[i - 1] / previous
        current = previous + stepSize
        alpha[i] = stepSize / current
        sigma[i] = Double(i) * sigma[i - 1] * alpha[i]
        gamma[i] = gamma[i - 1] + alpha[i - 1] / stepSize
      }
      psi[order] = current
    }
    var alphaS = 0.0
    var alpha0 = 0.0
    for i in 0..<order {
      alphaS -= 1 / Double(i + 1)
      alpha0 -= alpha[i]
    }
    leading = -alphaS / stepSize
    leadingError = max(abs(alpha[order] + alphaS - alpha0), alpha[order])
  }

  /// Takes the sums of step sizes back to before the attempt.
  @inline(__always)
  mutating func undo(order: Int, stepSize: Double) {
    for i in 1...order { psi[i - 1] = psi[i] - stepSize }
  }
}
