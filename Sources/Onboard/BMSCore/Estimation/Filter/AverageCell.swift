// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// State and covariance of the average cell, with the model both filters share.

/// State and covariance of the average cell: charge, pairs, hysteresis, two resistance ratios, slow
/// error of the model and offset of the current sensor.
///
/// The error of an equivalent circuit is not white: it stays for minutes and grows with the
/// overpotential. A filter that calls it white averages it away on paper and trusts a wrong voltage.
/// Here it is a state of its own, a first-order Gauss–Markov process whose size follows from the
/// accuracy of the open-circuit curve and a share of the present overpotential (decision 0165).
///
/// - Reference: Plett (2004), doi:10.1016/j.jpowsour.2004.02.033, for the circuit in a Kalman filter;
///   Bryson & Henrikson (1968), doi:10.2514/3.4664, for coloured errors as states.
public struct AverageCell<Real: CoreReal>: Sendable {
  /// The nine states; see ``FilterState``.
  public var state = InlineArray<9, Real>(repeating: 0)
  /// Their covariance.
  public var covariance = SmallMatrix<9, Real>()
  /// The circuit at the present state.
  public var point = CircuitPoint<Real>()
  /// Mean square of the overpotential over the correlation time of the model's error, in V².
  public var overpotentialSquare: Real = 0
  /// Current of the last step, in amperes.
  public var lastCurrent: Real = 0
  /// Times it ran, wrapping: a counter that stands still is a dead estimator.
  public var beats: UInt32 = 0
  /// Whether the filter was started.
  public var isStarted = false
  /// What rounding left over of the last change of the state of charge.
  @usableFromInline var carry: Real = 0
  /// Largest and smallest direction: rest keeps the tables of the last current.
  @usableFromInline var isDischarging = true
  /// Mean square of the current over the same time, in A².
  public var meanSquareCurrent: Real = 0

  /// States that take only a share of their correction.
  @inlinable
  static var partiallyUpdated: ClosedRange<Int> { FilterState.polarisation...FilterState.offset }

  /// A filter that has not started.
  @inlinable
  public init() {}

  /// State of charge of the average cell, 0…1.
  @inlinable
  public var stateOfCharge: Real { state[0].clamped(0, 1) }

  /// Its standard deviation.
  @inlinable
  public var stateOfChargeDeviation: Real {
    covariance.rows[0][0].squareRoot().finite(or: 1).clamped(0, 1)
  }

  /// Modelled loss at present, `i·R₀ + Σ vₖ`, in volts.
  @inlinable
  public var overpotential: Real {
    lastCurrent * point.series * state[FilterState.series] + state[1] + state[2] + state[3]
  }

  /// Starts at a state of charge.
  ///
  /// - Parameters:
  ///   - stateOfCharge: 0…1.
  ///   - deviation: Its standard deviation.
  ///   - temperature: In kelvin.
  ///   - configuration: Uncertainties of the model and the sensors.
  @inlinable
  public mutating func start(
    stateOfCharge: Real, deviation: Real, temperature: Real,
    configuration: inout EstimationConfiguration<Real>
  ) {
    let z = stateOfCharge.finite(or: 0.5).clamped(0, 1)
    state = InlineArray(repeating: 0)
    state[FilterState.charge] = z
    state[FilterState.series] = 1
    state[FilterState.polarisation] = 1
    covariance = SmallMatrix()
    carry = 0
    point = configuration.circuit.point(
      at: z, temperature: temperature.finite(or: 298.15), discharging: isDischarging)
    let hourly = configuration.circuit.capacity / 3_600
    // What flowed before the start is not known: a load of 1C leaves this much behind.
    meanSquareCurrent = hourly * hourly
    overpotentialSquare = point.total * hourly * point.total * hourly
    covariance.rows[0][0] = max(1e-8, deviation * deviation)
    for k in 0..<3 {
      let v = point.pairs[k] * hourly
      covariance.rows[1 + k][1 + k] = v * v
    }
    // Uniform between the branches.
    covariance.rows[FilterState.hysteresis][FilterState.hysteresis] = 1.0 / 3
    let spread = resistanceVariance(temperature: temperature.finite(or: 298.15), &configuration)
    covariance.rows[FilterState.series][FilterState.series] = spread
    covariance.rows[FilterState.polarisation][FilterState.polarisation] = spread
    covariance.rows[FilterState.bias][FilterState.bias] = biasVariance(
      temperature: temperature, &configuration)
    covariance.rows[FilterState.offset][FilterState.offset] =
      configuration.currentOffset * configuration.currentOffset
    isStarted = true
    bound(&configuration)
  }

  /// Stationary variance of the slow error of the model, in V².
  @inlinable
  mutating func biasVariance(
    temperature: Real, _ configuration: inout EstimationConfiguration<Real>
  ) -> Real {
    let rate = (meanSquareCurrent.squareRoot() / configuration.circuit.capacity).finite(or: 0)
    let along = point.slope * (configuration.chargeError + configuration.surfaceLag * rate)
    let stretch = extrapolation(temperature, &configuration)
    let loss = configuration.overpotentialError * stretch
    return configuration.openCircuitError * configuration.openCircuitError + along * along
      + loss * loss * overpotentialSquare
  }

  /// Variance of a resistance against the circuit's, as a square of a share: wider outside the
  /// identified temperatures, where the circuit is continued and not measured.
  @inlinable
  mutating func resistanceVariance(
    temperature: Real, _ configuration: inout EstimationConfiguration<Real>
  ) -> Real {
    let spread = configuration.resistanceSpread * extrapolation(temperature, &configuration)
    return spread * spread
  }

  /// Factor on the error of the overpotential outside the identified temperatures.
  @inlinable
  mutating func extrapolation(
    _ temperature: Real, _ configuration: inout EstimationConfiguration<Real>
  ) -> Real {
    let last = Int(min(6, max(1, configuration.circuit.temperatureCount))) - 1
    let below = configuration.circuit.temperatures[0] - temperature
    let above = temperature - configuration.circuit.temperatures[last]
    let distance = max(0, max(below, above))
    return 1 + (distance / configuration.extrapolationScale).finite(or: 0).clamped(0, 4)
  }

  /// Voltage the model predicts for a state under a current, in volts.
  @inlinable
  mutating func voltage(
    of state: borrowing InlineArray<9, Real>, current: Real, temperature: Real,
    circuit: inout CellCircuit<Real>
  ) -> Real {
    let open = circuit.openVoltage(at: state[0], temperature: temperature)
    let loss = (current - state[8]) * point.series * state[5] + state[1] + state[2] + state[3]
    return open + point.hysteresis * state[4] - loss + state[7]
  }

  /// Variance of what one voltage reading differs from the model beside the slow error, in V², and
  /// the variance a white error would need to tell as little.
  ///
  /// After each change of current the circuit is wrong by a share of the loss for some seconds. Ten
  /// readings a second of one such error are not ten errors: a correlated error of variance `σ²` and
  /// time `τ` read every `Δt` weighs as a white one of variance `σ²·(1 + 2τ/Δt)` (its spectral
  /// density at frequency zero).
  @inlinable
  mutating func rapidVariance(
    _ input: FilterInput<Real>, configuration: inout EstimationConfiguration<Real>
  ) -> (marginal: Real, effective: Real) {
    let stretch = extrapolation(input.temperature, &configuration)
    let change = (input.current - lastCurrent).magnitude * point.series
    let level = (input.current * point.series * state[5]).magnitude
    let loss = change + level + state[1].magnitude + state[2].magnitude + state[3].magnitude
    let error = configuration.rapidError * stretch * loss
    let square = error * error
    let reading = configuration.voltageNoise * configuration.voltageNoise
    let repeats = 1 + 2 * (configuration.rapidTime / max(input.interval, 1e-3)).clamped(0, 1e4)
    return (reading + square, reading + square * repeats)
  }

  /// Keeps states inside what they can be and the covariance positive.
  @inlinable
  mutating func bound(_ configuration: inout EstimationConfiguration<Real>) {
    let offset = 5 * configuration.currentOffset + 1e-6
    state[0] = state[0].finite(or: 0.5).clamped(-0.02, 1.02)
    for k in 1...3 { state[k] = state[k].finite(or: 0).clamped(-2, 2) }
    state[4] = state[4].finite(or: 0).clamped(-1, 1)
    state[5] = state[5].finite(or: 1).clamped(0.2, 10)
    state[6] = state[6].finite(or: 1).clamped(0.2, 10)
    state[7] = state[7].finite(or: 0).clamped(-0.5, 0.5)
    state[8] = state[8].finite(or: 0).clamped(-offset, offset)
    var floor = InlineArray<9, Real>(repeating: 1e-12)
    floor[0] = 1e-8
    covariance.symmetrise(floor: floor)
  }
}
