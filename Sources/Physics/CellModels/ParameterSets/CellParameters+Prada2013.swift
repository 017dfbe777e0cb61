// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Prada2013: A123 26650, LiFePO4 against graphite.

import Foundation

extension CellParameters {
  /// A123 ANR26650, LiFePO4 / graphite, 2.3 Ah, 2.0–3.6 V.
  ///
  /// Prada et al. (2013), doi:10.1149/2.053302jes; positive potential of Afshar et al. (2017),
  /// arXiv:1709.03970; its kinetics of Kashkooli et al. (2017),
  /// doi:10.1016/j.electacta.2017.05.187; graphite potential of Chen et al. (2020). The sources
  /// give no heat capacity, so there is no thermal model for this set.
  public static let prada2013: CellParameters = {
    var set = CellParameters(name: "Prada2013", source: "doi:10.1149/2.053302jes")
    set.negative.thickness = 3.4e-5
    set.negative.porosity = 0.36
    set.negative.activeFraction = 0.58
    set.negative.particleRadius = 5e-6
    set.negative.maximumConcentration = 30_555
    set.negative.initialConcentration = 24_749.55
    set.negative.conductivity = 215
    set.negative.bruggemanElectrode = 1.5
    set.negative.diffusivity = PropertyFunction(constant: 3e-15)
    set.negative.openCircuitPotential = PropertyFunction(graphiteSiliconPotential)
    set.negative.reactionRate = 6.48e-7
    set.negative.reactionActivationEnergy = 35_000
    set.positive.thickness = 8e-5
    set.positive.porosity = 0.426
    set.positive.activeFraction = 0.374
    set.positive.particleRadius = 5e-8
    set.positive.maximumConcentration = 22_806
    set.positive.initialConcentration = 86.6628
    set.positive.conductivity = 0.33795074
    set.positive.bruggemanElectrode = 1.5
    set.positive.diffusivity = PropertyFunction(constant: 5.9e-18)
    set.positive.openCircuitPotential = PropertyFunction(ironPhosphatePotential)
    set.positive.reactionRate = 6e-7
    set.positive.reactionActivationEnergy = 39_570
    set.separator.thickness = 2.5e-5
    set.separator.porosity = 0.45
    set.electrolyte.initialConcentration = 1_200
    set.electrolyte.transferenceNumber = 0.36
    set.electrolyte.diffusivity = PropertyFunction(constant: 2e-10)
    set.electrolyte.conductivity = PropertyFunction { c in
      // Published for mol/cm³ and S/cm.
      let x = c / 1e6
      let series: Double = 5.007 + x * (-4_721.2 + x * (1.5094e6 - x * 1.6018e8))
      return (4.1253e-4 + x * series) * 1e3
    }
    set.electrodeArea = 0.6 * 0.3
    set.nominalCapacity = 2.3 * 3_600
    set.lowerCutOff = 2
    set.upperCutOff = 3.6
    set.referenceTemperature = 298.15
    set.ambientTemperature = 298
    return set
  }()

  /// Potential of lithium iron phosphate, in volts: Afshar et al. (2017).
  static let ironPhosphatePotential: @Sendable (Double) -> Double = { x in
    3.4077 - 0.020269 * x + 0.5 * exp(-150 * x) - 0.9 * exp(-30 * (1 - x))
  }
}
