// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Acceptance or rejection of an attempt in each lane, and the update of the differences.

extension LaneIntegrator {
  /// Accepts or rejects the attempt in each lane and updates the differences.
  mutating func advance(_ active: UInt8, _ converged: UInt8) {
    clearCorrections(except: converged)
    let weights = vector(.weights)
    let ee = vector(.correction)
    let norms = norm(squares(ee, weights))
    let (below, twoBelow) = lowerErrors(converged)
    var accepted: UInt8 = 0
    var wantsAbove = false
    for lane in 0..<Self.width where active & (1 << lane) != 0 {
      let bit: UInt8 = 1 << lane
      let isConverged = converged & bit != 0
      if isConverged,
        lanes[lane].acceptsError(
          norm: norms[lane], below: below[lane], twoBelow: twoBelow[lane])
      {
        accepted |= bit
        wantsAbove =
          wantsAbove || lanes[lane].wantsErrorAbove(highestOrder: options.highestOrder)
        continue
      }
      var factors = OrderCoefficients()
      let goesOn = lanes[lane].reject(converged: isConverged, &factors)
      lanes[lane].outcome = goesOn ? .rejected : .failed
      setFactors(lane, factors)
    }
    if accepted != active { applyFactors() }
    guard accepted != 0 else { return }
    let above = wantsAbove ? errorAbove(accepted) : .zero
    updateDifferences(accepted)
    for lane in 0..<Self.width where accepted & (1 << lane) != 0 {
      let hitsEnd = lanes[lane].hitsEnd
      lanes[lane].complete(above: above[lane], options)
      lanes[lane].outcome = hitsEnd ? .reachedEnd : .accepted
    }
  }

  /// Sets corrections to zero where Newton's iteration failed: they may not be finite.
  private func clearCorrections(except converged: UInt8) {
    guard converged != 0xFF else { return }
    let ee = vector(.correction)
    let mask = mask(converged)
    let still = Lanes.zero
    for n in 0..<unknownCount { ee[n] = still.replacing(with: ee[n], where: mask) }
  }

  /// The set as a mask.
  func mask(_ set: UInt8) -> LaneMask {
    var mask = LaneMask(repeating: false)
    for lane in 0..<Self.width where set & (1 << lane) != 0 { mask[lane] = true }
    return mask
  }

  /// 1 in the lanes of a set whose order is given, else 0.
  private func selection(_ set: UInt8, order: Int) -> Lanes {
    var selection = Lanes.zero
    for lane in 0..<Self.width where set & (1 << lane) != 0 && lanes[lane].order == order {
      selection[lane] = 1
    }
    return selection
  }

  /// Norms that tell the errors of the formulas of one and two orders less.
  private func lowerErrors(_ set: UInt8) -> (below: Lanes, twoBelow: Lanes) {
    let ee = vector(.correction)
    let r = vector(.residual)
    let weights = vector(.weights)
    let highest = highestOrder(set)
    guard highest > 1 else { return (.zero, .zero) }
    for n in 0..<unknownCount { r[n] = ee[n] }
    for order in 2...highest {
      let select = selection(set, order: order)
      let phi = difference(order)
      for n in 0..<unknownCount { r[n] += select * phi[n] }
    }
    let below = norm(squares(r, weights))
    guard highest > 2 else { return (below, .zero) }
    for order in 3...highest {
      let select = selection(set, order: order)
      let phi = difference(order - 1)
      for n in 0..<unknownCount { r[n] += select * phi[n] }
    }
    return (below, norm(squares(r, weights)))
  }

  /// Norm that tells the error of the formula of one order more.
  private func errorAbove(_ set: UInt8) -> Lanes {
    let ee = vector(.correction)
    let r = vector(.residual)
    for n in 0..<unknownCount { r[n] = ee[n] }
    for order in 1..<options.highestOrder {
      let select = selection(set, order: order)
      guard select != .zero else { continue }
      let phi = difference(order + 1)
      for n in 0..<unknownCount { r[n] -= select * phi[n] }
    }
    return norm(squares(r, vector(.weights)))
  }

  /// Adds the corrections to the differences of the accepted lanes.
  private func updateDifferences(_ accepted: UInt8) {
    let ee = vector(.correction)
    let highest = highestOrder(accepted)
    let top = min(highest + 1, options.highestOrder)
    for i in stride(from: top, through: 0, by: -1) {
      // By lane: one order above the one used is the correction itself; at it and below, sums.
      var keep = Lanes(repeating: 1)
      var correction = Lanes.zero
      var higher = Lanes.zero
      for lane in 0..<Self.width where accepted & (1 << lane) != 0 {
        let order = lanes[lane].order
        if i == order + 1 {
          keep[lane] = 0
          correction[lane] = 1
        } else if i == order {
          correction[lane] = 1
        } else if i < order {
          higher[lane] = 1
        }
      }
      let phi = difference(i)
      if i < 5 {
        let above = difference(i + 1)
        for n in 0..<unknownCount {
          phi[n] = phi[n] * keep + (ee[n] * correction + above[n] * higher)
        }
      } else {
        for n in 0..<unknownCount { phi[n] = phi[n] * keep + ee[n] * correction }
      }
    }
  }
}
