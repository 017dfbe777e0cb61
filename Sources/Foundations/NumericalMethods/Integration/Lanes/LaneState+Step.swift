// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Step size, order and coefficients of one lane; the rules of the scalar integrator.

import Foundation

extension LaneState {
  /// Prepares an attempt: bounds the step by the end and computes coefficients.
  ///
  /// - Parameter factors: Written: by what each scaled difference is multiplied, from order 0.
  /// - Returns: False when the end is already reached.
  mutating func prepare(_ factors: inout OrderCoefficients) -> Bool {
    for i in 0...5 { factors[i] = 1 }
    if !repeats {
      timeBefore = innerTime
      hitsEnd = false
      errorFailures = 0
      convergenceFailures = 0
      let remaining = end - timeBefore
      if remaining <= 16 * Double.ulpOfOne * max(abs(timeBefore), abs(end)) {
        time = end
        return false
      }
      if stepSize >= remaining * (1 - 1e-12) {
        scaleStep(remaining / stepSize, &factors)
        hitsEnd = true
      } else if 2 * stepSize > remaining {
        scaleStep(0.5 * remaining / stepSize, &factors)
      }
    }
    if stepsSinceStart == 0 {
      coefficients.psi[0] = stepSize
      order = 1
    }
    setCoefficients(&factors)
    return true
  }

  mutating func scaleStep(_ ratio: Double, _ factors: inout OrderCoefficients) {
    stepSize *= ratio
    if stepsSinceStart == 0 { factors[1] *= ratio }
  }

  private mutating func setCoefficients(_ factors: inout OrderCoefficients) {
    if stepSize != stepUsed || order != orderUsed { equalSteps = 0 }
    equalSteps = min(equalSteps + 1, orderUsed + 2)
    coefficients.set(order: order, stepSize: stepSize, equalSteps: equalSteps)
    if equalSteps <= order {
      for i in equalSteps...order { factors[i] *= coefficients.beta[i] }
    }
    innerTime += stepSize
  }

  /// Undoes an attempt and chooses a shorter step.
  ///
  /// - Parameters:
  ///   - converged: Whether the error was too large rather than Newton's iteration divergent.
  ///   - factors: Written: by what each scaled difference is multiplied.
  /// - Returns: False when the step can no longer be resolved.
  mutating func reject(converged: Bool, _ factors: inout OrderCoefficients) -> Bool {
    for i in 0...5 { factors[i] = 1 }
    innerTime = timeBefore
    coefficients.undo(order: order, stepSize: stepSize)
    if equalSteps <= order {
      for i in equalSteps...order { factors[i] = 1 / coefficients.beta[i] }
    }
    hitsEnd = false
    repeats = true
    startPhase = startPhase && stepsSinceStart == 0
    if !converged {
      convergenceFailures += 1
      scaleStep(0.25, &factors)
    } else {
      errorFailures += 1
      if errorFailures == 1 {
        let error = orderNext == order ? errorThis : errorBelow
        order = orderNext
        let ratio = 0.9 * pow(2 * error + 1e-4, -1 / Double(order + 1))
        scaleStep(max(0.25, min(0.9, ratio)), &factors)
      } else {
        order = errorFailures == 2 ? orderNext : 1
        scaleStep(0.25, &factors)
      }
    }
    let resolution = max(16 * Double.ulpOfOne * abs(timeBefore), 1e-200)
    return stepSize >= resolution && convergenceFailures <= 25 && errorFailures <= 40
  }

  /// Tests the local error and finds whether a lower order would do.
  ///
  /// - Parameters:
  ///   - norm: Of the correction.
  ///   - below: Of the correction plus the difference of the order.
  ///   - twoBelow: The same plus the difference of the order below.
  /// - Returns: Whether the step is accepted.
  mutating func acceptsError(norm: Double, below: Double, twoBelow: Double) -> Bool {
    errorThis = coefficients.sigma[order] * norm
    orderNext = order
    errorBelow = errorThis
    if order > 1 {
      errorBelow = coefficients.sigma[order - 1] * below
      let term = Double(order + 1) * errorThis
      let termBelow = Double(order) * errorBelow
      if order > 2 {
        let termTwoBelow = Double(order - 1) * coefficients.sigma[order - 2] * twoBelow
        if max(termBelow, termTwoBelow) <= term { orderNext = order - 1 }
      } else if termBelow <= 0.5 * term {
        orderNext = order - 1
      }
    }
    return coefficients.leadingError * norm <= 1
  }

  /// Whether choosing the next order needs the error of a higher one.
  func wantsErrorAbove(highestOrder: Int) -> Bool {
    let phase = startPhase && orderNext != order - 1 && order != highestOrder
    return !phase && orderNext != order - 1 && order < highestOrder && order + 1 < equalSteps
      && order - orderUsed != 1
  }

  /// Chooses order and size of the next step.
  ///
  /// - Parameters:
  ///   - above: Norm of the correction minus the difference above, where
  ///     ``wantsErrorAbove(highestOrder:)``.
  ///   - options: Limits.
  mutating func complete(above: Double, _ options: StiffOptions) {
    let wantsAbove = wantsErrorAbove(highestOrder: options.highestOrder)
    if hitsEnd { innerTime = end }
    orderUsed = order
    stepUsed = stepSize
    stepsSinceStart += 1
    repeats = false
    time = innerTime
    if orderNext == order - 1 || order == options.highestOrder { startPhase = false }
    if startPhase {
      if stepsSinceStart > 1 {
        order += 1
        stepSize = min(2 * stepSize, options.longestStep)
      }
      return
    }
    var error = errorThis
    if orderNext == order - 1 {
      order -= 1
      error = errorBelow
    } else if wantsAbove {
      let errorAbove = above / Double(order + 2)
      let term = Double(order + 1) * errorThis
      let termAbove = Double(order + 2) * errorAbove
      if order == 1 {
        if termAbove < 0.5 * term {
          order += 1
          error = errorAbove
        }
      } else {
        let termBelow = Double(order) * errorBelow
        if termBelow <= min(term, termAbove) {
          order -= 1
          error = errorBelow
        } else if termAbove < term {
          order += 1
          error = errorAbove
        }
      }
    }
    let ratio = pow(2 * error + 1e-4, -1 / Double(order + 1))
    if ratio >= 2 {
      stepSize = min(2 * stepSize, options.longestStep)
    } else if ratio <= 1 {
      stepSize *= max(0.5, min(0.9, ratio))
    }
  }
}
