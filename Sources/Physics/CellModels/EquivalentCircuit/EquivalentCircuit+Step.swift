// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Voltage and exact time step of an equivalent-circuit cell.

/// What a step of a cell did.
public struct CellStep: Hashable, Sendable {
  /// Terminal voltage at the end of the step, in volts.
  public var voltage: Double
  /// Heat from resistances during the step, in joules.
  public var irreversibleHeat: Double
  /// Heat from the entropy change during the step, in joules; negative cools.
  public var reversibleHeat: Double
}

extension EquivalentCircuit {
  /// The factor on all resistances in a state.
  public func resistanceFactor(_ state: State) -> Double {
    resistanceFactor.value(temperature: state.temperature, stateOfCharge: state.stateOfCharge)
  }

  /// The terminal voltage in a state under a current, in volts.
  ///
  /// - Parameters:
  ///   - state: The state.
  ///   - current: In amperes, discharge positive.
  /// - Returns: Terminal voltage in volts.
  public func voltage(_ state: State, current: Double) -> Double {
    openCircuit.voltage(at: state.stateOfCharge, temperature: state.temperature)
      + hysteresis.voltage(state.hysteresis)
      - current * seriesResistance * resistanceFactor(state)
      - polarisation.overpotential(state.polarisation)
  }

  /// Advances a cell over a step of constant current.
  ///
  /// Heat is the dissipation in all resistors plus the reversible heat `−i·T·dU/dT`; charge is
  /// conserved exactly.
  ///
  /// - Parameters:
  ///   - state: The state, changed in place.
  ///   - current: In amperes, discharge positive.
  ///   - duration: In seconds, not negative.
  ///   - ambient: Temperature of the surroundings, in kelvin.
  /// - Returns: Voltage at the end and heat during the step.
  /// - Complexity: O(1).
  /// - Reference: Bernardi, Pawlikowski & Newman (1985), doi:10.1149/1.2113792, for the heat.
  public func advance(
    _ state: inout State, current: Double, duration: Double, ambient: Double
  ) -> CellStep {
    let factor = resistanceFactor(state)
    let middle = state.stateOfCharge - current * duration / capacity / 2
    let slowHeat = polarisation.advance(
      &state.polarisation, current: current, duration: duration, factor: factor)
    let irreversible =
      slowHeat + current * current * seriesResistance * factor * duration
    let reversible =
      -current * state.temperature * openCircuit.entropy(at: middle) * duration
    hysteresis.advance(&state.hysteresis, throughput: current * duration / capacity)
    state.stateOfCharge -= current * duration / capacity
    if duration > 0 {
      state.temperature = heat.advanced(
        state.temperature, power: (irreversible + reversible) / duration, ambient: ambient,
        duration: duration)
    }
    return CellStep(
      voltage: voltage(state, current: current), irreversibleHeat: irreversible,
      reversibleHeat: reversible)
  }
}
