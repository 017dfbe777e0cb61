// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The four-reaction sets of small cells: LCO, NCM and LFP.

extension ReactionNetwork {
  /// Contents of the four-reaction sets: interphase 0.15, lithium in the anode 0.75, film 0.033,
  /// 4 % of the cathode converted (Kim, Pesaran & Spotnitz 2007,
  /// doi:10.1016/j.jpowsour.2007.04.018, table 1).
  static let fourReactionContents = [
    NetworkContent("interphase", .interphase, 0.15),
    NetworkContent("anode lithium", .anodeLithium, 0.75),
    NetworkContent("film", .barrier, 0.033),
    NetworkContent("converted cathode", .other, 0.04),
    NetworkContent("charged cathode", .chargedCathode, 0.96),
    NetworkContent("electrolyte", .electrolyte, 1),
  ]

  /// Carbon of the anode, in kg per cubic metre of jelly roll (Kim et al. 2007).
  static let carbonLoading = 610.4
  /// Cathode, in kg per cubic metre of jelly roll (Kim et al. 2007).
  static let cathodeLoading = 1_221.0
  /// Electrolyte, in kg per cubic metre of jelly roll (Kim et al. 2007).
  static let electrolyteLoading = 406.9

  /// `c' = −k·c`, Richard & Dahn (1999), doi:10.1149/1.1391893; heat as in Kim et al. (2007).
  static let interphaseDecomposition = Reaction(
    name: "interphase", frequency: 1.667e15, activationEnergy: 1.350_8e5, heat: 2.57e5,
    loading: carbonLoading, factors: [.power(content: "interphase", order: 1)],
    changes: [ContentChange("interphase", -1)], gas: .interphase)

  /// `c' = −k·c·exp(−z/z₀)`, `z' = −c'`, MacNeil et al. (1999), doi:10.1149/1.1392458, as in Kim
  /// et al. (2007).
  static let anodeWithElectrolyte = Reaction(
    name: "anode with electrolyte", frequency: 2.5e13, activationEnergy: 1.350_8e5,
    heat: 1.714e6, loading: carbonLoading,
    factors: [
      .power(content: "anode lithium", order: 1), .inhibition(content: "film", scale: 0.033),
    ],
    changes: [ContentChange("anode lithium", -1), ContentChange("film", 1)], gas: .anode)

  /// `α' = k·α·(1 − α)`, written with the part that is charged and not converted, so that a
  /// discharged cathode has less to decompose.
  static func cathode(_ name: String, frequency: Double, energy: Double, heat: Double) -> Reaction {
    Reaction(
      name: name, frequency: frequency, activationEnergy: energy, heat: heat,
      loading: cathodeLoading,
      factors: [
        .power(content: "converted cathode", order: 1),
        .power(content: "charged cathode", order: 1),
      ],
      changes: [ContentChange("converted cathode", 1), ContentChange("charged cathode", -1)],
      gas: .cathode)
  }

  /// `c' = −k·c`, Spotnitz & Franklin (2003), doi:10.1016/S0378-7753(02)00488-3.
  static let electrolyteDecomposition = Reaction(
    name: "electrolyte", frequency: 5.14e25, activationEnergy: 2.74e5, heat: 1.55e5,
    loading: electrolyteLoading, factors: [.power(content: "electrolyte", order: 1)],
    changes: [ContentChange("electrolyte", -1)], gas: .electrolyte)

  private static func fourReactions(
    _ name: String, cathode: Reaction, source: String
  ) -> ReactionNetwork {
    ReactionNetwork(
      name: name,
      source: "Kim, Pesaran & Spotnitz 2007, doi:10.1016/j.jpowsour.2007.04.018; " + source,
      basis: .cubicMetre, contents: fourReactionContents,
      reactions: [
        interphaseDecomposition, anodeWithElectrolyte, cathode, electrolyteDecomposition,
      ])
  }

  /// Lithium cobalt oxide against graphite; loadings per cubic metre of jelly roll.
  public static let lco = fourReactions(
    "LCO, four reactions",
    cathode: cathode("cathode LCO", frequency: 6.667e13, energy: 1.396e5, heat: 3.14e5),
    source: "cathode Hatchard et al. 2001, doi:10.1149/1.1377592")

  /// NCM111-type oxide against graphite; loadings per cubic metre of jelly roll.
  public static let ncm = fourReactions(
    "NCM, four reactions",
    cathode: cathode("cathode NCM", frequency: 2.25e14, energy: 1.54e5, heat: 7.9e5),
    source: "cathode Peng & Jiang 2016, second hand")

  /// Iron phosphate against graphite; loadings per cubic metre of jelly roll.
  ///
  /// The electrolyte's heat is that of the other sets, 1.55e5 J/kg; some papers on iron phosphate
  /// use 6.2e5 J/kg.
  public static let lfp = fourReactions(
    "LFP, four reactions",
    cathode: cathode("cathode LFP", frequency: 2.0e8, energy: 1.03e5, heat: 1.947e5),
    source: "cathode Peng & Jiang 2016, second hand")

  /// Adds the reaction of plated lithium with electrolyte.
  ///
  /// Assumed, not fitted: the anode's kinetics without the factor of the film, because plated
  /// lithium is fresh metal without one.
  ///
  /// - Returns: The network with a content `plated lithium` of zero and one reaction more; itself
  ///   where it has such a content already.
  public func addingPlatedLithium() -> ReactionNetwork {
    guard !contents.contains(where: { $0.role == .platedLithium }) else { return self }
    guard
      let anode = contents.first(where: { $0.role == .anodeLithium }),
      let like = reactions.first(where: { reaction in
        reaction.changes.contains { $0.content == anode.name && $0.amount < 0 }
      })
    else { return self }
    var copy = self
    copy.contents.append(NetworkContent("plated lithium", .platedLithium, 0))
    let bare = Self.anodeWithElectrolyte
    copy.reactions.append(
      Reaction(
        name: "plated lithium", frequency: bare.frequency,
        activationEnergy: bare.activationEnergy, heat: like.heat, loading: like.loading,
        factors: [.power(content: "plated lithium", order: 1)],
        changes: [ContentChange("plated lithium", -1)], gas: .anode))
    return copy
  }
}
