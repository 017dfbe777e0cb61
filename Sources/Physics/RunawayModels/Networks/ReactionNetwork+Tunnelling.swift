// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An anode whose reaction is held up by electrons that tunnel through a film.

extension ReactionNetwork {
  /// NCM against a graphite whose reaction with solvent is limited by tunnelling through a film
  /// that stops growing at a critical thickness; loadings per cubic metre of jelly roll.
  ///
  /// `2 C₆Li + C₃H₄O₃ → 2 C₆ + Li₂CO₃ + C₂H₄` at `A·exp(−E/RT)·x·c_e·exp(−C_t·min(z, z_c))` with
  /// `A = 3.27e13 1/s`, `E = 135 kJ/mol`, `H = 2.29 MJ/kg` of reactants, `C_t = 72.5` and
  /// `z_c = 0.08`, used up together with solvent; the interphase decomposes with order one half.
  /// Better than the four-reaction anode above 200 °C.
  ///
  /// From the loading of carbon: 8.47 kmol/m³ of C₆, and 0.123 kg of reactants for a mole of
  /// lithium. Taken from elsewhere: constants and total heat of the interphase step and the other
  /// reactions are those of ``ncm``; 4.28 kmol/m³ of solvent of mean molar mass 95 g/mol.
  ///
  /// - Reference: Shurtz, Engerer & Hewson (2018), doi:10.1149/2.0171816jes and
  ///   doi:10.1149/2.0541816jes.
  public static let ncmTunnelling: ReactionNetwork = {
    let carbon = carbonLoading / 0.072_066
    let reactants = carbon * (0.079_0 + 0.088_06 / 2)
    let solvent = electrolyteLoading / 0.095
    // The same heat in all as the first-order step, at the 0.635 MJ/kg of this source.
    let interphaseLoading = carbonLoading * 2.57e5 / 6.35e5
    var network = ncm
    network.name = "NCM, tunnelling anode"
    network.source =
      "Shurtz, Engerer & Hewson 2018, doi:10.1149/2.0171816jes; cathode and electrolyte: "
      + ncm.source
    network.reactions[0] = Reaction(
      name: "interphase", frequency: 1.667e15, activationEnergy: 1.350_8e5, heat: 6.35e5,
      loading: interphaseLoading, factors: [.power(content: "interphase", order: 0.5)],
      changes: [ContentChange("interphase", -1)], gas: .interphase)
    network.reactions[1] = Reaction(
      name: "anode with solvent", frequency: 3.27e13, activationEnergy: 1.35e5, heat: 2.29e6,
      loading: reactants,
      factors: [
        .power(content: "anode lithium", order: 1), .power(content: "electrolyte", order: 1),
        .tunnelling(content: "film", strength: 72.5, critical: 0.08),
      ],
      changes: [
        ContentChange("anode lithium", -1), ContentChange("film", 1),
        ContentChange("electrolyte", -carbon / 2 / solvent),
      ], gas: .anode)
    return network
  }()
}
