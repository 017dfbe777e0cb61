// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Eight single-particle cells side by side: elimination, start and events.

import NumericalMethods

extension SingleParticleLanes {
  mutating func solve(_ right: UnsafeMutablePointer<Lanes>) {
    let current = linearizedCurrent
    let negative = reduce(right, at: 0, negativeRate, negativeFlux)
    let positive = reduce(right, at: modeCount, positiveRate, positiveFlux)
    let byState = slopeNegative * negative.sum + slopePositive * positive.sum
    let byCurrent =
      slopeCurrent - slopeNegative * negative.response * negativeShare
      - slopePositive * positive.response * positiveShare
    let residual = right[currentIndex]
    var change = residual
    change.replace(with: -(residual + byState) / byCurrent, where: isVoltage)
    change.replace(
      with: (residual - current * byState) / (voltage + current * byCurrent), where: isPower)
    right[currentIndex] = change
    expand(right, at: 0, negativeRate, negativeFlux * change * negativeShare)
    expand(right, at: modeCount, positiveRate, positiveFlux * change * positiveShare)
    right[temperatureIndex] /= leading + cooling / heatCapacity
    if nodes > 0 { solveSalt(right + saltOffset, change) }
  }

  @inline(__always)
  private func reduce(
    _ right: UnsafeMutablePointer<Lanes>, at offset: Int, _ rate: Lanes, _ flux: Lanes
  ) -> (sum: Lanes, response: Lanes) {
    var sum = Lanes.zero
    var response = Lanes.zero
    for k in 0..<modeCount {
      let inverse = 1 / (leading + modes.decay[k] * rate)
      let value = right[offset + k] * inverse
      right[offset + k] = value
      sum += modes.surface[k] * value
      response += modes.surface[k] * modes.surface[k] * inverse
    }
    return (sum, response * flux)
  }

  @inline(__always)
  private func expand(
    _ right: UnsafeMutablePointer<Lanes>, at offset: Int, _ rate: Lanes, _ flux: Lanes
  ) {
    for k in 0..<modeCount {
      right[offset + k] -= flux * modes.surface[k] / (leading + modes.decay[k] * rate)
    }
  }

  /// Tridiagonal elimination.
  private func solveSalt(_ right: UnsafeMutablePointer<Lanes>, _ change: Lanes) {
    let (diagonal, upper, lower) = (slot(.diagonal), slot(.upper), slot(.lower))
    let (source, eliminated) = (slot(.source), slot(.eliminated))
    var pivot = 1 / diagonal[0]
    var x = (right[0] + source[0] * change) * pivot
    right[0] = x
    for i in 1..<nodes {
      let w = upper[i - 1] * pivot
      eliminated[i - 1] = w
      pivot = 1 / (diagonal[i] - lower[i] * w)
      x = (right[i] + source[i] * change - lower[i] * x) * pivot
      right[i] = x
    }
    for i in stride(from: nodes - 2, through: 0, by: -1) {
      x = right[i] - eliminated[i] * x
      right[i] = x
    }
  }

  /// Finds the current that the control asks for; the particles and the salt stay where they are.
  mutating func makeConsistent(lane: Int, state: UnsafeMutablePointer<Lanes>) -> Bool {
    switch cells[lane].control {
    case .current(let value):
      state[currentIndex][lane] = value
      return evaluateVoltage(lane: lane, state: state)
    case .voltage(let value):
      return findCurrent(lane, state) { voltage, slope, _ in (voltage - value, slope) }
    case .power(let value):
      // From rest upwards: the root of the smaller current, on which cells are run.
      state[currentIndex][lane] = 0
      return findCurrent(lane, state) { voltage, slope, current in
        (value - voltage * current, -(voltage + slope * current))
      }
    }
  }

  /// Newton's iteration on the current with steps halved where the residual grows.
  private mutating func findCurrent(
    _ lane: Int, _ state: UnsafeMutablePointer<Lanes>,
    _ residual: (_ voltage: Double, _ slope: Double, _ current: Double) -> (Double, Double)
  ) -> Bool {
    var current = state[currentIndex][lane]
    guard evaluateVoltage(lane: lane, state: state) else { return false }
    var (value, slope) = residual(voltage[lane], slopeCurrent[lane], current)
    let small = 1e-9 * currentTolerance[lane]
    for _ in 0..<100 {
      var change = -value / slope
      guard change.isFinite else { return false }
      if abs(change) <= small { return true }
      for _ in 0..<40 {
        state[currentIndex][lane] = current + change
        if evaluateVoltage(lane: lane, state: state) {
          let next = residual(voltage[lane], slopeCurrent[lane], current + change)
          if abs(next.0) < abs(value) {
            (value, slope) = next
            break
          }
        }
        change *= 0.5
      }
      // Rounding can keep the residual from falling further.
      guard abs(change) > small else { return abs(value) < 1e-9 }
      current = state[currentIndex][lane]
    }
    return false
  }

  mutating func evaluateEvents(
    state: UnsafePointer<Lanes>, into values: UnsafeMutablePointer<Lanes>
  ) {
    let defined = evaluateVoltage(state)
    let all = UnsafeMutableRawPointer(values).assumingMemoryBound(to: Double.self)
    let salt = leastSalt(state)
    for lane in 0..<LaneIntegrator.width {
      for index in 0..<eventCount {
        all[index * LaneIntegrator.width + lane] =
          defined[lane] ? distance(index, lane, state, salt: salt[lane]) : 1
      }
    }
  }

  mutating func evaluateEvent(
    _ index: Int, lane: Int, state: UnsafePointer<Lanes>
  ) -> Double {
    guard evaluateVoltage(lane: lane, state: state) else { return 1 }
    var salt = 1.0
    if nodes > 0 {
      let values =
        UnsafeRawPointer(state + saltOffset).assumingMemoryBound(to: Double.self) + lane
      salt = values[0]
      for i in 1..<nodes { salt = min(salt, values[i * LaneIntegrator.width]) }
    }
    return distance(index, lane, state, salt: salt)
  }

  private func leastSalt(_ state: UnsafePointer<Lanes>) -> Lanes {
    var least = Lanes(repeating: 1)
    guard nodes > 0 else { return least }
    least = state[saltOffset]
    for i in 1..<nodes { least = pointwiseMin(least, state[saltOffset + i]) }
    return least
  }

  /// Distance of a lane's evaluated state to a limit; the same as of ``SingleParticleModel``.
  ///
  /// Events of phenomena that lanes do not model never happen.
  private func distance(
    _ index: Int, _ lane: Int, _ state: UnsafePointer<Lanes>, salt: Double
  ) -> Double {
    let limits = cells[lane].limits
    switch index {
    case CellEvent.lowerVoltage.rawValue:
      return voltage[lane] - max(limits.lowerVoltage, -1e3)
    case CellEvent.upperVoltage.rawValue:
      return min(limits.upperVoltage, 1e3) - voltage[lane]
    case CellEvent.currentBelow.rawValue:
      return abs(state[currentIndex][lane]) - limits.currentBelow
    case CellEvent.temperatureAbove.rawValue:
      return min(limits.temperatureAbove, 1e4) - state[temperatureIndex][lane]
    case CellEvent.platingPossible.rawValue where limits.platingMargin > -1e3:
      return anodePotential[lane] - limits.platingMargin
    case CellEvent.electrolyteDepleted.rawValue where nodes > 0:
      return salt - limits.depletion
    default: return 1
    }
  }
}
