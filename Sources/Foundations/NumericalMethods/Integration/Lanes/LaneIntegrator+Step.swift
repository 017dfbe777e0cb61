// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One attempt of a step in all lanes: predict, correct, test, advance.

extension LaneIntegrator {
  /// Attempts one step in every lane that runs.
  ///
  /// - Parameter system: The systems.
  /// - Complexity: `O(order · n)` beside the calls of the system.
  public mutating func attempt<S: LaneSystem & ~Copyable>(_ system: inout S) {
    if needsStart { begin(&system) }
    var active: UInt8 = 0
    for lane in 0..<Self.width where lanes[lane].isRunning {
      var factors = OrderCoefficients()
      if lanes[lane].prepare(&factors) {
        active |= 1 << lane
      } else {
        lanes[lane].outcome = .reachedEnd
      }
      setFactors(lane, factors)
    }
    guard active != 0 else { return }
    applyFactors()
    predict(active)
    let converged = correct(&system, active)
    advance(active, converged)
    finish(&system, active)
  }

  /// Notes by what a lane's differences are multiplied.
  func setFactors(_ lane: Int, _ factors: OrderCoefficients) {
    for i in 1...5 { scale.scalars[i * Self.width + lane] = factors[i] }
  }

  func applyFactors() {
    for i in 1...5 where scale.base[i] != Lanes(repeating: 1) {
      let factor = scale.base[i]
      let phi = difference(i)
      for n in 0..<unknownCount { phi[n] *= factor }
    }
    for i in 1...5 { scale.base[i] = Lanes(repeating: 1) }
  }

  /// Largest order of the lanes of a set.
  func highestOrder(_ set: UInt8) -> Int {
    var order = 1
    for lane in 0..<Self.width where set & (1 << lane) != 0 {
      order = max(order, lanes[lane].order)
    }
    return order
  }

  private func predict(_ active: UInt8) {
    let predicted = vector(.predicted)
    let rate = vector(.predictedRate)
    let phi0 = difference(0)
    for n in 0..<unknownCount {
      predicted[n] = phi0[n]
      rate[n] = .zero
    }
    for i in 1...highestOrder(active) {
      var use = Lanes.zero
      var gamma = Lanes.zero
      for lane in 0..<Self.width where active & (1 << lane) != 0 && i <= lanes[lane].order {
        use[lane] = 1
        gamma[lane] = lanes[lane].coefficients.gamma[i]
      }
      let phi = difference(i)
      for n in 0..<unknownCount {
        let value = phi[n]
        predicted[n] += use * value
        rate[n] += gamma * value
      }
    }
  }

  /// Newton's iteration in all lanes at once; a lane that has converged or failed stands still.
  ///
  /// - Returns: The set of lanes that converged.
  private mutating func correct<S: LaneSystem & ~Copyable>(
    _ system: inout S, _ active: UInt8
  ) -> UInt8 {
    let predicted = vector(.predicted)
    let predictedRate = vector(.predictedRate)
    let y = vector(.state)
    let ee = vector(.correction)
    let r = vector(.residual)
    let mass = vector(.mass)
    let weights = vector(.weights)
    var leading = Lanes(repeating: 1)
    for lane in 0..<Self.width where active & (1 << lane) != 0 {
      leading[lane] = lanes[lane].coefficients.leading
    }
    for n in 0..<unknownCount {
      y[n] = predicted[n]
      ee[n] = .zero
    }
    var iterating = active
    var converged: UInt8 = 0
    var previous = Lanes.zero
    for iteration in 0..<5 where iterating != 0 {
      let defined = system.linearize(state: y, leading: leading, into: r)
      for lane in 0..<Self.width where !defined[lane] { iterating &= ~(1 << lane) }
      guard iterating != 0 else { break }
      for n in 0..<unknownCount { r[n] -= mass[n] * (predictedRate[n] + leading * ee[n]) }
      system.solve(r)
      let norms = norm(squares(r, weights))
      var moves = LaneMask(repeating: false)
      for lane in 0..<Self.width where iterating & (1 << lane) != 0 {
        let norm = norms[lane]
        guard norm.isFinite else {
          iterating &= ~(1 << lane)
          continue
        }
        moves[lane] = true
        var isDone = false
        if iteration == 0 {
          isDone = norm <= 1e-4 * 0.33
        } else {
          let rate = norm / previous[lane]
          if rate > 0.9 && norm > 0.33 {
            iterating &= ~(1 << lane)
            continue
          }
          // Exact Newton: the next correction is about `convergence · norm²`.
          lanes[lane].convergence = max(rate / previous[lane], 1e-3)
        }
        previous[lane] = norm
        if isDone || lanes[lane].convergence * norm * norm <= 0.33 {
          converged |= 1 << lane
          iterating &= ~(1 << lane)
        }
      }
      let still = Lanes.zero
      for n in 0..<unknownCount {
        ee[n] += still.replacing(with: r[n], where: moves)
        y[n] = predicted[n] + ee[n]
      }
    }
    return converged
  }
}
