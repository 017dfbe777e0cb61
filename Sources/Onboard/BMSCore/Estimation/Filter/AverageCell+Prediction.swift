// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How the average cell moves on, for both filters.

/// One step of the linear part of the model: factors that both filters use.
@usableFromInline
struct Transition<Real: CoreReal> {
  /// State of charge per ampere of current.
  @usableFromInline var charge: Real = 0
  /// Decay of each pair and its voltage per ampere.
  @usableFromInline var decay = InlineArray<3, Real>(repeating: 0)
  /// Ohms reached by each pair per ampere at ratio 1.
  @usableFromInline var gain = InlineArray<3, Real>(repeating: 0)
  /// Decay of the hysteresis and what it goes to.
  @usableFromInline var loop: Real = 1
  @usableFromInline var loopTarget: Real = 0
  /// Decays of the ratios, the slow error and the offset.
  @usableFromInline var ratio: Real = 1
  @usableFromInline var bias: Real = 1
  @usableFromInline var offset: Real = 1
  /// Variances added to each state.
  @usableFromInline var noise = InlineArray<9, Real>(repeating: 0)

  @inlinable
  init() {}
}

extension AverageCell {
  /// Reads the circuit at the present state and prepares a step.
  @inlinable
  mutating func transition(
    _ input: FilterInput<Real>, configuration: inout EstimationConfiguration<Real>
  ) -> Transition<Real> {
    beats = beats &+ 1
    var step = Transition<Real>()
    let dt = input.interval
    let circuit = configuration.circuit.capacity
    let i = input.current - state[FilterState.offset]
    let dead = configuration.restCurrent / 4
    if i > dead { isDischarging = true } else if i < -dead { isDischarging = false }
    point = configuration.circuit.point(
      at: state[0], temperature: input.temperature, discharging: isDischarging)
    let efficiency = i < 0 ? configuration.circuit.coulombicEfficiency : 1
    step.charge = efficiency * dt / circuit
    for k in 0..<3 {
      let decay = Real.exponential(-(dt / point.timeConstants[k]).clamped(0, 60))
      step.decay[k] = decay
      step.gain[k] = (1 - decay) * point.pairs[k]
      let rapid = configuration.rapidError * point.pairs[k] * i
      step.noise[1 + k] = rapid * rapid * (1 - decay * decay)
    }
    let moved = (i * step.charge).magnitude
    step.loop = Real.exponential(-(configuration.circuit.hysteresisRate * moved).clamped(0, 60))
    step.loopTarget = i > 0 ? -1 : 1
    step.noise[FilterState.hysteresis] = 0.02 * (1 - step.loop)
    let share = 1 - Real.exponential(-(dt / configuration.errorTime).clamped(0, 60))
    let loss = overpotential
    overpotentialSquare += share * (loss * loss - overpotentialSquare)
    meanSquareCurrent += share * (i * i - meanSquareCurrent)
    overpotentialSquare = overpotentialSquare.finite(or: 0).clamped(0, 4)
    step.ratio = Real.exponential(-(dt / (10 * configuration.resistanceTime)).clamped(0, 60))
    step.bias = 1 - share
    step.offset = Real.exponential(-(dt / 86_400).clamped(0, 60))
    let spread = resistanceVariance(temperature: input.temperature, &configuration)
    // Ten decay times per resistance time, so that the walk covers its spread in that time.
    let walk = spread * (1 - step.ratio * step.ratio)
    step.noise[FilterState.series] = walk
    step.noise[FilterState.polarisation] = walk
    step.noise[FilterState.bias] =
      biasVariance(temperature: input.temperature, &configuration) * (1 - step.bias * step.bias)
    step.noise[FilterState.offset] =
      configuration.currentOffset * configuration.currentOffset * (1 - step.offset * step.offset)
    let gain = configuration.currentGain * i * step.charge
    step.noise[FilterState.charge] =
      gain * gain + input.currentVariance * step.charge * step.charge
    return step
  }

  /// Moves one state on.
  @inlinable
  func moved(
    _ x: borrowing InlineArray<9, Real>, _ step: Transition<Real>, current: Real
  ) -> InlineArray<9, Real> {
    var y = InlineArray<9, Real>(repeating: 0)
    let i = current - x[8]
    y[0] = x[0] - step.charge * i
    for k in 0..<3 { y[1 + k] = step.decay[k] * x[1 + k] + step.gain[k] * x[6] * i }
    y[4] = step.loopTarget + (x[4] - step.loopTarget) * step.loop
    y[5] = 1 + (x[5] - 1) * step.ratio
    y[6] = 1 + (x[6] - 1) * step.ratio
    y[7] = x[7] * step.bias
    y[8] = x[8] * step.offset
    return y
  }

  /// Sets the mean moved by a step, keeping what rounding took from the state of charge.
  @inlinable
  mutating func setMean(_ next: InlineArray<9, Real>, change: Real) {
    let old = state[0]
    state = next
    let wanted = change + carry
    let reached = old + wanted
    carry = (wanted - (reached - old)).finite(or: 0)
    state[0] = reached
  }
}
