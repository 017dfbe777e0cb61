// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Coefficients of the fixed-leading-coefficient formulas, order and step selection.

import Foundation

extension StiffIntegrator {
  /// Computes the coefficients for the current step size and order, and moves time forward.
  mutating func setCoefficients() {
    if stepSize != stepUsed || order != orderUsed { equalSteps = 0 }
    equalSteps = min(equalSteps + 1, orderUsed + 2)
    coefficients.set(order: order, stepSize: stepSize, equalSteps: equalSteps)
    if equalSteps <= order {
      for i in equalSteps...order {
        let factor = coefficients.beta[i]
        let phi = difference(i)
        for n in 0..<unknownCount { phi[n] *= factor }
      }
    }
    innerTime += stepSize
  }

  /// Undoes ``setCoefficients()`` after a rejected step.
  mutating func restore(to time: Double) {
    innerTime = time
    coefficients.undo(order: order, stepSize: stepSize)
    if equalSteps <= order {
      for i in equalSteps...order {
        let factor = 1 / coefficients.beta[i]
        let phi = difference(i)
        for n in 0..<unknownCount { phi[n] *= factor }
      }
    }
  }

  /// Tests the local error of the correction and finds whether a lower order would do.
  ///
  /// - Returns: Whether the step is accepted.
  mutating func acceptsError() -> Bool {
    let ee = vector(.correction)
    let norm = weightedNorm(ee, vector(.errorWeights))
    errorThis = coefficients.sigma[order] * norm
    orderNext = order
    errorBelow = errorThis
    if order > 1 {
      let scratch = vector(.residual)
      let phi = difference(order)
      for n in 0..<unknownCount { scratch[n] = phi[n] + ee[n] }
      errorBelow = coefficients.sigma[order - 1] * weightedNorm(scratch, vector(.errorWeights))
      let term = Double(order + 1) * errorThis
      let termBelow = Double(order) * errorBelow
      if order > 2 {
        let phi = difference(order - 1)
        for n in 0..<unknownCount { scratch[n] += phi[n] }
        let twoBelow = weightedNorm(scratch, vector(.errorWeights))
        let errorTwoBelow = coefficients.sigma[order - 2] * twoBelow
        let termTwoBelow = Double(order - 1) * errorTwoBelow
        if max(termBelow, termTwoBelow) <= term { orderNext = order - 1 }
      } else if termBelow <= 0.5 * term {
        orderNext = order - 1
      }
    }
    return coefficients.leadingError * norm <= 1
  }

  /// Chooses order and size of the next step and updates the differences.
  mutating func completeStep() {
    let used = order
    let orderChange = order - orderUsed
    orderUsed = order
    stepUsed = stepSize
    stepsSinceStart += 1
    statistics.steps += 1
    let ee = vector(.correction)
    if orderNext == order - 1 || order == options.highestOrder { startPhase = false }
    if startPhase {
      if stepsSinceStart > 1 {
        order += 1
        stepSize = min(2 * stepSize, options.longestStep)
      }
    } else {
      chooseOrderAndSize(orderChange: orderChange)
    }
    if used < options.highestOrder {
      let above = difference(used + 1)
      for n in 0..<unknownCount { above[n] = ee[n] }
    }
    var upper = difference(used)
    for n in 0..<unknownCount { upper[n] += ee[n] }
    for i in stride(from: used - 1, through: 0, by: -1) {
      let lower = difference(i)
      for n in 0..<unknownCount { lower[n] += upper[n] }
      upper = lower
    }
  }

  private mutating func chooseOrderAndSize(orderChange: Int) {
    var error = errorThis
    if orderNext == order - 1 {
      order -= 1
      error = errorBelow
    } else if order < options.highestOrder, order + 1 < equalSteps, orderChange != 1 {
      let ee = vector(.correction)
      let scratch = vector(.residual)
      let above = difference(order + 1)
      for n in 0..<unknownCount { scratch[n] = ee[n] - above[n] }
      let errorAbove = weightedNorm(scratch, vector(.errorWeights)) / Double(order + 2)
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

  /// Root mean square of a vector in units of its tolerance.
  func weightedNorm(
    _ vector: UnsafeMutablePointer<Double>, _ weights: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = SIMD4<Double>(repeating: 0)
    let whole = unknownCount & ~3
    var n = 0
    while n < whole {
      let v = SIMD4(vector[n], vector[n + 1], vector[n + 2], vector[n + 3])
      let w = SIMD4(weights[n], weights[n + 1], weights[n + 2], weights[n + 3])
      let product = v * w
      sum += product * product
      n += 4
    }
    var total = sum.sum()
    while n < unknownCount {
      let product = vector[n] * weights[n]
      total += product * product
      n += 1
    }
    return (total / Double(unknownCount)).squareRoot()
  }
}
