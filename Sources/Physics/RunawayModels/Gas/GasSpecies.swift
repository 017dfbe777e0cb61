// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The gases of a failing cell and what they are made of.

public import BatteryDomain

/// A gas of a failing cell.
public enum GasSpecies: Int, CaseIterable, Hashable, Sendable, Codable {
  /// CO₂.
  case carbonDioxide
  /// CO.
  case carbonMonoxide
  /// H₂.
  case hydrogen
  /// C₂H₄.
  case ethylene
  /// CH₄.
  case methane
  /// C₂H₆.
  case ethane
  /// O₂ that found nothing to burn.
  case oxygen
  /// HF.
  case hydrogenFluoride
  /// POF₃.
  case phosphorylFluoride
  /// H₂S.
  case hydrogenSulfide
  /// SO₂.
  case sulfurDioxide
  /// HCN.
  case hydrogenCyanide
  /// Vapour of the volatile solvents, counted as dimethyl carbonate.
  case solvent
  /// What filled the headspace before: inert gas.
  case inert

  /// Number of gases.
  public static let count = allCases.count

  /// Formula in plain letters.
  public var formula: String {
    switch self {
    case .carbonDioxide: "CO2"
    case .carbonMonoxide: "CO"
    case .hydrogen: "H2"
    case .ethylene: "C2H4"
    case .methane: "CH4"
    case .ethane: "C2H6"
    case .oxygen: "O2"
    case .hydrogenFluoride: "HF"
    case .phosphorylFluoride: "POF3"
    case .hydrogenSulfide: "H2S"
    case .sulfurDioxide: "SO2"
    case .hydrogenCyanide: "HCN"
    case .solvent: "DMC"
    case .inert: "N2"
    }
  }

  /// Molar mass in kg/mol, from the atomic weights of IUPAC 2021.
  public var molarMass: Double {
    switch self {
    case .carbonDioxide: 0.044_009
    case .carbonMonoxide: 0.028_010
    case .hydrogen: 0.002_016
    case .ethylene: 0.028_054
    case .methane: 0.016_043
    case .ethane: 0.030_070
    case .oxygen: 0.031_998
    case .hydrogenFluoride: 0.020_006
    case .phosphorylFluoride: 0.103_968
    case .hydrogenSulfide: 0.034_08
    case .sulfurDioxide: 0.064_06
    case .hydrogenCyanide: 0.027_025
    case .solvent: 0.090_078
    case .inert: 0.028_014
    }
  }

  /// Lower flammability limit in air as a mole fraction; nil where it does not burn or is not
  /// counted.
  ///
  /// Zabetakis, US Bureau of Mines Bulletin 627 (1965); solvent: 4.2 % in the safety data sheets of
  /// dimethyl carbonate.
  public var lowerFlammabilityLimit: Double? {
    switch self {
    case .carbonMonoxide: 0.125
    case .hydrogen: 0.04
    case .ethylene: 0.027
    case .methane: 0.05
    case .ethane: 0.03
    case .hydrogenSulfide: 0.04
    case .hydrogenCyanide: 0.056
    case .solvent: 0.042
    default: nil
    }
  }

  /// The toxic gas of the safety tables that it is.
  public var toxic: ToxicGas? {
    switch self {
    case .carbonMonoxide: .carbonMonoxide
    case .hydrogenFluoride: .hydrogenFluoride
    case .hydrogenSulfide: .hydrogenSulfide
    case .sulfurDioxide: .sulfurDioxide
    case .hydrogenCyanide: .hydrogenCyanide
    default: nil
    }
  }

  /// How the gas is shared between its origins: interphase, anode, cathode, electrolyte.
  ///
  /// Assumed after the routes of the review (CO₂ and CO at the cathode; C₂H₄, CH₄, C₂H₆ and H₂ at
  /// the anode; fluorides from the salt): it decides when a gas comes, not how much of it.
  var originShares: (interphase: Double, anode: Double, cathode: Double, electrolyte: Double) {
    switch self {
    case .carbonDioxide: (0.06, 0.14, 0.55, 0.25)
    case .carbonMonoxide: (0, 0.3, 0.5, 0.2)
    case .hydrogen: (0, 0.7, 0.1, 0.2)
    case .ethylene: (0.2, 0.6, 0, 0.2)
    case .methane, .ethane: (0, 0.6, 0, 0.4)
    case .oxygen, .sulfurDioxide, .hydrogenCyanide: (0, 0, 1, 0)
    case .hydrogenSulfide: (0, 0.5, 0, 0.5)
    case .hydrogenFluoride, .phosphorylFluoride: (0, 0, 0, 1)
    case .solvent, .inert: (0, 0, 0, 0)
    }
  }

  func share(of origin: GasOrigin) -> Double {
    let shares = originShares
    switch origin {
    case .interphase: return shares.interphase
    case .anode: return shares.anode
    case .cathode: return shares.cathode
    case .electrolyte: return shares.electrolyte
    }
  }
}
