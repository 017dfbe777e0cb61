// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// OKane2022: LG M50 with film growth that depends on temperature.

import NumericalMethods

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
    if let curve = try? MonotoneCubic(
      GraphiteSiliconTable.stoichiometries, GraphiteSiliconTable.potentials)
    {
      set.negative.openCircuitPotential = PropertyFunction { curve.value(at: $0) }
    } else {
      preconditionFailure("the table of the set is not ascending")
    }
    set.electrolyte.diffusivity.activationEnergy = 17_000
    set.electrolyte.conductivity.activationEnergy = 17_000
    var interphase = InterphaseParameters()
    interphase.lithiumPerMolecule = 1
    interphase.activationEnergy = 38_000
    set.interphase = interphase
    return set
  }()
}
