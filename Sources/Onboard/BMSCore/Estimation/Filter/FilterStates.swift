// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the filters of the average cell estimate, and what they are fed.

/// Places of the nine states in the filters of the average cell.
public enum FilterState {
  /// State of charge.
  @inlinable
  public static var charge: Int { 0 }
  /// Voltage of the first pair, in volts; the other two follow.
  @inlinable
  public static var pair: Int { 1 }
  /// Hysteresis, −1 after long discharge, +1 after long charge.
  @inlinable
  public static var hysteresis: Int { 4 }
  /// Series resistance as a multiple of the circuit's.
  @inlinable
  public static var series: Int { 5 }
  /// Resistance of the pairs as a multiple of the circuit's.
  @inlinable
  public static var polarisation: Int { 6 }
  /// Slow error of the model's voltage, in volts.
  @inlinable
  public static var bias: Int { 7 }
  /// Offset of the current sensor, in amperes.
  @inlinable
  public static var offset: Int { 8 }
}

/// One step's input of the filters: means over a window.
public struct FilterInput<Real: CoreReal>: Sendable {
  /// Current during the window, discharge positive, in amperes.
  public var current: Real
  /// Variance of the current beyond the configured errors, in square amperes.
  public var currentVariance: Real = 0
  /// Length of the window, in seconds.
  public var interval: Real
  /// Temperature of the cells, in kelvin.
  public var temperature: Real
  /// Mean voltage of the cells at the end of the window, in volts; NaN where none is usable.
  public var voltage: Real

  /// The input of a step.
  @inlinable
  public init(current: Real, interval: Real, temperature: Real, voltage: Real) {
    self.current = current
    self.interval = interval
    self.temperature = temperature
    self.voltage = voltage
  }

  /// Every number held where it can be: no input makes a filter fail.
  @inlinable
  func bounded(_ configuration: inout EstimationConfiguration<Real>) -> FilterInput {
    let limit = 100 * configuration.circuit.capacity / 3_600
    var copy = self
    copy.current = current.finite(or: 0).clamped(-limit, limit)
    copy.currentVariance = currentVariance.finite(or: limit * limit).clamped(0, limit * limit)
    copy.interval = interval.finite(or: 0).clamped(0, 3_600)
    copy.temperature = temperature.finite(or: 298.15).clamped(200, 400)
    if !(voltage > 0 && voltage < 100) { copy.voltage = .nan }
    return copy
  }
}

/// What one update tells about the filter's honesty.
public struct Innovation<Real: CoreReal>: Sendable {
  /// Measured minus predicted voltage, in volts.
  public var value: Real = 0
  /// Variance the filter expected of it, in square volts.
  public var variance: Real = 1

  @inlinable
  init(value: Real = 0, variance: Real = 1) {
    self.value = value
    self.variance = variance
  }

  /// Its square over its variance; 1 on average for an honest filter.
  @inlinable
  public var normalisedSquare: Real { (value * value / variance).finite(or: 0) }
}
