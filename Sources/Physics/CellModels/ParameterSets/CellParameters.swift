// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The parameters of an electrochemical cell model, in coherent SI.

/// The parameters of one porous electrode, in coherent SI.
public struct PorousElectrodeParameters: Sendable {
  /// Thickness of the coating, in metres.
  public var thickness = 0.0
  /// Volume fraction of electrolyte.
  public var porosity = 0.0
  /// Volume fraction of active material.
  public var activeFraction = 0.0
  /// Radius of the particles, in metres.
  public var particleRadius = 0.0
  /// Lithium concentration of the full host, in mol/m³.
  public var maximumConcentration = 0.0
  /// Lithium concentration at the start, in mol/m³.
  public var initialConcentration = 0.0
  /// Electronic conductivity of the solid, in S/m, before the Bruggeman factor.
  public var conductivity = 0.0
  /// Exponent of the porosity in effective electrolyte properties.
  public var bruggemanElectrolyte = 1.5
  /// Exponent of the active fraction in the effective electronic conductivity.
  public var bruggemanElectrode = 0.0
  /// Diffusivity of lithium in the particle, in m²/s, by stoichiometry.
  public var diffusivity = PropertyFunction(constant: 0)
  /// Open-circuit potential against lithium, in volts, by stoichiometry.
  public var openCircuitPotential = PropertyFunction(constant: 0)
  /// Change of the potential with temperature, in V/K, by stoichiometry.
  public var entropicChange = PropertyFunction(constant: 0)
  /// `m` of the exchange-current density `m·√(c_e·c·(c_max − c))`, in A/m²·(m³/mol)^1.5.
  public var reactionRate = 0.0
  /// Activation energy of `m`, in J/mol.
  public var reactionActivationEnergy = 0.0
  /// Density of the coating, in kg/m³.
  public var density = 0.0
  /// Specific heat of the coating, in J/(kg·K).
  public var specificHeat = 0.0
  /// Mechanics of the particles; nil when the source gives none.
  public var mechanics: ParticleMechanics?

  /// A second active material; only the negative electrode of SPM, SPMe and DFN can have one.
  public var second: SecondMaterialParameters?

  /// Creates an electrode with nothing set; every set fills all of it.
  public init() {}

  /// Particle surface per volume of electrode, in 1/m: `3·ε_s/R`.
  public var surfaceDensity: Double { 3 * activeFraction / particleRadius }
}

/// The parameters of the separator, in coherent SI.
public struct SeparatorParameters: Sendable {
  /// Thickness, in metres.
  public var thickness = 0.0
  /// Volume fraction of electrolyte.
  public var porosity = 0.0
  /// Exponent of the porosity in effective electrolyte properties.
  public var bruggemanElectrolyte = 1.5
  /// Density, in kg/m³.
  public var density = 0.0
  /// Specific heat, in J/(kg·K).
  public var specificHeat = 0.0

  /// Creates a separator with nothing set.
  public init() {}
}

/// The parameters of the electrolyte, in coherent SI.
public struct ElectrolyteParameters: Sendable {
  /// Salt concentration at rest, in mol/m³.
  public var initialConcentration = 0.0
  /// Transference number of the lithium ion.
  public var transferenceNumber = 0.0
  /// Thermodynamic factor `1 + ∂ln f/∂ln c`.
  public var thermodynamicFactor = 1.0
  /// Salt diffusivity, in m²/s, by concentration in mol/m³.
  public var diffusivity = PropertyFunction(constant: 0)
  /// Ionic conductivity, in S/m, by concentration in mol/m³.
  public var conductivity = PropertyFunction(constant: 0)

  /// Creates an electrolyte with nothing set.
  public init() {}
}

/// The parameters of heat storage and loss of a cell, in coherent SI.
public struct CellHeatParameters: Sendable {
  /// Cooled surface, in m².
  public var coolingArea = 0.0
  /// Volume of the cell, in m³.
  public var volume = 0.0
  /// Heat transfer coefficient of the cooled surface, in W/(m²·K).
  public var transferCoefficient = 10.0
  /// Heat capacity of both collectors per area, in J/(m²·K).
  public var collectorHeatCapacity = 0.0
  /// Thickness of both collectors, in metres.
  public var collectorThickness = 0.0
  /// Shape and conductivities for a temperature field; nil when the source gives none.
  public var field: CellFieldParameters?

  /// Creates heat parameters with nothing set.
  public init() {}
}

/// The parameters of an electrochemical cell model, in coherent SI; see ``named(_:)`` for
/// the sets that ship with the library.
public struct CellParameters: Sendable {
  /// Name of the set.
  public var name: String
  /// Where the numbers come from.
  public var source: String
  /// Negative electrode.
  public var negative = PorousElectrodeParameters()
  /// Positive electrode.
  public var positive = PorousElectrodeParameters()
  /// Separator.
  public var separator = SeparatorParameters()
  /// Electrolyte.
  public var electrolyte = ElectrolyteParameters()
  /// Heat; nil when the source gives none.
  public var heat: CellHeatParameters?
  /// Growth of the solid-electrolyte interphase; nil when the source gives none.
  public var interphase: InterphaseParameters?
  /// Lithium plating on the negative electrode; nil when the source gives none.
  public var plating: PlatingParameters?
  /// Lithium metal and solid electrolyte; nil for cells with liquid electrolyte.
  public var solidState: SolidStateParameters?
  /// Area of one electrode pair, in m².
  public var electrodeArea = 0.0
  /// Electrode pairs in parallel.
  public var pairCount = 1.0
  /// Resistance of the contacts, in ohms.
  public var contactResistance = 0.0
  /// Whether the source has no electrolyte, separator and pores: the set then serves SPM alone.
  public var servesSPMAlone = false
  /// Nominal capacity, in coulombs.
  public var nominalCapacity = 0.0
  /// Lower voltage cut-off, in volts.
  public var lowerCutOff = 0.0
  /// Upper voltage cut-off, in volts.
  public var upperCutOff = 0.0
  /// Temperature of the numbers, in kelvin.
  public var referenceTemperature = 298.15
  /// Ambient temperature, in kelvin.
  public var ambientTemperature = 298.15

  /// Creates a set with nothing set.
  public init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// Thickness of the electrode stack without collectors, in metres.
  public var stackThickness: Double {
    negative.thickness + separator.thickness + positive.thickness
  }
}
