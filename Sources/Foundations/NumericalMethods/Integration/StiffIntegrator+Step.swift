// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One step of the stiff integrator: predict, correct by Newton's method, test, locate events.

import Foundation

extension StiffIntegrator {
  /// Takes one step, not beyond a time.
  ///
  /// - Parameters:
  ///   - system: The system.
  ///   - end: Time not to be passed.
  /// - Returns: How the step ended. The state is in ``state``, its time in ``time``.
  public mutating func step<S: StiffSystem & ~Copyable>(_ system: inout S, until end: Double)
    -> StiffOutcome
  {
    let timeBefore = innerTime
    if end - timeBefore <= 16 * Double.ulpOfOne * max(abs(timeBefore), abs(end)) {
      time = end
      copyState(to: vector(.output))
      return .reachedEnd
    }
    let resolution = max(16 * Double.ulpOfOne * abs(timeBefore), 1e-200)
    var hitsEnd = false
    let remaining = end - timeBefore
    if stepSize >= remaining * (1 - 1e-12) {
      scaleStep(remaining / stepSize)
      hitsEnd = true
    } else if 2 * stepSize > remaining {
      // Two equal steps instead of a long one and a stub, which would reset the order.
      scaleStep(0.5 * remaining / stepSize)
    }
    var errorFailures = 0
    var convergenceFailures = 0
    while true {
      if stepsSinceStart == 0 {
        coefficients.psi[0] = stepSize
        order = 1
      }
      setCoefficients()
      let converged = solveStep(&system)
      if converged, acceptsError() { break }
      restore(to: timeBefore)
      hitsEnd = false
      startPhase = startPhase && stepsSinceStart == 0
      if !converged {
        convergenceFailures += 1
        statistics.convergenceFailures += 1
        leadingFactored = 0
        scaleStep(0.25)
      } else {
        errorFailures += 1
        statistics.errorFailures += 1
        if errorFailures == 1 {
          let error = orderNext == order ? errorThis : errorBelow
          order = orderNext
          let ratio = 0.9 * pow(2 * error + 1e-4, -1 / Double(order + 1))
          scaleStep(max(0.25, min(0.9, ratio)))
        } else {
          order = errorFailures == 2 ? orderNext : 1
          scaleStep(0.25)
        }
      }
      if stepSize < resolution || convergenceFailures > 25 || errorFailures > 40 { return .failed }
    }
    if hitsEnd { innerTime = end }
    completeStep()
    previousTime = timeBefore
    time = innerTime
    copyState(to: vector(.output))
    updateWeights()
    if let index = locateEvent(&system, from: timeBefore) { return .event(index: index) }
    return hitsEnd ? .reachedEnd : .accepted
  }

  private mutating func scaleStep(_ ratio: Double) {
    stepSize *= ratio
    if stepsSinceStart == 0 {
      let phi = difference(1)
      for n in 0..<unknownCount { phi[n] *= ratio }
    }
  }

  func copyState(to target: UnsafeMutablePointer<Double>) {
    let phi = difference(0)
    for n in 0..<unknownCount { target[n] = phi[n] }
  }

  /// Predicts and corrects; the correction is left in its slot.
  private mutating func solveStep<S: StiffSystem & ~Copyable>(_ system: inout S) -> Bool {
    predict()
    let predicted = vector(.predicted)
    let predictedRate = vector(.predictedRate)
    let y = vector(.state)
    let ee = vector(.correction)
    let r = vector(.residual)
    let mass = vector(.mass)
    let weights = vector(.weights)
    let always = system.refreshesMatrixEveryIteration
    let leading = coefficients.leading
    let ratio = leadingFactored == 0 ? 0 : leading / leadingFactored
    var stale = leadingFactored != 0 && !always
    if ratio < 0.6 || ratio > 1 / 0.6 { stale = false }
    while true {
      for n in 0..<unknownCount {
        y[n] = predicted[n]
        ee[n] = 0
      }
      var previousNorm = 0.0
      for iteration in 0..<5 {
        statistics.iterations += 1
        if !stale && (iteration == 0 || always) {
          statistics.factorizations += 1
          guard system.linearize(time: innerTime, state: y, leading: leading, into: r) else {
            leadingFactored = 0
            return false
          }
          leadingFactored = leading
          if !always { convergence = 20 }
        } else if !system.evaluate(time: innerTime, state: y, into: r) {
          break
        }
        for n in 0..<unknownCount { r[n] -= mass[n] * (predictedRate[n] + leading * ee[n]) }
        system.solve(r)
        if leadingFactored != leading {
          let scale = 2 / (1 + leading / leadingFactored)
          for n in 0..<unknownCount { r[n] *= scale }
        }
        for n in 0..<unknownCount {
          ee[n] += r[n]
          y[n] = predicted[n] + ee[n]
        }
        let norm = weightedNorm(r, weights)
        if !norm.isFinite { break }
        if iteration == 0 {
          previousNorm = norm
          if norm <= 1e-4 * 0.33 { return true }
        } else {
          let rate = always ? norm / previousNorm : pow(norm / previousNorm, 1 / Double(iteration))
          if rate > 0.9 && norm > 0.33 { break }
          if always {
            // Exact Newton: the next correction is about `convergence · norm²`.
            convergence = max(rate / previousNorm, 1e-3)
            previousNorm = norm
          } else {
            convergence = max(rate / max(1e-3, 1 - rate), 1e-3)
          }
        }
        if (always ? convergence * norm * norm : convergence * norm) <= 0.33 { return true }
      }
      guard stale else { return false }
      // A stale matrix gets one more chance with a fresh one before the step is cut.
      stale = false
    }
  }

  private func predict() {
    let predicted = vector(.predicted)
    let rate = vector(.predictedRate)
    let phi0 = difference(0)
    let phi1 = difference(1)
    let gamma1 = coefficients.gamma[1]
    for n in 0..<unknownCount {
      predicted[n] = phi0[n] + phi1[n]
      rate[n] = gamma1 * phi1[n]
    }
    guard order >= 2 else { return }
    for i in 2...order {
      let phi = difference(i)
      let factor = coefficients.gamma[i]
      for n in 0..<unknownCount {
        predicted[n] += phi[n]
        rate[n] += factor * phi[n]
      }
    }
  }
}
