// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What drives a simulated cell.

/// What is imposed on a cell; discharge is positive.
public enum CellControl: Hashable, Sendable {
  /// A current, in amperes.
  case current(Double)
  /// A terminal voltage, in volts.
  case voltage(Double)
  /// A power, in watts.
  case power(Double)
}

/// How the temperature of a cell is treated.
public enum ThermalModel: String, CaseIterable, Sendable {
  /// The cell stays at the ambient temperature.
  case isothermal
  /// One temperature, with ohmic, irreversible and reversible heat, and cooling of the surface.
  case lumped
  /// Temperatures of core and surface (equivalent circuit).
  case coreAndSurface = "core-surface"
  /// A field through the thickness of a flat cell or along the radius of a cylinder.
  case fieldAlongLine = "field-1d"
  /// A field in the plane of a flat cell, with tabs, or along radius and height of a cylinder.
  case fieldInPlane = "field-2d"
}

/// Slots of the functions whose sign changes end a step of a simulation.
public enum CellEvent: Int, CaseIterable, Hashable, Sendable {
  /// The terminal voltage fell to the limit.
  case lowerVoltage
  /// The terminal voltage rose to the limit.
  case upperVoltage
  /// The size of the current fell to the limit.
  case currentBelow
  /// The electrolyte is locally depleted of salt.
  case electrolyteDepleted
  /// The temperature rose to the limit.
  case temperatureAbove
  /// The potential of the anode against lithium fell to the limit: plating becomes possible.
  case platingPossible
  /// Lithium metal is plated above its critical current density: a dendrite starts.
  case criticalPlating
  /// The lithium metal is used up.
  case lithiumDepleted
  /// The cracks reached the centre of the particles of an electrode.
  case crackedThrough
}

/// Limits of the events; an event without a limit never happens.
public struct CellLimits: Hashable, Sendable {
  /// Terminal voltage at which a step ends going down, in volts.
  public var lowerVoltage = -Double.infinity
  /// Terminal voltage at which a step ends going up, in volts.
  public var upperVoltage = Double.infinity
  /// Size of the current at which a step ends, in amperes.
  public var currentBelow = -Double.infinity
  /// Salt concentration relative to rest at which a step ends.
  public var depletion = 1e-3
  /// Temperature at which a step ends, in kelvin.
  public var temperatureAbove = Double.infinity
  /// Anode potential at which a step ends, in volts.
  public var platingMargin = -Double.infinity

  /// Creates limits that never end a step, except local depletion of the electrolyte.
  public init() {}
}
