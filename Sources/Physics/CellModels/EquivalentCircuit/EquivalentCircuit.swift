// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An equivalent-circuit cell: parameters and state.

public import Quantities

/// An equivalent-circuit cell: open-circuit voltage, series resistance, slow losses, hysteresis and
/// a lumped heat balance.
///
/// `V = U(z, T) + hysteresis − i·R₀·f(z, T) − Σ vₖ`. The losses and the temperature are stepped
/// exactly for constant current, so the result does not depend on the step length except through
/// the resistance factor, which is held during a step.
public struct EquivalentCircuit<Loss: Polarisation, Loop: Hysteresis>: Sendable {
  /// Capacity in coulombs.
  public let capacity: Double
  /// Open-circuit voltage.
  public let openCircuit: OpenCircuitVoltage
  /// Series resistance in ohms, at the reference temperature.
  public let seriesResistance: Double
  /// Slow losses.
  public let polarisation: Loss
  /// Dependence of all resistances on temperature and state of charge.
  public let resistanceFactor: ResistanceFactor
  /// Hysteresis.
  public let hysteresis: Loop
  /// Heat balance.
  public let heat: LumpedHeat

  /// Creates a cell.
  ///
  /// - Parameters:
  ///   - capacity: Capacity; positive.
  ///   - openCircuit: Open-circuit voltage.
  ///   - seriesResistance: Resistance at the reference temperature; not negative.
  ///   - polarisation: Slow losses.
  ///   - resistanceFactor: Dependence of all resistances on temperature and state of charge.
  ///   - hysteresis: Hysteresis.
  ///   - heat: Heat balance.
  public init(
    capacity: Charge, openCircuit: OpenCircuitVoltage, seriesResistance: Resistance,
    polarisation: Loss, resistanceFactor: ResistanceFactor = ResistanceFactor(),
    hysteresis: Loop, heat: LumpedHeat = .isothermal
  ) {
    precondition(capacity.value > 0, "a capacity must be positive")
    precondition(seriesResistance.value >= 0, "a resistance cannot be negative")
    self.capacity = capacity.value
    self.openCircuit = openCircuit
    self.seriesResistance = seriesResistance.value
    self.polarisation = polarisation
    self.resistanceFactor = resistanceFactor
    self.hysteresis = hysteresis
    self.heat = heat
  }

  /// What a cell remembers between steps.
  public struct State: Sendable {
    /// State of charge as a fraction.
    public var stateOfCharge: Double
    /// Temperature in kelvin.
    public var temperature: Double
    /// State of the slow losses.
    public var polarisation: Loss.State
    /// State of the hysteresis.
    public var hysteresis: Loop.State
  }

  /// The state of a rested cell.
  public func restState(stateOfCharge: Double, temperature: Temperature) -> State {
    State(
      stateOfCharge: stateOfCharge, temperature: temperature.value,
      polarisation: polarisation.restState, hysteresis: hysteresis.neutralState)
  }
}
