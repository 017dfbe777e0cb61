// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values between steps, and exact location of events.

extension StiffIntegrator {
  /// Evaluates the state at a time within the last step.
  ///
  /// The interpolating polynomial of the formula: as accurate as the step, and linear in the
  /// states, so linear invariants hold between steps too.
  ///
  /// - Parameters:
  ///   - time: From ``lastStepStart`` to the end of the last step.
  ///   - output: `[unknownCount]` values.
  /// - Complexity: O(order · unknownCount).
  public func interpolate(at time: Double, into output: UnsafeMutablePointer<Double>) {
    guard stepsSinceStart > 0 else {
      copyState(to: output)
      return
    }
    let delta = time - innerTime
    var factor = 1.0
    var gap = delta / coefficients.psi[0]
    copyState(to: output)
    for j in 1...max(1, orderUsed) {
      factor *= gap
      let phi = difference(j)
      for n in 0..<unknownCount { output[n] += factor * phi[n] }
      gap = (delta + coefficients.psi[j - 1]) / coefficients.psi[j]
    }
  }

  /// Finds the first sign change of an event function in the last step.
  ///
  /// Sets time and output to the event. The root is found by the Illinois method on the dense
  /// output to the resolution of the time.
  mutating func locateEvent<S: StiffSystem & ~Copyable>(_ system: inout S, from start: Double)
    -> Int?
  {
    let count = system.eventCount
    guard count > 0 else { return nil }
    let before = eventMemory.base
    let after = before + eventCapacity
    let middle = after + eventCapacity
    let upper = middle + eventCapacity
    system.evaluateEvents(time: innerTime, state: vector(.output), into: after)
    var found: (index: Int, time: Double)?
    for index in 0..<count where before[index] > 0 && after[index] <= 0 {
      for k in 0..<count { upper[k] = after[k] }
      var low = start
      var high = innerTime
      var valueLow = before[index]
      var valueHigh = after[index]
      let tolerance = 8 * Double.ulpOfOne * max(abs(low), abs(high)) + 1e-13 * (high - low)
      var side = 0
      for _ in 0..<80 where high - low > tolerance && valueHigh != 0 {
        var guess = (low * valueHigh - high * valueLow) / (valueHigh - valueLow)
        if !(guess > low && guess < high) { guess = 0.5 * (low + high) }
        interpolate(at: guess, into: vector(.state))
        system.evaluateEvents(time: guess, state: vector(.state), into: middle)
        let value = middle[index]
        if value > 0 {
          low = guess
          valueLow = value
          if side == 1 { valueHigh *= 0.5 }
          side = 1
        } else {
          high = guess
          valueHigh = value
          if side == -1 { valueLow *= 0.5 }
          side = -1
        }
      }
      if high < found?.time ?? .infinity { found = (index, high) }
    }
    guard let found else {
      for k in 0..<count { before[k] = after[k] }
      return nil
    }
    interpolate(at: found.time, into: vector(.output))
    time = found.time
    return found.index
  }
}
