// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The extended Kalman filter of the average cell.

extension AverageCell {
  /// One step of the extended Kalman filter: prediction, and correction where a voltage is usable.
  ///
  /// The correction has Joseph's form, so the covariance stays symmetric and positive in `Float`.
  /// An innovation beyond four standard deviations is weighed down to that, so one bad reading that
  /// passed the plausibility checks moves little.
  ///
  /// - Parameters:
  ///   - input: Means over the window.
  ///   - configuration: Uncertainties of the model and the sensors.
  /// - Returns: The innovation; nil without a usable voltage.
  /// - Complexity: O(1): about 1,500 multiplications.
  @inlinable
  public mutating func stepExtended(
    _ input: FilterInput<Real>, configuration: inout EstimationConfiguration<Real>
  ) -> Innovation<Real>? {
    let input = input.bounded(&configuration)
    let step = transition(input, configuration: &configuration)
    let i = input.current - state[8]
    let next = moved(state, step, current: input.current)
    predictCovariance(step, current: i)
    setMean(next, change: -step.charge * i)
    bound(&configuration)
    defer { lastCurrent = input.current }
    guard !input.voltage.isNaN else { return nil }
    var gradient = InlineArray<9, Real>(repeating: 0)
    let reach = covariance.rows[0][0].squareRoot().clamped(0.02, 0.1)
    let slope = configuration.circuit.slope(
      at: state[0], temperature: input.temperature, reach: reach)
    gradient[0] = slope
    for k in 1...3 { gradient[k] = -1 }
    gradient[4] = point.hysteresis
    gradient[5] = -i * point.series
    gradient[7] = 1
    gradient[8] = point.series * state[5]
    let predicted = voltage(
      of: state, current: input.current, temperature: input.temperature,
      circuit: &configuration.circuit)
    let noise = rapidVariance(input, configuration: &configuration)
    let before = state[0]
    let innovation = correct(
      gradient, residual: input.voltage - predicted, noise: noise.effective,
      marginal: noise.marginal, slowGain: configuration.slowGain)
    bendAlongCurve(
      from: before, slope: slope, reach: reach, temperature: input.temperature,
      configuration: &configuration)
    bound(&configuration)
    return innovation
  }

  /// Redoes the correction of the state of charge in terms of the open-circuit voltage.
  ///
  /// The measurement is linear in the open-circuit voltage, not in the state of charge. Corrected
  /// along a tangent, a filter started twenty per cent wrong ends in a wrong place with a small
  /// covariance, the rest of the residual stored in the slow error. So the correction moves the
  /// open-circuit voltage, the curve tells the state of charge that belongs to it, and the
  /// covariance is scaled by the slopes of both places (decision 0166).
  @inlinable
  mutating func bendAlongCurve(
    from old: Real, slope: Real, reach: Real, temperature: Real,
    configuration: inout EstimationConfiguration<Real>
  ) {
    let change = state[0] - old
    guard change.magnitude > 0.002, change.isFinite else { return }
    let target =
      configuration.circuit.openVoltage(at: old, temperature: temperature) + slope * change
    var low: Real = -0.02
    var high: Real = 1.02
    for _ in 0..<20 {
      let middle = (low + high) / 2
      if configuration.circuit.openVoltage(at: middle, temperature: temperature) < target {
        low = middle
      } else {
        high = middle
      }
    }
    state[0] = (low + high) / 2
    let ratio =
      (slope / configuration.circuit.slope(at: state[0], temperature: temperature, reach: reach))
      .clamped(0.1, 10)
    for j in 0..<9 { covariance.rows[0][j] *= ratio }
    for j in 0..<9 { covariance.rows[j][0] *= ratio }
  }

  /// Corrects by a direct knowledge of the state of charge, such as a full charge.
  ///
  /// - Parameters:
  ///   - stateOfCharge: 0…1.
  ///   - deviation: Its standard deviation.
  ///   - configuration: Uncertainties of the model and the sensors.
  @inlinable
  public mutating func correctCharge(
    _ stateOfCharge: Real, deviation: Real,
    configuration: inout EstimationConfiguration<Real>
  ) {
    guard stateOfCharge.isFinite, deviation > 0 else { return }
    var gradient = InlineArray<9, Real>(repeating: 0)
    gradient[0] = 1
    _ = correct(
      gradient, residual: stateOfCharge - state[0], noise: deviation * deviation,
      marginal: deviation * deviation, slowGain: configuration.slowGain)
    bound(&configuration)
  }

  /// Adds uncertainty of the state of charge, for a filter whose innovations contradict it.
  @inlinable
  mutating func doubt(_ deviation: Real, configuration: inout EstimationConfiguration<Real>) {
    covariance.rows[0][0] += deviation * deviation
    bound(&configuration)
  }

  /// Covariance of the prediction: `F·P·Fᵀ + Q`, with the few entries that `F` has.
  @inlinable
  mutating func predictCovariance(_ step: Transition<Real>, current: Real) {
    var diagonal = InlineArray<9, Real>(repeating: 1)
    for k in 0..<3 { diagonal[1 + k] = step.decay[k] }
    diagonal[4] = step.loop
    diagonal[5] = step.ratio
    diagonal[6] = step.ratio
    diagonal[7] = step.bias
    diagonal[8] = step.offset
    var onRatio = InlineArray<3, Real>(repeating: 0)
    var onOffset = InlineArray<3, Real>(repeating: 0)
    for k in 0..<3 {
      onRatio[k] = step.gain[k] * current
      onOffset[k] = -step.gain[k] * state[6]
    }
    // Rows: A = F·P.
    for j in 0..<9 {
      let p6 = covariance.rows[6][j]
      let p8 = covariance.rows[8][j]
      covariance.rows[0][j] += step.charge * p8
      for k in 0..<3 {
        covariance.rows[1 + k][j] =
          diagonal[1 + k] * covariance.rows[1 + k][j] + onRatio[k] * p6 + onOffset[k] * p8
      }
      for k in 4..<9 { covariance.rows[k][j] *= diagonal[k] }
    }
    // Columns: A·Fᵀ.
    for j in 0..<9 {
      let p6 = covariance.rows[j][6]
      let p8 = covariance.rows[j][8]
      covariance.rows[j][0] += step.charge * p8
      for k in 0..<3 {
        covariance.rows[j][1 + k] =
          diagonal[1 + k] * covariance.rows[j][1 + k] + onRatio[k] * p6 + onOffset[k] * p8
      }
      for k in 4..<9 { covariance.rows[j][k] *= diagonal[k] }
    }
    for k in 0..<9 { covariance.rows[k][k] += step.noise[k] }
  }

  /// Joseph's form for one scalar measurement.
  @inlinable
  mutating func correct(
    _ gradient: InlineArray<9, Real>, residual: Real, noise: Real, marginal: Real,
    slowGain: Real
  ) -> Innovation<Real> {
    var projected = InlineArray<9, Real>(repeating: 0)
    var variance: Real = 0
    for i in 0..<9 {
      var sum: Real = 0
      for j in 0..<9 { sum += covariance.rows[i][j] * gradient[j] }
      projected[i] = sum
    }
    for i in 0..<9 { variance += gradient[i] * projected[i] }
    let innovation = Innovation(value: residual, variance: max(variance, 0) + marginal)
    variance = max(variance, 0) + noise
    guard residual.isFinite, variance > 0, variance.isFinite else { return Innovation() }
    // Weighed down beyond four standard deviations (Huber 1964, doi:10.1214/aoms/1177703732).
    let excess = innovation.normalisedSquare / 16
    let used = excess > 1 ? variance * excess - variance + noise : noise
    let total = variance - noise + used
    var gain = InlineArray<9, Real>(repeating: 0)
    for i in 0..<9 { gain[i] = projected[i] / total }
    // Products with the state make the ratios and the slow errors look better known than they are:
    // they take a share of their correction, and the covariance knows it (Brink 2017,
    // doi:10.2514/1.G002808).
    for i in Self.partiallyUpdated { gain[i] *= slowGain }
    for i in 0..<9 { state[i] += gain[i] * residual }
    // (1 − K·H)·P·(1 − K·H)ᵀ + K·R·Kᵀ.
    for i in 0..<9 {
      for j in 0..<9 { covariance.rows[i][j] -= gain[i] * projected[j] }
    }
    for i in 0..<9 {
      var sum: Real = 0
      for j in 0..<9 { sum += covariance.rows[i][j] * gradient[j] }
      projected[i] = sum
    }
    for i in 0..<9 {
      for j in 0..<9 {
        covariance.rows[i][j] += (gain[i] * used - projected[i]) * gain[j]
      }
    }
    return innovation
  }
}
