// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An equivalent circuit stepped exactly through measured currents.

import Foundation

/// An equivalent circuit stepped through currents that are constant over each step.
///
/// Pairs, hysteresis and temperature are stepped exactly with the resistances of the middle of the
/// step, so a step may be as long as the resistances hardly change over it.
public struct CircuitCell: Sendable {
  /// The parameters.
  public let parameters: CircuitParameters

  /// Creates a cell.
  public init(_ parameters: CircuitParameters) { self.parameters = parameters }

  /// What a cell remembers between steps.
  public struct State: Hashable, Sendable {
    /// State of charge as a fraction.
    public var stateOfCharge: Double
    /// Voltages of the pairs, in volts; unused places are zero.
    public var overpotentials = SIMD4<Double>.zero
    /// −1 after long discharge, +1 after long charge.
    public var hysteresis: Double
    /// In kelvin.
    public var temperature: Double

    /// A rested cell.
    ///
    /// - Parameters:
    ///   - stateOfCharge: As a fraction.
    ///   - temperature: In kelvin.
    ///   - hysteresis: −1 after long discharge, +1 after long charge, 0 when not known.
    public init(stateOfCharge: Double, temperature: Double, hysteresis: Double = 0) {
      self.stateOfCharge = stateOfCharge
      self.temperature = temperature
      self.hysteresis = hysteresis
    }
  }

  /// The terminal voltage in a state under a current, in volts.
  public func voltage(_ state: State, current: Double) -> Double {
    let p = parameters
    return p.openCircuit.voltage(at: state.stateOfCharge, temperature: state.temperature)
      + p.hysteresisAmplitude * state.hysteresis - state.overpotentials.sum()
      - current
      * p.seriesResistance.value(
        stateOfCharge: state.stateOfCharge, temperature: state.temperature,
        dischargeShare: p.dischargeShare(current))
  }

  /// Advances a cell over a step of constant current.
  ///
  /// - Parameters:
  ///   - state: The state, changed in place.
  ///   - current: In amperes, discharge positive.
  ///   - duration: In seconds, not negative.
  ///   - temperature: Measured temperature at the end of the step, in kelvin; nil lets the heat
  ///     balance decide.
  ///   - ambient: Temperature of the surroundings for the heat balance, in kelvin.
  /// - Complexity: O(pairs).
  public func advance(
    _ state: inout State, current: Double, duration: Double, temperature: Double? = nil,
    ambient: Double = 298.15
  ) {
    let p = parameters
    let middle = state.stateOfCharge - current * duration / p.capacity / 2
    let share = p.dischargeShare(current)
    var heat = 0.0
    let balances = temperature == nil && p.heat != nil
    for (k, pair) in p.pairs.enumerated() {
      let resistance = pair.resistance.value(
        stateOfCharge: middle, temperature: state.temperature, dischargeShare: share)
      let tau = pair.timeConstant(temperature: state.temperature)
      let final = current * resistance
      let excess = state.overpotentials[k] - final
      let decay = exp(-duration / tau)
      if balances, resistance > 2 * CircuitMap.smallestResistance {
        let squares: Double =
          final * final * duration + 2 * final * excess * tau * (1 - decay)
          + excess * excess * tau / 2 * (1 - decay * decay)
        heat += squares / resistance
      }
      state.overpotentials[k] = final + excess * decay
    }
    if balances, let balance = p.heat, duration > 0 {
      let series = p.seriesResistance.value(
        stateOfCharge: middle, temperature: state.temperature, dischargeShare: share)
      heat += current * current * series * duration
      heat -= current * p.hysteresisAmplitude * state.hysteresis * duration
      heat -= current * state.temperature * p.openCircuit.entropy(at: middle) * duration
      state.temperature = balance.advanced(
        state.temperature, power: heat / duration, ambient: ambient, duration: duration)
    }
    let moved = current * duration / p.capacity
    if moved != 0 {
      let target = moved > 0 ? -1.0 : 1.0
      state.hysteresis =
        target + (state.hysteresis - target) * exp(-p.hysteresisRate * moved.magnitude)
    }
    state.stateOfCharge -= moved
    if let temperature { state.temperature = temperature }
  }
}
