// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// OKane2022: LG M50 with film growth that depends on temperature.

extension CellParameters {
  /// LG M50 21700 with film growth, 5 Ah, 2.5–4.2 V.
  ///
  /// O'Kane et al. (2022), doi:10.1039/D2CP00417H, on ``chen2020``; temperature dependences of
  /// Ecker et al. (2015), doi:10.1149/2.0551509jes.
  public static let okane2022: CellParameters = {
    var set = CellParameters.chen2020
    set.name = "OKane2022"
    set.source = "doi:10.1039/D2CP00417H"
    set.negative.bruggemanElectrode = 1.5
    set.positive.bruggemanElectrode = 1.5
    set.negative.diffusivity = PropertyFunction(constant: 3.3e-14, activationEnergy: 30_300)
    set.positive.diffusivity = PropertyFunction(constant: 4e-15, activationEnergy: 25_000)
    if let potential = try? PropertyFunction(
      x: GraphiteSiliconTable.stoichiometries, y: GraphiteSiliconTable.potentials)
    {
      set.negative.openCircuitPotential = potential
    } else {
      preconditionFailure("the table of the set is not ascending")
    }
    set.electrolyte.diffusivity.activationEnergy = 17_000
    set.electrolyte.conductivity.activationEnergy = 17_000
    var interphase = InterphaseParameters()
    interphase.lithiumPerMolecule = 1
    interphase.activationEnergy = 38_000
    set.interphase = interphase
    set.plating = PlatingParameters()
    set.negative.mechanics = graphiteMechanics
    set.positive.mechanics = nickelRichMechanics(set.positive.maximumConcentration)
    return set
  }()
  /// Particles of graphite: Ai et al. (2020), doi:10.1149/2.0122001JES, and O'Kane et al. (2022).
  private static let graphiteMechanics: ParticleMechanics = {
    var mechanics = agedMechanics
    mechanics.partialMolarVolume = 3.1e-6
    mechanics.youngModulus = 1.5e10
    mechanics.poissonRatio = 0.3
    mechanics.criticalStress = 6e7
    mechanics.volumeChange = PropertyFunction(graphiteVolumeChange)
    return mechanics
  }()

  /// Particles of nickel-rich oxide: Ai et al. (2020) and O'Kane et al. (2022).
  private static func nickelRichMechanics(_ maximum: Double) -> ParticleMechanics {
    var mechanics = agedMechanics
    mechanics.partialMolarVolume = 1.25e-5
    mechanics.youngModulus = 3.75e11
    mechanics.poissonRatio = 0.2
    mechanics.criticalStress = 3.75e8
    mechanics.volumeChange = PropertyFunction { 1.25e-5 * maximum * $0 }
    return mechanics
  }

  /// Fatigue of both electrodes: O'Kane et al. (2022) with the cracking rate of Ai et al. (2020).
  private static let agedMechanics: ParticleMechanics = {
    var mechanics = ParticleMechanics()
    mechanics.lossRate = 1e-3 / 3_600
    mechanics.lossExponent = 2
    mechanics.initialCrackLength = 20e-9
    mechanics.crackWidth = 15e-9
    mechanics.crackDensity = 3.18e15
    mechanics.parisFactor = 1.12
    mechanics.parisExponent = 2.2
    mechanics.crackingRate = 3.9e-20
    return mechanics
  }()

  /// Relative change of graphite's volume by stoichiometry: Ai et al. (2020),
  /// doi:10.1149/2.0122001JES, after Rieger et al. (2016).
  static let graphiteVolumeChange: @Sendable (Double) -> Double = { x in
    let coefficients = [
      145.907, -681.229, 1_334.442, -1_415.710, 873.906, -312.528, 60.641, -5.706, 0.386, -4.966e-5,
    ]
    return coefficients.reduce(0) { $0 * x + $1 }
  }
}
