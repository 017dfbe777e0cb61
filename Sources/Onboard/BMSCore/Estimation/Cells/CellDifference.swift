// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How one cell differs from the average cell: charge, resistance, capacity and leak.

/// How one cell differs from the average cell, by a filter of four states.
///
/// What all cells share, the current and the slow errors of the model, cancels in the difference of
/// a cell from the mean, so a difference of a tenth of a per cent of charge can be told where the
/// curve is steep. A difference of capacity moves the charge with the current, a leak with time: a
/// charge and a discharge tell one from the other, and until then the covariance says that they
/// cannot be told apart.
///
/// - Reference: Plett (2009), "Efficient battery pack state estimation using bar-delta filtering",
///   EVS24, for average and difference filters.
public struct CellDifference<Real: CoreReal>: Sendable {
  /// Difference of the state of charge.
  public var charge: Real = 0
  /// Difference of the resistances, as a share of the average's.
  public var resistance: Real = 0
  /// Mean capacity over the cell's, minus one.
  public var capacity: Real = 0
  /// Current that leaks inside the cell beyond the average's, in amperes.
  public var leak: Real = 0
  /// Covariance of the four.
  public var covariance = SmallMatrix<4, Real>()
  /// Measured minus predicted voltage, in volts.
  public var residual: Real = 0
  /// Times it ran, wrapping: a counter that stands still is a dead estimator.
  public var beats: UInt32 = 0
  /// Predicted voltage above the average's, in volts.
  public var voltage: Real = 0
  /// Charge leaked while a leak was certain, in coulombs.
  public var leakedCharge: Real = 0
  /// Mean square innovation over its expectation, of the last readings.
  @usableFromInline var surprise: Real = 1

  /// What the average cell says about a window.
  @usableFromInline
  struct Window: Sendable, BitwiseCopyable {
    @usableFromInline var interval: Real = 0
    @usableFromInline var current: Real = 0
    @usableFromInline var averageVoltage: Real = 0
    @usableFromInline var averageCharge: Real = 0
    @usableFromInline var averageOpenCircuit: Real = 0
    @usableFromInline var overpotential: Real = 0
    @usableFromInline var temperature: Real = 298.15

    @inlinable
    init() {}
  }

  /// A cell like the average.
  @inlinable
  init(_ configuration: inout EstimationConfiguration<Real>) {
    covariance.rows[0][0] = configuration.cellSpread * configuration.cellSpread
    let resistance = configuration.resistanceSpread
    covariance.rows[1][1] = resistance * resistance
    covariance.rows[2][2] = configuration.capacitySpread * configuration.capacitySpread
    let leak = 10 * Self.leakScale(&configuration)
    covariance.rows[3][3] = leak * leak
  }

  /// Leak that a healthy cell may have against its siblings: self-discharge of 3 % a month.
  @inlinable
  static func leakScale(_ configuration: inout EstimationConfiguration<Real>) -> Real {
    0.03 * configuration.circuit.capacity / 2_592_000
  }

  /// Standard deviation of the leak, in amperes.
  @inlinable
  public var leakDeviation: Real { covariance.rows[3][3].squareRoot().finite(or: 1e3) }

  /// Moves on over a window and corrects by a reading.
  ///
  /// - Parameters:
  ///   - reading: Voltage of the cell, in volts; NaN where not usable.
  ///   - balancing: Mean current through the cell's bleeder or balancer, discharge positive, in
  ///     amperes.
  ///   - window: What the average cell says.
  ///   - configuration: Uncertainties.
  /// - Complexity: O(1).
  @inlinable
  mutating func step(
    reading: Real, balancing: Real, window: Window,
    configuration: inout EstimationConfiguration<Real>
  ) {
    beats = beats &+ 1
    predict(balancing: balancing.finite(or: 0), window: window, configuration: &configuration)
    let place = (window.averageCharge + charge).clamped(-0.1, 1.1)
    let open = configuration.circuit.openVoltage(at: place, temperature: window.temperature)
    voltage = open - window.averageOpenCircuit - window.overpotential * resistance
    voltage = voltage.finite(or: 0).clamped(-5, 5)
    guard reading.isFinite else { return }
    residual = reading - window.averageVoltage - voltage
    let slope = configuration.circuit.slope(at: place, temperature: window.temperature)
    correct(slope: slope, window: window, configuration: &configuration)
    bound(&configuration)
  }

  @inlinable
  mutating func predict(
    balancing: Real, window: Window, configuration: inout EstimationConfiguration<Real>
  ) {
    let dt = window.interval.clamped(0, 3_600)
    let per = dt / configuration.circuit.capacity
    charge -= per * (window.current * capacity + leak + balancing)
    let onCapacity = -per * window.current
    for j in 0..<4 {
      covariance.rows[0][j] +=
        onCapacity * covariance.rows[2][j] - per * covariance.rows[3][j]
    }
    for j in 0..<4 {
      covariance.rows[j][0] +=
        onCapacity * covariance.rows[j][2] - per * covariance.rows[j][3]
    }
    // Resistances and capacities drift over months, a leak over hours.
    let leakWalk = 40 * Self.leakScale(&configuration)
    covariance.rows[1][1] += 1e-4 * dt / 86_400
    covariance.rows[2][2] += 1e-6 * dt / 86_400
    covariance.rows[3][3] += leakWalk * leakWalk * dt / 86_400
  }

  @inlinable
  mutating func correct(
    slope: Real, window: Window, configuration: inout EstimationConfiguration<Real>
  ) {
    let gradient = (slope, -window.overpotential)
    // Cells of one lot differ by about a millivolt in their curves and a tenth of the model's error
    // in their losses; both stay for long (see AverageCell.rapidVariance for the weight).
    let slow: Real = 1e-3
    let loss = configuration.rapidError * 0.2 * window.overpotential
    let dt = max(window.interval, 1e-3)
    let noise =
      2 * configuration.voltageNoise * configuration.voltageNoise
      + slow * slow * (1 + 2 * configuration.errorTime / dt)
      + loss * loss * (1 + 2 * configuration.rapidTime / dt)
    var projected = InlineArray<4, Real>(repeating: 0)
    for i in 0..<4 {
      projected[i] =
        covariance.rows[i][0] * gradient.0 + covariance.rows[i][1] * gradient.1
    }
    let own = max(0, projected[0] * gradient.0 + projected[1] * gradient.1)
    let marginal =
      own + 2 * configuration.voltageNoise * configuration.voltageNoise + slow * slow + loss * loss
    let ratio = (residual * residual / marginal).finite(or: 0)
    surprise += 0.05 * (min(ratio, 100) - surprise)
    if surprise > 16 {
      // The cell does what no healthy cell does: let the leak be anything up to C/5.
      let wide = configuration.circuit.capacity / 3_600 / 5
      covariance.rows[3][3] = max(covariance.rows[3][3], wide * wide)
      covariance.rows[0][0] = max(covariance.rows[0][0], 0.05 * 0.05)
      surprise = 1
    }
    let total = own + noise
    guard total > 0, total.isFinite, residual.isFinite else { return }
    let excess = residual * residual / total / 16
    let used = excess > 1 ? total * excess : total
    var gain = InlineArray<4, Real>(repeating: 0)
    for i in 0..<4 { gain[i] = projected[i] / used }
    charge += gain[0] * residual
    resistance += gain[1] * residual
    capacity += gain[2] * residual
    leak += gain[3] * residual
    covariance.correct(gain: gain, cross: projected, variance: used)
  }

  @inlinable
  mutating func bound(_ configuration: inout EstimationConfiguration<Real>) {
    let hourly = configuration.circuit.capacity / 3_600
    charge = charge.finite(or: 0).clamped(-1, 1)
    resistance = resistance.finite(or: 0).clamped(-0.9, 20)
    capacity = capacity.finite(or: 0).clamped(-0.5, 4)
    leak = leak.finite(or: 0).clamped(-hourly, 10 * hourly)
    var floor = InlineArray<4, Real>(repeating: 1e-10)
    floor[0] = 1e-9
    floor[3] = 1e-12 * hourly * hourly
    covariance.symmetrise(floor: floor)
    if !covariance.isFinite { self = CellDifference(&configuration) }
  }
}
