// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Starts, output and events of lanes.

extension LaneIntegrator {
  /// Starts the lanes that wait for it: consistent state, weights, rates and first step.
  mutating func begin<S: LaneSystem & ~Copyable>(_ system: inout S) {
    needsStart = false
    let mass = vector(.mass)
    system.fillMass(mass)
    system.fillAbsoluteTolerances(
      vector(.absolute), relativeTolerance: options.relativeTolerance)
    let relative = vector(.relative)
    for n in 0..<unknownCount { relative[n] = Lanes(repeating: options.relativeTolerance) }
    system.adjustRelativeTolerances(relative)
    let output = vector(.output)
    let state = stateScalars
    let phi0 = memory.scalars
    for lane in 0..<Self.width where lanes[lane].isStarting {
      if !system.makeConsistent(lane: lane, state: output) {
        lanes[lane].isStarting = false
        lanes[lane].outcome = .impossible
        continue
      }
      for n in 0..<unknownCount { phi0[n * Self.width + lane] = state[n * Self.width + lane] }
    }
    updateWeights()
    let r = vector(.residual)
    let defined = system.linearize(
      state: difference(0), leading: Lanes(repeating: 1), into: r)
    // Rates of the differential unknowns; algebraic ones begin with none.
    for n in 0..<unknownCount {
      let isAlgebraic = mass[n] .== Lanes.zero
      let divisor = mass[n].replacing(with: Lanes(repeating: 1), where: isAlgebraic)
      r[n] = (r[n] / divisor).replacing(with: Lanes.zero, where: isAlgebraic)
    }
    let rates = norm(squares(r, vector(.weights)))
    for lane in 0..<Self.width where lanes[lane].isStarting {
      lanes[lane].isStarting = false
      guard defined[lane], rates[lane].isFinite else {
        lanes[lane].outcome = .impossible
        continue
      }
      var first = options.firstStep ?? 1e-3 * lanes[lane].end
      if rates[lane] * first > 0.5 { first = 0.5 / rates[lane] }
      first = min(first, options.longestStep)
      lanes[lane].stepSize = first
      let residual = UnsafeMutableRawPointer(r).assumingMemoryBound(to: Double.self)
      for i in 1...5 {
        let phi = memory.scalars + i * unknownCount * Self.width
        for n in 0..<unknownCount {
          phi[n * Self.width + lane] = i == 1 ? residual[n * Self.width + lane] * first : 0
        }
      }
      for i in 1...5 { scale.scalars[i * Self.width + lane] = 1 }
      startEvents(&system, lane)
    }
  }

  /// Notes the event functions at the start of a lane.
  private mutating func startEvents<S: LaneSystem & ~Copyable>(_ system: inout S, _ lane: Int) {
    let before = events.scalars
    for index in 0..<eventCount {
      let value = system.evaluateEvent(index, lane: lane, state: vector(.output))
      before[index * Self.width + lane] = value
      if value <= 0, lanes[lane].isRunning { lanes[lane].outcome = .alreadyPast(index: index) }
    }
  }

  private func updateWeights() {
    let phi = difference(0)
    let absolute = vector(.absolute)
    let weights = vector(.weights)
    let relative = vector(.relative)
    for n in 0..<unknownCount {
      let size = phi[n].replacing(with: -phi[n], where: phi[n] .< 0)
      weights[n] = 1 / (relative[n] * size + absolute[n])
    }
  }

  /// Writes the output of the lanes that were accepted, and locates events.
  mutating func finish<S: LaneSystem & ~Copyable>(_ system: inout S, _ active: UInt8) {
    var accepted: UInt8 = 0
    for lane in 0..<Self.width where active & (1 << lane) != 0 {
      switch lanes[lane].outcome {
      case .accepted, .reachedEnd: accepted |= 1 << lane
      default: break
      }
    }
    guard accepted != 0 else { return }
    let phi0 = difference(0)
    let output = vector(.output)
    let mask = mask(accepted)
    for n in 0..<unknownCount { output[n] = output[n].replacing(with: phi0[n], where: mask) }
    updateWeights()
    guard eventCount > 0 else { return }
    let after = events.base + eventCount
    system.evaluateEvents(state: output, into: after)
    let beforeScalars = events.scalars
    let afterScalars = beforeScalars + eventCount * Self.width
    for lane in 0..<Self.width where accepted & (1 << lane) != 0 {
      var found: (index: Int, time: Double)?
      for index in 0..<eventCount {
        let place = index * Self.width + lane
        if beforeScalars[place] > 0 && afterScalars[place] <= 0 {
          let time = locate(
            &system, index, lane, from: beforeScalars[place], to: afterScalars[place])
          if time < found?.time ?? .infinity { found = (index, time) }
        }
      }
      if let found {
        interpolate(lane, at: found.time)
        lanes[lane].time = found.time
        lanes[lane].outcome = .event(index: found.index)
      } else {
        for index in 0..<eventCount {
          beforeScalars[index * Self.width + lane] = afterScalars[index * Self.width + lane]
        }
      }
    }
  }

  /// Finds the root of an event function in the last step of a lane by the Illinois method.
  private mutating func locate<S: LaneSystem & ~Copyable>(
    _ system: inout S, _ index: Int, _ lane: Int, from before: Double, to after: Double
  ) -> Double {
    var low = lanes[lane].timeBefore
    var high = lanes[lane].innerTime
    var valueLow = before
    var valueHigh = after
    let tolerance = 8 * Double.ulpOfOne * max(abs(low), abs(high)) + 1e-13 * (high - low)
    var side = 0
    for _ in 0..<80 where high - low > tolerance && valueHigh != 0 {
      var guess = (low * valueHigh - high * valueLow) / (valueHigh - valueLow)
      if !(guess > low && guess < high) { guess = 0.5 * (low + high) }
      interpolate(lane, at: guess)
      let value = system.evaluateEvent(index, lane: lane, state: vector(.output))
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
    return high
  }

  /// Writes a lane's state at a time within its last step into the output.
  private func interpolate(_ lane: Int, at time: Double) {
    let state = lanes[lane]
    let delta = time - state.innerTime
    var factor = 1.0
    var gap = delta / state.coefficients.psi[0]
    let output = stateScalars
    let phi0 = memory.scalars
    for n in 0..<unknownCount { output[n * Self.width + lane] = phi0[n * Self.width + lane] }
    for j in 1...max(1, state.orderUsed) {
      factor *= gap
      let phi = memory.scalars + j * unknownCount * Self.width
      for n in 0..<unknownCount {
        output[n * Self.width + lane] += factor * phi[n * Self.width + lane]
      }
      gap = (delta + state.coefficients.psi[j - 1]) / state.coefficients.psi[j]
    }
  }
}
