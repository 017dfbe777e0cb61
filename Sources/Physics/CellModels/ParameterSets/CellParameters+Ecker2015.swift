// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ecker2015: Kokam pouch, Li(Ni0.4Co0.6)O2 against graphite, diffusivities by stoichiometry.

import Foundation
import Quantities

extension CellParameters {
  /// Kokam SLPB 75106100 layer, Li(Ni,Co)O2 / graphite, 0.156 Ah, 2.5–4.2 V.
  ///
  /// Ecker et al. (2015), doi:10.1149/2.0551509jes and doi:10.1149/2.0541509jes, with the
  /// expressions fitted by O'Kane in Richardson et al. (2020),
  /// doi:10.1016/j.electacta.2020.135862. Both particle diffusivities depend strongly on the
  /// stoichiometry. The conductivity's factor `1/T` is left out (0.7 % at 25 °C).
  public static let ecker2015: CellParameters = {
    var set = CellParameters(name: "Ecker2015", source: "doi:10.1149/2.0551509jes")
    set.referenceTemperature = 296.15
    set.negative.thickness = 7.4e-5
    set.negative.porosity = 0.329
    set.negative.activeFraction = 0.372403
    set.negative.particleRadius = 1.37e-5
    set.negative.maximumConcentration = 31_920
    set.negative.initialConcentration = 26_120.05
    set.negative.conductivity = 14
    set.negative.bruggemanElectrolyte = 1.6372789338386007
    // The source states diffusivities and conductivity at 296 K and kinetics at 296.15 K.
    set.negative.diffusivity = PropertyFunction(activationEnergy: 30_300) { x in
      (8.4e-13 * exp(-11.3 * x) + 8.2e-15) * fromStated(30_300)
    }
    set.negative.openCircuitPotential = PropertyFunction(eckerGraphitePotential)
    set.negative.reactionRate = PhysicalConstants.faraday * 1.11e-10
    set.negative.reactionActivationEnergy = 53_400
    set.negative.density = 1_555
    set.negative.specificHeat = 1_437
    set.positive.thickness = 5.4e-5
    set.positive.porosity = 0.296
    set.positive.activeFraction = 0.40832
    set.positive.particleRadius = 6.5e-6
    set.positive.maximumConcentration = 48_580
    set.positive.initialConcentration = 12_630.8
    set.positive.conductivity = 68.1
    set.positive.bruggemanElectrolyte = 1.5442267190786427
    set.positive.diffusivity = PropertyFunction(activationEnergy: 80_600) { x in
      (3.7e-13 - 3.4e-13 * exp(-12 * (x - 0.62) * (x - 0.62))) * fromStated(80_600)
    }
    set.positive.openCircuitPotential = PropertyFunction(eckerNickelCobaltPotential)
    set.positive.reactionRate = PhysicalConstants.faraday * 3.01e-11
    set.positive.reactionActivationEnergy = 43_600
    set.positive.density = 2_895
    set.positive.specificHeat = 1_270
    set.separator.thickness = 2e-5
    set.separator.porosity = 0.508
    set.separator.bruggemanElectrolyte = 1.9804586773134945
    set.separator.density = 1_017
    set.separator.specificHeat = 1_978
    set.electrolyte.initialConcentration = 1_000
    set.electrolyte.transferenceNumber = 0.26
    set.electrolyte.conductivity = PropertyFunction(activationEnergy: 17_100, eckerConductivity)
    // Nernst and Einstein: D = k_B·T·σ/(F·q·c) = R·T·σ/(F²·c). The fit of σ does not vanish without
    // salt, so below 100 mol/m³ the value there is kept.
    set.electrolyte.diffusivity = PropertyFunction(activationEnergy: 17_100) { c in
      let faraday = PhysicalConstants.faraday
      let salt = max(c, 100)
      return PhysicalConstants.gas * 296.15 * eckerConductivity(salt) / (faraday * faraday * salt)
    }
    var heat = CellHeatParameters()
    heat.coolingArea = 0.0172
    heat.volume = 1.52e-6
    // Copper 14 µm and aluminium 15 µm: density times specific heat times thickness.
    heat.collectorHeatCapacity = 8_933 * 385 * 1.4e-5 + 2_702 * 903 * 1.5e-5
    heat.collectorThickness = 2.9e-5
    set.heat = heat
    set.interphase = InterphaseParameters()
    set.electrodeArea = 0.101 * 0.085
    set.nominalCapacity = 0.15625 * 3_600
    set.lowerCutOff = 2.5
    set.upperCutOff = 4.2
    return set
  }()

  /// Factor that takes a value stated at 296 K to the set's reference, 296.15 K.
  private static func fromStated(_ activationEnergy: Double) -> Double {
    exp(activationEnergy / PhysicalConstants.gas * (1 / 296.0 - 1 / 296.15))
  }

  /// Conductivity of LiPF6 in EC:DMC at 296.15 K, in S/m.
  private static let eckerConductivity: @Sendable (Double) -> Double = { c in
    let molar = c / 1_000
    let stated = ((0.2667 * molar - 1.2983) * molar + 1.7919) * molar + 0.1726
    return stated * 296 / 296.15 * fromStated(17_100)
  }

  /// Potential of the graphite electrode, in volts.
  private static let eckerGraphitePotential: @Sendable (Double) -> Double = { x in
    var u = 0.140031 + 0.716502 * exp(-369.028 * x)
    u += 0.12193 * exp(-35.6478 * (x - 0.0530947))
    u -= 0.0189193 * tanh(21.1967 * (x - 0.196176))
    u -= 0.0169644 * tanh(27.1365 * (x - 0.312832))
    u -= 0.0199313 * tanh(28.5697 * (x - 0.614221))
    return u - 0.931153 * exp(36.328 * (x - 1.10743))
  }

  /// Potential of the lithium nickel cobalt oxide electrode, in volts.
  private static let eckerNickelCobaltPotential: @Sendable (Double) -> Double = { x in
    var u = 4.23285 - 2.35211 * x
    u -= 0.0747061 * tanh(31.886 * (x - 0.0219921))
    u += 6.34984 * tanh(2.66395 * (x - 0.174352))
    u -= 0.640243 * tanh(5.48623 * (x - 0.439245))
    u -= 3.82383 * tanh(4.12167 * (x - 0.176187))
    return u - 0.0542123 * tanh(18.2919 * (x - 0.762272))
  }
}
