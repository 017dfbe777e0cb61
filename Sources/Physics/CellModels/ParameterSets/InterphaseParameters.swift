// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameters of the interphase on graphite, in coherent SI.

/// The parameters of growth of the solid-electrolyte interphase (SEI), in coherent SI.
public struct InterphaseParameters: Sendable {
  /// Thickness at the start, in metres.
  public var initialThickness = 5e-9
  /// Thickness on the walls of cracks at the start, in metres, as if spread over the particle.
  public var initialCrackThickness = 5e-13
  /// Volume per mole of film, in m³/mol.
  public var partialMolarVolume = 9.585e-5
  /// Lithium per film molecule.
  public var lithiumPerMolecule = 2.0
  /// Resistivity of the film, in Ω·m.
  public var resistivity = 2e5
  /// Potential of the reaction against lithium, in volts.
  public var potential = 0.4
  /// Activation energy of growth, in J/mol.
  public var activationEnergy = 0.0
  /// Exchange-current density of the reaction limit, in A/m².
  public var exchangeCurrentDensity = 1.5e-7
  /// Diffusivity of the solvent in the film, in m²/s.
  public var solventDiffusivity = 2.5e-22
  /// Solvent concentration in the bulk, in mol/m³.
  public var solventConcentration = 2_636.0
  /// Conductivity of the film for electrons, in S/m.
  public var electronConductivity = 8.95e-14
  /// Diffusivity of lithium interstitials, in m²/s.
  public var interstitialDiffusivity = 1e-20
  /// Concentration of lithium interstitials, in mol/m³.
  public var interstitialConcentration = 15.0
  /// Rate constant of the reaction of ethylene carbonate, in m/s.
  public var carbonateRate = 1e-12
  /// Diffusivity of ethylene carbonate in the film, in m²/s.
  public var carbonateDiffusivity = 2e-18
  /// Concentration of ethylene carbonate, in mol/m³.
  public var carbonateConcentration = 4_541.0

  /// Creates the values that Chen2020 and Marquis2019 use.
  public init() {}
}
