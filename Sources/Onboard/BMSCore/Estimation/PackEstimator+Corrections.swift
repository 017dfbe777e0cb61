// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Corrections of the counted charge, and what the filter learns of capacity and resistance.

extension PackEstimator {
  /// Rest, full charge and full discharge correct the count; the last two also the filter, whose
  /// voltages already hold the first.
  @inlinable
  mutating func correctCounter(_ input: FilterInput<Real>, time: UInt64) {
    let dt = input.interval
    let rests = input.current.magnitude <= configuration.restCurrent && input.currentVariance == 0
    restSeconds = rests ? min(1e9, restSeconds + dt) : 0
    watchRest(input)
    guard input.voltage.isFinite else { return }
    if rests { correctAtRest(input, time: time) }
    correctAtEnds(input, time: time)
  }

  /// Begins and ends the watch of the rest after a charge.
  ///
  /// Regeneration is no charge: in rows of ten seconds it ends in a rest as a charge does, and what
  /// relaxes then is the drive before it. A charge has flowed for five minutes since the last
  /// discharge (the watched gradient has formed by then: a graphite particle of 5 µm at 1e-14 m²/s
  /// takes R²/D = 2,500 s to level and a tenth of that to bend), and brought a hundredth of the capacity.
  @inlinable
  mutating func watchRest(_ input: FilterInput<Real>) {
    if input.current < -configuration.restCurrent {
      chargedSeconds = min(1e9, chargedSeconds + input.interval)
      charged = min(1e12, charged - input.current * input.interval)
      wasCharging = true
      for cell in 0..<cells { plateaus[cell].end() }
    } else if input.current > configuration.restCurrent {
      (chargedSeconds, charged) = (0, 0)
      wasCharging = false
      for cell in 0..<cells { plateaus[cell].end() }
    } else if wasCharging {
      wasCharging = false
      guard chargedSeconds >= 300, charged >= configuration.circuit.capacity / 100 else { return }
      for cell in 0..<cells { plateaus[cell].begin() }
    }
  }

  /// The open-circuit voltage of a rested cell, where the curve is steep enough to tell more than
  /// the count knows.
  @inlinable
  mutating func correctAtRest(_ input: FilterInput<Real>, time: UInt64) {
    guard restSeconds >= configuration.restTime else { return }
    let hysteresis = average.point.hysteresis * average.state[FilterState.hysteresis]
    let resting = input.voltage - hysteresis + average.overpotential
    let z = configuration.circuit.charge(restingAt: resting, temperature: input.temperature)
    let slope = configuration.circuit.slope(at: z, temperature: input.temperature)
    // What has not relaxed after a time t falls about as the root of rest time over t.
    let left = 0.01 * (configuration.restTime / restSeconds).squareRoot()
    let loop = average.point.hysteresis / 2
    let square =
      left * left + loop * loop + configuration.openCircuitError * configuration.openCircuitError
    let along = configuration.chargeError
    let deviation = (square / (slope * slope) + along * along).squareRoot()
    counter.correct(
      z, deviation: deviation, cause: .restVoltage, capacity: capacity.capacity,
      timeMilliseconds: time)
    if deviation < 0.05 { anchor(z, deviation: deviation) }
  }

  @inlinable
  mutating func correctAtEnds(_ input: FilterInput<Real>, time: UInt64) {
    var highest: Real = 0
    var lowest: Real = 100
    var full = 0
    var empty = 0
    for cell in 0..<cells {
      let reading = snapshot[cell]
      guard reading.isFinite else { continue }
      if reading > highest { (highest, full) = (reading, cell) }
      if reading < lowest { (lowest, empty) = (reading, cell) }
    }
    // Between C/20 and rest: the tail of constant voltage, and its very end.
    let isTail =
      input.current <= 0 && input.current >= -configuration.fullCurrent
      && highest >= configuration.circuit.upperVoltage - 0.01
    let isLoad = input.current > 0 && input.current <= 6 * configuration.fullCurrent
    fullSeconds = isTail ? min(1e6, fullSeconds + input.interval) : 0
    emptySeconds =
      isLoad && lowest <= configuration.circuit.lowerVoltage
      ? min(1e6, emptySeconds + input.interval) : 0
    if fullSeconds >= 10 {
      let z = 1 - differences[full].charge
      correct(z, deviation: 0.01, cause: .fullCharge, time: time)
      fullSeconds = -600
    }
    if emptySeconds >= 5 {
      let loss = average.overpotential * (1 + differences[empty].resistance)
      let z =
        configuration.circuit.charge(restingAt: lowest + loss, temperature: input.temperature)
        - differences[empty].charge
      correct(z, deviation: 0.02, cause: .fullDischarge, time: time)
      emptySeconds = -600
    }
  }

  @inlinable
  mutating func correct(
    _ stateOfCharge: Real, deviation: Real, cause: ResetCause, time: UInt64
  ) {
    let z = stateOfCharge.finite(or: 0.5).clamped(0, 1)
    average.correctCharge(z, deviation: deviation, configuration: &configuration)
    counter.correct(
      z, deviation: deviation, cause: cause, capacity: capacity.capacity, timeMilliseconds: time)
    anchor(z, deviation: deviation)
  }

  /// A state of charge known without counting: with the one before it, a measurement of capacity.
  @inlinable
  mutating func anchor(_ stateOfCharge: Real, deviation: Real) {
    capacity.anchor(
      stateOfCharge: stateOfCharge, deviation: deviation,
      offset: configuration.currentOffset, gain: configuration.currentGain)
    guard capacity.isLearnt else { return }
    let before = configuration.circuit.capacity
    counter.rescale(by: capacity.capacity / before)
    configuration.circuit.capacity = capacity.capacity
  }

  /// Feeds capacity and resistance.
  @inlinable
  mutating func learn(_ input: FilterInput<Real>) {
    capacity.add(
      current: input.current, interval: input.interval,
      isKnown: input.currentVariance == 0,
      efficiency: configuration.circuit.coulombicEfficiency)
    resistance.add(
      current: input.current, voltage: input.voltage, interval: input.interval,
      threshold: configuration.circuit.capacity / 3_600 / 20)
    if input.current > configuration.restCurrent {
      let share = min(1, input.interval / 600)
      meanDischarge += share * (input.current - meanDischarge)
    }
  }
}
