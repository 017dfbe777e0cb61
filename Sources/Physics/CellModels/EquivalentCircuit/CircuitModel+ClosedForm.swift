// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The circuit in closed form under a current that is constant or moves along a straight line.

import Foundation

extension CircuitModel {
  /// True at constant temperature: charge, hysteresis and pairs then follow an imposed current by
  /// formulas.
  public var movesInClosedForm: Bool { thermal == .isothermal }

  /// Imposes a current on a state and tells whether the voltage is defined there.
  public mutating func imposeCurrent(
    _ current: Double, slope: Double, on state: UnsafeMutablePointer<Double>
  ) -> Bool {
    control = .current(current)
    imposedSlope = slope
    state[Self.currentIndex] = current
    return evaluateVoltage(state)
  }

  /// How far a state can be moved at once, at most `remaining` seconds.
  ///
  /// Maps are straight on the way and the current keeps its direction; there the formulas are exact.
  /// Steps also end where the voltage has changed by what a reader of the curve wants to see: they
  /// grow from a quarter of the fastest time constant and cover no more than a fiftieth of the
  /// charge.
  public func closedFormStep(
    _ state: UnsafePointer<Double>, elapsed: Double, remaining: Double
  ) -> Double {
    let current = state[Self.currentIndex]
    let slope = imposedSlope
    var step = remaining
    if pairCount > 0 {
      var fastest = timeConstants[1]
      for k in 1..<1 + pairCount { fastest = min(fastest, timeConstants[k]) }
      step = min(step, max(0.25 * fastest, 0.5 * elapsed))
    }
    if slope != 0 {
      // Where the current turns, and where its direction starts to count in full.
      for level in [-parameters.changeOver, 0, parameters.changeOver] {
        let time = (level - current) / slope
        if time > 1e-9 * remaining { step = min(step, time) }
      }
    }
    guard current != 0 || slope != 0 else { return step }
    let direction = current + 0.5 * slope * step
    let z = state[0]
    var next = direction > 0 ? z - 0.02 : z + 0.02
    // The next bend of a map; one that rounding left a hair away has been passed.
    let place = CircuitMap.place(z, in: table.nodes).index
    for index in max(0, place - 1)...min(table.nodes.count - 1, place + 2) {
      let bend = table.nodes[index]
      if direction > 0, bend < z - 1e-12 { next = max(next, bend) }
      if direction < 0, bend > z + 1e-12 { next = min(next, bend) }
    }
    return min(step, duration(of: (z - next) * parameters.capacity, current, slope))
  }

  /// The time in which a current along a straight line moves a charge; infinite when never.
  private func duration(of charge: Double, _ current: Double, _ slope: Double) -> Double {
    // slope/2·t² + current·t − charge = 0, by the form that does not cancel.
    let discriminant = current * current + 2 * slope * charge
    guard discriminant >= 0 else { return .infinity }
    let root = discriminant.squareRoot()
    let denominator = charge >= 0 ? current + root : current - root
    guard denominator != 0 else { return .infinity }
    let time = 2 * charge / denominator
    return time > 0 ? time : .infinity
  }

  /// Moves a state by a duration that ``closedFormStep(_:elapsed:remaining:)`` allows.
  ///
  /// With `f(t) = i(t)·R(z(t))`, a polynomial of at most the third degree, each pair is
  /// `v(t) = v(0)·e^(−t/τ) + ∫ e^(−(t−s)/τ)·f(s) ds/τ`.
  ///
  /// - Complexity: O(pairs).
  public func move(_ state: UnsafeMutablePointer<Double>, by duration: Double) {
    guard duration > 0 else { return }
    let current = state[Self.currentIndex]
    let last = current + imposedSlope * duration
    let middle = 0.5 * (current + last)
    let share = parameters.dischargeShare(middle)
    let before = state[0]
    let moved = middle * duration / parameters.capacity
    let after = before - moved
    let temperature = state[Self.temperatureIndex]
    let firsts = table.resistances(
      stateOfCharge: before, temperature: temperature, dischargeShare: share)
    let seconds = table.resistances(
      stateOfCharge: after, temperature: temperature, dischargeShare: share)
    for k in 1..<1 + pairCount {
      let (first, second) = (firsts[k], seconds[k])
      let span = duration / timeConstants[k]
      let change = expm1(-span)
      if imposedSlope == 0 {
        // A straight line: the lag of the mean behind the end is (1 − e^−a)/a.
        let (low, high) = (current * first, current * second)
        let lag = span > 1e-12 ? -change / span : 1
        state[k] = high + (state[k] - low) * (1 + change) - (high - low) * lag
      } else {
        let weights = ResponseWeights(span: span, change: change)
        // Resistance over the relative time x: by the charge moved until then.
        let steep = moved == 0 ? 0 : (second - first) / moved
        let (linear, square): (Double, Double) = (
          steep * current * duration / parameters.capacity,
          steep * 0.5 * imposedSlope * duration * duration / parameters.capacity
        )
        let rise = imposedSlope * duration
        state[k] =
          state[k] * (1 + change) + current * first * weights.constant
          + (current * linear + rise * first) * weights.linear
          + (current * square + rise * linear) * weights.square + rise * square * weights.cube
      }
    }
    if moved != 0 {
      let target: Double = moved > 0 ? -1 : 1
      state[Self.hysteresisIndex] =
        target
        + (state[Self.hysteresisIndex] - target)
        * exp(-parameters.hysteresisRate * moved.magnitude)
    }
    state[0] = after
    state[Self.currentIndex] = last
  }
}

/// Response of `τ·v' = xⁿ − v` from rest after a span, `x` the time over the span:
/// `a·∫₀¹ e^(−a(1−x))·xⁿ dx` with `a = span/τ`.
private struct ResponseWeights {
  var constant: Double
  var linear: Double
  var square: Double
  var cube: Double

  init(span a: Double, change: Double) {
    constant = -change
    if a > 0.5 {
      linear = 1 - constant / a
      square = 1 - 2 * linear / a
      cube = 1 - 3 * square / a
      return
    }
    // The recurrence upwards cancels for short spans: series for the highest, then downwards.
    var term = a / 4
    cube = term
    for m in 5..<18 {
      term *= -a / Double(m)
      cube += term
    }
    square = a * (1 - cube) / 3
    linear = a * (1 - square) / 2
  }
}
