// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the gases of a failing cell give off when they burn in air.

extension GasSpecies {
  /// Heat of burning in air to CO₂, steam, SO₂ and N₂ at 25 °C, in J/mol; 0 where it does not burn.
  ///
  /// From the enthalpies of formation of the NIST Chemistry WebBook (SRD 69); the fluorides are taken
  /// as inert, dimethyl carbonate as a vapour.
  public var heatOfCombustion: Double {
    switch self {
    case .carbonMonoxide: 283.0e3
    case .hydrogen: 241.8e3
    case .ethylene: 1_323e3
    case .methane: 802.6e3
    case .ethane: 1_428e3
    case .hydrogenSulfide: 518.0e3
    case .hydrogenCyanide: 649.5e3
    case .solvent: 1_335e3
    case .carbonDioxide, .oxygen, .hydrogenFluoride, .phosphorylFluoride, .sulfurDioxide, .inert: 0
    }
  }
}

extension GasProfile {
  /// Heat of burning all gas in air, in J per coulomb of capacity.
  public var heatOfCombustion: Double {
    zip(GasSpecies.allCases, amounts).reduce(0) { $0 + $1.0.heatOfCombustion * $1.1 }
  }

  /// Mass of all gas, in kg per coulomb of capacity.
  public var mass: Double {
    zip(GasSpecies.allCases, amounts).reduce(0) { $0 + $1.0.molarMass * $1.1 }
  }
}
