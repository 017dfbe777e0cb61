// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Marquis2019: Kokam pouch, LiCoO2 against graphite.

import Foundation

extension CellParameters {
  /// Kokam SLPB 75106100 layer, LiCoO2 / graphite, 0.68 Ah, 3.105–4.1 V.
  ///
  /// Marquis et al. (2019), doi:10.1149/2.0341915jes; potentials and kinetics of DUALFOIL
  /// (Newman 1998); entropic changes of Moura et al. (2017), doi:10.1109/TCST.2016.2571663;
  /// electrolyte of Capiglia et al. (1999), doi:10.1016/S0378-7753(98)00237-7.
  public static let marquis2019: CellParameters = {
    var set = CellParameters(name: "Marquis2019", source: "doi:10.1149/2.0341915jes")
    set.negative.thickness = 1e-4
    set.negative.porosity = 0.3
    set.negative.activeFraction = 0.6
    set.negative.particleRadius = 1e-5
    set.negative.maximumConcentration = 24_983.2619938437
    set.negative.initialConcentration = 19_986.609595075
    set.negative.conductivity = 100
    set.negative.bruggemanElectrode = 1.5
    set.negative.diffusivity = PropertyFunction(constant: 3.9e-14, activationEnergy: 42_770)
    set.negative.openCircuitPotential = PropertyFunction(carbonPotential)
    set.negative.entropicChange = PropertyFunction(carbonEntropicChange)
    set.negative.reactionRate = 2e-5
    set.negative.reactionActivationEnergy = 37_480
    set.negative.density = 1_657
    set.negative.specificHeat = 700
    set.positive.thickness = 1e-4
    set.positive.porosity = 0.3
    set.positive.activeFraction = 0.5
    set.positive.particleRadius = 1e-5
    set.positive.maximumConcentration = 51_217.9257309275
    set.positive.initialConcentration = 30_730.7554385565
    set.positive.conductivity = 10
    set.positive.bruggemanElectrode = 1.5
    set.positive.diffusivity = PropertyFunction(constant: 1e-13, activationEnergy: 18_550)
    set.positive.openCircuitPotential = PropertyFunction(cobaltOxidePotential)
    set.positive.entropicChange = PropertyFunction(cobaltOxideEntropicChange)
    set.positive.reactionRate = 6e-7
    set.positive.reactionActivationEnergy = 39_570
    set.positive.density = 3_262
    set.positive.specificHeat = 700
    set.separator.thickness = 2.5e-5
    set.separator.porosity = 1
    set.separator.density = 397
    set.separator.specificHeat = 700
    set.electrolyte.initialConcentration = 1_000
    set.electrolyte.transferenceNumber = 0.4
    set.electrolyte.diffusivity = PropertyFunction(activationEnergy: 37_040) { c in
      5.34e-10 * exp(-0.65 * c / 1_000)
    }
    set.electrolyte.conductivity = PropertyFunction(activationEnergy: 34_700) { c in
      let molar = c / 1_000
      return 0.0911 + molar * (1.9101 + molar * (-1.052 + molar * 0.1554))
    }
    var heat = CellHeatParameters()
    heat.coolingArea = 0.0569
    heat.volume = 7.8e-6
    // Copper and aluminium of 25 µm each: density times specific heat times thickness.
    heat.collectorHeatCapacity = 8_954 * 385 * 2.5e-5 + 2_707 * 897 * 2.5e-5
    heat.collectorThickness = 5e-5
    heat.field = .kokam(set)
    set.heat = heat
    set.interphase = InterphaseParameters()
    set.electrodeArea = 0.137 * 0.207
    set.nominalCapacity = 0.680616 * 3_600
    set.lowerCutOff = 3.105
    set.upperCutOff = 4.1
    return set
  }()

  /// Potential of mesocarbon microbeads, in volts: DUALFOIL (Newman 1998).
  static let carbonPotential: @Sendable (Double) -> Double = { x in
    var u = 0.194 + 1.5 * exp(-120 * x)
    u += 0.0351 * tanh((x - 0.286) / 0.083)
    u -= 0.0045 * tanh((x - 0.849) / 0.119)
    u -= 0.035 * tanh((x - 0.9233) / 0.05)
    u -= 0.0147 * tanh((x - 0.5) / 0.034)
    u -= 0.102 * tanh((x - 0.194) / 0.142)
    u -= 0.022 * tanh((x - 0.9) / 0.0164)
    u -= 0.011 * tanh((x - 0.124) / 0.0226)
    return u + 0.0155 * tanh((x - 0.105) / 0.029)
  }

  /// Potential of lithium cobalt oxide, in volts: DUALFOIL (Newman 1998), stretched by 1.062.
  static let cobaltOxidePotential: @Sendable (Double) -> Double = { y in
    let x = 1.062 * y
    var u = 2.16216
    u += 0.07645 * tanh(30.834 - 54.4806 * x)
    u += 2.1581 * tanh(52.294 - 50.294 * x)
    u -= 0.14169 * tanh(11.0923 - 19.8543 * x)
    u += 0.2051 * tanh(1.4684 - 5.4888 * x)
    u += 0.2531 * tanh((-x + 0.56478) / 0.1316)
    return u - 0.02167 * tanh((x - 0.525) / 0.006)
  }

  private static func bell(_ z: Double) -> Double {
    let c = cosh(min(abs(z), 300))
    return 1 / (c * c)
  }

  /// Entropic change of graphite, in V/K: Moura et al. (2017), per concentration as published.
  static let carbonEntropicChange: @Sendable (Double) -> Double = { x in
    var sum = -1.5 * 120 * exp(-120 * x)
    sum += 0.0351 / 0.083 * bell((x - 0.286) / 0.083)
    sum -= 0.0045 / 0.119 * bell((x - 0.849) / 0.119)
    sum -= 0.035 / 0.05 * bell((x - 0.9233) / 0.05)
    sum -= 0.0147 / 0.034 * bell((x - 0.5) / 0.034)
    sum -= 0.102 / 0.142 * bell((x - 0.194) / 0.142)
    sum -= 0.022 / 0.0164 * bell((x - 0.9) / 0.0164)
    sum -= 0.011 / 0.0226 * bell((x - 0.124) / 0.0226)
    sum += 0.0155 / 0.029 * bell((x - 0.105) / 0.029)
    return sum / 24_983.2619938437
  }

  /// Entropic change of lithium cobalt oxide, in V/K: Moura et al. (2017), as published.
  static let cobaltOxideEntropicChange: @Sendable (Double) -> Double = { y in
    let x = 1.062 * y
    var sum = -0.07645 * 54.4806 * bell(30.834 - 54.4806 * x)
    sum -= 2.1581 * 50.294 * bell(52.294 - 50.294 * x)
    sum += 0.14169 * 19.854 * bell(11.0923 - 19.8543 * x)
    sum -= 0.2051 * 5.4888 * bell(1.4684 - 5.4888 * x)
    sum -= 0.2531 / 0.1316 * bell((-x + 0.56478) / 0.1316)
    sum -= 0.02167 / 0.006 * bell((x - 0.525) / 0.006)
    return sum / 51_217.9257309275
  }
}
