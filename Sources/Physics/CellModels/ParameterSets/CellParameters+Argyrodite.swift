// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Lithium metal, Li6PS5Cl and a NMC811 composite, put together from several publications.

import Foundation

extension CellParameters {
  /// Li | Li6PS5Cl | NMC811 sheet cell of 100 cm², 0.24 Ah, 2.8–4.25 V, at 5 MPa.
  ///
  /// No publication gives a complete set for one cell; this one joins published figures of the
  /// materials with assumed dimensions. Each value says which it is; the page on the solid-state
  /// cell lists them.
  public static let argyroditeNMC811: CellParameters = {
    var set = CellParameters(name: "ArgyroditeNMC811", source: "several; see each value")
    // Lithium: 60 µm when full (assumption); 534 kg/m³ and 6.94 g/mol.
    set.negative.thickness = 6e-5
    set.negative.activeFraction = 1
    set.negative.maximumConcentration = 76_923
    set.negative.initialConcentration = 0.99 * 76_923
    set.negative.density = 534
    set.negative.specificHeat = 3_570
    // Composite: 50 % NMC811, 40 % electrolyte, 10 % pores by volume, 40 µm (assumption).
    set.positive.thickness = 4e-5
    set.positive.porosity = 0.4
    set.positive.activeFraction = 0.5
    // Single crystals of 2.5 µm radius (assumption).
    set.positive.particleRadius = 2.5e-6
    // NMC811: Chen et al. (2020), doi:10.1149/1945-7111/ab9050, as are diffusivity and potential.
    set.positive.maximumConcentration = 63_104
    set.positive.initialConcentration = 17_038
    set.positive.diffusivity = PropertyFunction(constant: 4e-15, activationEnergy: 25_000)
    set.positive.openCircuitPotential = PropertyFunction(nickelRichPotentialToEmpty)
    // A tenth of Chen2020's rate in liquid electrolyte (assumption), at 1000 mol/m³.
    set.positive.reactionRate = 3.42e-7
    set.positive.reactionActivationEnergy = 17_800
    // Effective, without carbon: order of magnitude of Minnmann et al. (2021),
    // doi:10.1149/1945-7111/abf8d7.
    set.positive.conductivity = 1
    // Tortuous paths between particles, same source: 0.4^2.2 of the electrolyte (assumption).
    set.positive.bruggemanElectrolyte = 2.2
    set.positive.density = 0.5 * 4_780 + 0.4 * 1_860
    set.positive.specificHeat = 700
    // Separator: 30 µm (assumption), crystallographic density.
    set.separator.thickness = 3e-5
    set.separator.porosity = 1
    set.separator.density = 1_860
    set.separator.specificHeat = 800
    set.electrolyte.initialConcentration = 1_000
    set.solidState = .argyrodite
    var heat = CellHeatParameters()
    heat.coolingArea = 0.02
    heat.volume = 0.01 * 1.55e-4
    // Copper 10 µm and aluminium 15 µm: density times specific heat times thickness.
    heat.collectorHeatCapacity = 8_960 * 385 * 1e-5 + 2_700 * 897 * 1.5e-5
    heat.collectorThickness = 2.5e-5
    heat.field = .argyroditeSheet
    set.heat = heat
    set.electrodeArea = 0.01
    set.nominalCapacity = 0.24 * 3_600
    set.lowerCutOff = 2.8
    set.upperCutOff = 4.25
    return set
  }()

  /// Potential of NMC811 against lithium, in volts, to the end of lithiation.
  ///
  /// Chen et al. (2020), equation 9, whose data end at a stoichiometry of 0.91; beyond it an
  /// exponential fall is added (assumption), so that a cell on lithium metal reaches its cut-off.
  static let nickelRichPotentialToEmpty: @Sendable (Double) -> Double = { x in
    nickelRichPotential(x) - 0.9 * exp(80 * (x - 0.985))
  }
}

extension SolidStateParameters {
  /// Lithium on Li6PS5Cl at 5 MPa, and Li6PS5Cl beside NMC particles.
  static let argyrodite: SolidStateParameters = {
    var solid = SolidStateParameters()
    // 1.33 mS/cm and 0.3 to 0.4 eV, middle taken: Boulineau et al. (2012),
    // doi:10.1016/j.ssi.2012.06.008.
    solid.conductivity = PropertyFunction(constant: 0.133, activationEnergy: 33_800)
    // A pressure at which lithium was cycled for 1000 h: Doux et al. (2020),
    // doi:10.1002/aenm.201903253.
    solid.stackPressure = 5e6
    // 1 Ω·cm² or less between lithium and an oxide: Krauskopf et al. (2019),
    // doi:10.1021/acsami.9b02537; taken for the sulfide (assumption), as is its activation energy.
    solid.exchangeCurrentDensity = 250
    solid.exchangeActivationEnergy = 40_000
    // Exponent from arXiv:2501.00600; full contact at 25 MPa (assumption).
    solid.lithiumContact = PowerLawContact(fullPressure: 2.5e7, exponent: 0.5)
    // Modulus times slope and pressure left from densification: assumptions.
    solid.cathodeContact = PerssonContact(stiffness: 5e7, residualPressure: 4e7)
    // Form: Wenzel et al. (2018), doi:10.1016/j.ssi.2017.07.005. Size (assumption): 0.25 µm in two
    // weeks; resistivity (assumption): 25 Ω·cm² for that thickness.
    solid.interphaseGrowth = ParabolicInterphaseGrowth(constant: 5e-20, activationEnergy: 40_000)
    solid.interphaseThickness = 1e-8
    solid.interphaseResistivity = 1e4
    solid.interphaseActivationEnergy = 40_000
    // 8 Li per Li6PS5Cl to 5 Li2S, Li3P and LiCl, whose molar volumes add up to 195 cm³.
    solid.interphaseLithium = 8 / 1.95e-4
    // 0.2 and 1.0 mA/cm² at 3 and 7 MPa, plating 2.0 mA/cm²: Kasemchainan et al. (2019),
    // doi:10.1038/s41563-019-0438-9; exponent ln 5 / ln(7/3). Activation energy of creep, 37 kJ/mol:
    // LePage et al. (2019), doi:10.1149/2.0221902jes; for plating an assumption.
    solid.limits = CreepLimits(
      reference: 2, referencePressure: 3e6, exponent: 1.8995, activationEnergy: 37_000,
      platingReference: 20)
    // Lengths of refilling and of lost contact: assumptions.
    solid.voidRefilling = 1e-7
    solid.voidContactLoss = 5e-6
    return solid
  }()
}
