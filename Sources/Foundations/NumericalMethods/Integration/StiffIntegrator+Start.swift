// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Consistent start and restart of the stiff integrator.

extension StiffIntegrator {
  /// Starts, or restarts after a jump: makes the algebraic unknowns consistent and sets the rates.
  ///
  /// Differential unknowns keep their values; algebraic ones are found by damped Newton iteration
  /// from the values given.
  ///
  /// - Parameters:
  ///   - system: The system.
  ///   - time: Start time.
  ///   - initial: `[unknownCount]` values; may be ``state``.
  ///   - span: Expected duration, which bounds the first step.
  /// - Returns: False when no consistent state was found.
  public mutating func start<S: StiffSystem & ~Copyable>(
    _ system: inout S, at time: Double, from initial: UnsafePointer<Double>, span: Double
  ) -> Bool {
    precondition(system.unknownCount == unknownCount, "system and integrator differ in size")
    statistics.starts += 1
    self.time = time
    innerTime = time
    previousTime = time
    stepsSinceStart = 0
    order = 1
    orderUsed = 0
    stepUsed = 0
    equalSteps = 0
    startPhase = true
    leadingFactored = 0
    convergence = 100
    let phi0 = difference(0)
    for n in 0..<unknownCount { phi0[n] = initial[n] }
    let mass = vector(.mass)
    system.fillMass(mass)
    system.fillAbsoluteTolerances(
      vector(.absolute), relativeTolerance: options.relativeTolerance)
    let relative = vector(.relative)
    for n in 0..<unknownCount { relative[n] = options.relativeTolerance }
    system.adjustRelativeTolerances(relative)
    updateWeights()
    guard makeConsistent(&system) else { return false }
    updateWeights()
    let f = vector(.residual)
    guard system.evaluate(time: time, state: phi0, into: f) else { return false }
    let phi1 = difference(1)
    for n in 0..<unknownCount { phi1[n] = mass[n] == 0 ? 0 : f[n] / mass[n] }
    let rate = weightedNorm(phi1, vector(.weights))
    guard rate.isFinite else { return false }
    var first = options.firstStep ?? 1e-3 * span
    if rate * first > 0.5 { first = 0.5 / rate }
    stepSize = min(first, options.longestStep)
    for n in 0..<unknownCount { phi1[n] *= stepSize }
    copyState(to: vector(.output))
    if system.eventCount > 0 {
      system.evaluateEvents(time: time, state: phi0, into: eventMemory.base)
    }
    return true
  }

  /// Sets the weights of both norms from the newest state.
  func updateWeights() {
    let phi = difference(0)
    let absolute = vector(.absolute)
    let weights = vector(.weights)
    let errorWeights = vector(.errorWeights)
    let mass = vector(.mass)
    let relative = vector(.relative)
    for n in 0..<unknownCount { weights[n] = 1 / (relative[n] * abs(phi[n]) + absolute[n]) }
    if options.testsAlgebraicError {
      for n in 0..<unknownCount { errorWeights[n] = weights[n] }
    } else {
      for n in 0..<unknownCount { errorWeights[n] = mass[n] == 0 ? 0 : weights[n] }
    }
  }

  /// Solves the algebraic rows for the algebraic unknowns, in `difference0`.
  private mutating func makeConsistent<S: StiffSystem & ~Copyable>(_ system: inout S) -> Bool {
    let mass = vector(.mass)
    var algebraicCount = 0
    for n in 0..<unknownCount where mass[n] == 0 { algebraicCount += 1 }
    guard algebraicCount > 0 else { return true }
    let y = difference(0)
    let trial = vector(.state)
    let f = vector(.residual)
    let step = vector(.correction)
    // A leading coefficient so large that differential unknowns stay where they are.
    let frozen = 1e14
    var damping = 1.0
    var previousNorm = Double.infinity
    for n in 0..<unknownCount { trial[n] = y[n] }
    for _ in 0..<200 {
      let defined = system.linearize(
        time: innerTime, state: trial, leading: frozen, into: f)
      var norm = Double.infinity
      if defined {
        for n in 0..<unknownCount where mass[n] != 0 { f[n] = 0 }
        system.solve(f)
        norm = weightedNorm(f, vector(.weights))
      }
      if !norm.isFinite || norm > 1.5 * previousNorm, damping > 1e-3 {
        damping *= 0.5
        for n in 0..<unknownCount { trial[n] = y[n] + damping * step[n] }
        continue
      }
      guard norm.isFinite else { return false }
      for n in 0..<unknownCount {
        y[n] = trial[n]
        step[n] = mass[n] == 0 ? f[n] : 0
      }
      if norm <= 1e-6 { return true }
      // Rounding can keep the correction above the goal; it must then at least be far below one.
      if norm > 0.5 * previousNorm, norm < 1e-3 { return true }
      previousNorm = norm
      damping = min(1, 2 * damping)
      for n in 0..<unknownCount { trial[n] = y[n] + damping * step[n] }
    }
    return false
  }
}
