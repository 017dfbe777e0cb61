// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Chen2020: LG M50 21700, NMC811 against graphite–SiOx.

import Foundation

extension CellParameters {
  /// LG M50 21700, NMC811 / graphite–SiOx, 5 Ah, 2.5–4.2 V.
  ///
  /// Chen et al. (2020), doi:10.1149/1945-7111/ab9050; electrolyte of Nyman et al. (2008),
  /// doi:10.1016/j.electacta.2008.04.023; film growth values of Yang et al. (2017),
  /// doi:10.1016/j.jpowsour.2017.05.110. Initial state: the fully charged cell of the paper.
  public static let chen2020: CellParameters = {
    var set = CellParameters(name: "Chen2020", source: "doi:10.1149/1945-7111/ab9050")
    set.negative.thickness = 8.52e-5
    set.negative.porosity = 0.25
    set.negative.activeFraction = 0.75
    set.negative.particleRadius = 5.86e-6
    set.negative.maximumConcentration = 33_133
    set.negative.initialConcentration = 29_866
    set.negative.conductivity = 215
    set.negative.diffusivity = PropertyFunction(constant: 3.3e-14)
    set.negative.openCircuitPotential = PropertyFunction(graphiteSiliconPotential)
    set.negative.reactionRate = 6.48e-7
    set.negative.reactionActivationEnergy = 35_000
    set.negative.density = 1_657
    set.negative.specificHeat = 700
    set.positive.thickness = 7.56e-5
    set.positive.porosity = 0.335
    set.positive.activeFraction = 0.665
    set.positive.particleRadius = 5.22e-6
    set.positive.maximumConcentration = 63_104
    set.positive.initialConcentration = 17_038
    set.positive.conductivity = 0.18
    set.positive.diffusivity = PropertyFunction(constant: 4e-15)
    set.positive.openCircuitPotential = PropertyFunction(nickelRichPotential)
    set.positive.reactionRate = 3.42e-6
    set.positive.reactionActivationEnergy = 17_800
    set.positive.density = 3_262
    set.positive.specificHeat = 700
    set.separator.thickness = 1.2e-5
    set.separator.porosity = 0.47
    set.separator.density = 397
    set.separator.specificHeat = 700
    set.electrolyte.initialConcentration = 1_000
    set.electrolyte.transferenceNumber = 0.2594
    set.electrolyte.diffusivity = PropertyFunction(nymanDiffusivity)
    set.electrolyte.conductivity = PropertyFunction(nymanConductivity)
    var heat = CellHeatParameters()
    heat.coolingArea = 0.005_31
    heat.volume = 2.42e-5
    // Copper 12 µm and aluminium 16 µm: density times specific heat times thickness.
    heat.collectorHeatCapacity = 8_960 * 385 * 1.2e-5 + 2_700 * 897 * 1.6e-5
    heat.collectorThickness = 2.8e-5
    heat.field = .lgM50(set)
    set.heat = heat
    set.interphase = InterphaseParameters()
    set.electrodeArea = 0.065 * 1.58
    set.nominalCapacity = 5 * 3_600
    set.lowerCutOff = 2.5
    set.upperCutOff = 4.2
    return set
  }()

  /// Potential of the LG M50's negative electrode, in volts: Chen et al. (2020), equation 8.
  static let graphiteSiliconPotential: @Sendable (Double) -> Double = { x in
    let steps: Double =
      0.0909 * tanh(29.8538 * (x - 0.1234)) + 0.04478 * tanh(14.9159 * (x - 0.2769))
      + 0.0205 * tanh(30.4444 * (x - 0.6103))
    return 1.9793 * exp(-39.3631 * x) + 0.2482 - steps
  }

  /// Potential of the LG M50's positive electrode, in volts: Chen et al. (2020), equation 9.
  static let nickelRichPotential: @Sendable (Double) -> Double = { x in
    let steps: Double =
      -0.0428 * tanh(18.5138 * (x - 0.5542)) - 17.7326 * tanh(15.7890 * (x - 0.3117))
    return -0.8090 * x + 4.4875 + steps + 17.5842 * tanh(15.9308 * (x - 0.3120))
  }

  /// Diffusivity of LiPF6 in EC:EMC 3:7, in m²/s: Nyman et al. (2008).
  static let nymanDiffusivity: @Sendable (Double) -> Double = { c in
    let molar = c / 1_000
    return (8.794e-11 * molar - 3.972e-10) * molar + 4.862e-10
  }

  /// Conductivity of LiPF6 in EC:EMC 3:7, in S/m: Nyman et al. (2008).
  static let nymanConductivity: @Sendable (Double) -> Double = { c in
    let molar = max(0, c) / 1_000
    return 0.1297 * molar * molar * molar - 2.51 * molar * molar.squareRoot() + 3.329 * molar
  }
}
