// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parameters of an equivalent circuit, as data.

import Foundation

/// One resistor–capacitor pair of an equivalent circuit.
public struct CircuitPair: Hashable, Sendable {
  /// Resistance.
  public var resistance: CircuitMap
  /// Time constant in seconds at each temperature of ``resistance``.
  public var timeConstants: [Double]

  /// Creates a pair.
  ///
  /// - Parameters:
  ///   - resistance: Resistance over state of charge and temperature.
  ///   - timeConstants: One positive time constant a temperature, in seconds.
  public init(resistance: CircuitMap, timeConstants: [Double]) {
    precondition(
      timeConstants.count == resistance.temperatures.count,
      "a pair needs one time constant a temperature")
    precondition(timeConstants.allSatisfy { $0 > 0 }, "a time constant must be positive")
    self.resistance = resistance
    self.timeConstants = timeConstants
  }

  /// The time constant in seconds; its logarithm is linear in `1/T` between the temperatures and
  /// constant beyond them.
  public func timeConstant(temperature: Double) -> Double {
    guard timeConstants.count > 1 else { return timeConstants[0] }
    let at = TemperaturePlace(temperature, in: resistance.temperatures)
    guard at.weight > 0 else { return timeConstants[at.index] }
    let lower = timeConstants[at.index]
    return lower * pow(timeConstants[at.index + 1] / lower, at.weight)
  }

  /// The pair at one temperature.
  func slice(at temperature: Double) -> CircuitPair {
    CircuitPair(
      resistance: resistance.slice(at: temperature),
      timeConstants: [timeConstant(temperature: temperature)])
  }
}

/// The parameters of an equivalent circuit: `V = U(z, T) + M·h − i·R₀(z, T) − Σ vₖ`.
///
/// `τₖ·dvₖ/dt = i·Rₖ(z, T) − vₖ`, `dz/dt = −i/Q`, `dh/dt = −γ·(|i|·h + i)/Q`; resistances differ
/// between charge and discharge where measured so. Heat is lumped: `i²R₀ + Σ vₖ²/Rₖ − i·M·h −
/// i·T·dU/dT`.
///
/// - Reference: Hu, Li & Peng (2012), doi:10.1016/j.jpowsour.2011.10.013, for the circuits; Plett
///   (2004), doi:10.1016/j.jpowsour.2004.02.032, for the hysteresis state.
public struct CircuitParameters: Sendable {
  /// Name of the cell.
  public var name: String
  /// Where the numbers come from.
  public var source: String
  /// Charge between state of charge 0 and 1, in coulombs.
  public var capacity: Double
  /// Nominal capacity that rates such as 1C refer to, in coulombs.
  public var nominalCapacity: Double
  /// Lower voltage cut-off, in volts.
  public var lowerCutOff: Double
  /// Upper voltage cut-off, in volts.
  public var upperCutOff: Double
  /// Open-circuit voltage, the middle of the hysteresis loop.
  public var openCircuit: OpenCircuitVoltage
  /// Half the width of the hysteresis loop, in volts.
  public var hysteresisAmplitude = 0.0
  /// Decay of the hysteresis per capacity moved.
  public var hysteresisRate = 50.0
  /// Resistance that acts at once.
  public var seriesResistance: CircuitMap
  /// Pairs, fastest first; at most three.
  public var pairs: [CircuitPair]
  /// Heat balance; nil when not known.
  public var heat: LumpedHeat?
  /// How core and surface divide ``heat``; nil when not known.
  public var coreSurface: CoreSurfaceHeat?
  /// Ambient temperature of simulations that name none, in kelvin.
  public var ambientTemperature = 298.15

  /// Creates parameters.
  ///
  /// - Parameters:
  ///   - name: Name of the cell.
  ///   - source: Where the numbers come from.
  ///   - capacity: In coulombs; positive.
  ///   - cutOff: Voltages at which discharge and charge end, in volts.
  ///   - openCircuit: Open-circuit voltage.
  ///   - seriesResistance: Resistance that acts at once.
  ///   - pairs: At most three pairs.
  public init(
    name: String, source: String, capacity: Double, cutOff: ClosedRange<Double>,
    openCircuit: OpenCircuitVoltage, seriesResistance: CircuitMap, pairs: [CircuitPair]
  ) {
    precondition(capacity > 0, "a capacity must be positive")
    precondition(pairs.count <= 3, "at most three pairs")
    self.name = name
    self.source = source
    self.capacity = capacity
    nominalCapacity = capacity
    lowerCutOff = cutOff.lowerBound
    upperCutOff = cutOff.upperBound
    self.openCircuit = openCircuit
    self.seriesResistance = seriesResistance
    self.pairs = pairs
  }

  /// Current in amperes within which the resistances change over between charge and discharge.
  var changeOver: Double { 1e-3 * nominalCapacity / 3_600 }

  /// 1 on discharge, 0 on charge.
  func dischargeShare(_ current: Double) -> Double {
    max(0, min(1, 0.5 + 0.5 * current / changeOver))
  }
}
