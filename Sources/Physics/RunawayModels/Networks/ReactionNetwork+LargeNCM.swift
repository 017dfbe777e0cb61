// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The kinetics of a large NCM cell: interphase that grows again, and a melting separator.

extension ReactionNetwork {
  /// A 25 Ah NCM cell of 0.72 kg; loadings in kilograms of that cell.
  ///
  /// Interphase with regrowth, two cathode steps, a melting separator and the electrolyte. The
  /// source switches reactions on at temperatures; the jumps are smooth over 1 K here. Two copies
  /// of the set disagree about the heat of the electrolyte (800 and 140 J/g); 800 J/g is used.
  ///
  /// - Reference: Feng et al. (2015), doi:10.1016/j.apenergy.2015.04.118; Feng et al. (2016),
  ///   doi:10.1149/2.1001607jes as reported by Bilyaz et al. (2020).
  public static let ncm25Ah: ReactionNetwork = {
    let celsius = 273.15
    func regrowth(_ name: String, _ frequency: Double, _ window: TemperatureWindow) -> Reaction {
      Reaction(
        name: name, frequency: frequency, activationEnergy: 3.3e4, heat: 1.714e6,
        loading: 0.100_58, window: window,
        factors: [
          .power(content: "anode lithium", order: 1),
          .inhibition(content: "interphase", scale: 1),
        ],
        changes: [ContentChange("anode lithium", -1), ContentChange("interphase", 5)],
        gas: .anode)
    }
    func cathode(
      _ step: String, _ frequency: Double, _ energy: Double, _ heat: Double, _ from: Double
    ) -> Reaction {
      let role = "charged cathode \(step)"
      return Reaction(
        name: "cathode \(step)", frequency: frequency, activationEnergy: energy, heat: heat,
        loading: 0.179_12, window: TemperatureWindow(lower: celsius + from),
        factors: [
          .power(content: role, order: 1), .power(content: "converted \(step)", order: 1),
        ],
        changes: [ContentChange(role, -1), ContentChange("converted \(step)", 1)],
        gas: .cathode)
    }
    return ReactionNetwork(
      name: "NCM 25 Ah, interphase regrowth and separator",
      source: "Feng et al. 2015, doi:10.1016/j.apenergy.2015.04.118; Feng et al. 2016, "
        + "doi:10.1149/2.1001607jes; Bilyaz et al. 2020",
      basis: .cell,
      contents: [
        NetworkContent("interphase", .interphase, 0.15),
        NetworkContent("anode lithium", .anodeLithium, 1),
        NetworkContent("charged cathode 1", .chargedCathode, 0.999),
        NetworkContent("converted 1", .other, 0.001),
        NetworkContent("charged cathode 2", .chargedCathode, 0.999),
        NetworkContent("converted 2", .other, 0.001),
        NetworkContent("separator", .separator, 1),
        NetworkContent("electrolyte", .electrolyte, 1),
      ],
      reactions: [
        Reaction(
          name: "interphase", frequency: 1.667e15, activationEnergy: 1.350_8e5, heat: 2.57e5,
          loading: 0.100_58, window: TemperatureWindow(lower: celsius + 50),
          factors: [.power(content: "interphase", order: 1)],
          changes: [ContentChange("interphase", -1)], gas: .interphase),
        regrowth(
          "anode with electrolyte below 260 °C", 0.035,
          TemperatureWindow(lower: celsius + 50, upper: celsius + 260)),
        regrowth(
          "anode with electrolyte above 260 °C", 5, TemperatureWindow(lower: celsius + 260)),
        cathode("1", 1.75e9, 1.149_5e5, 7.7e4, 180),
        cathode("2", 1.077e12, 1.588_8e5, 8.4e4, 220),
        Reaction(
          name: "separator melting", frequency: 1.5e50, activationEnergy: 4.2e5, heat: -2.332e5,
          loading: 0.017_6, window: TemperatureWindow(lower: celsius + 120),
          factors: [.power(content: "separator", order: 1)],
          changes: [ContentChange("separator", -1)]),
        Reaction(
          name: "electrolyte", frequency: 3e15, activationEnergy: 1.7e5, heat: 8e5,
          loading: 0.108, window: TemperatureWindow(lower: celsius + 140),
          factors: [.power(content: "electrolyte", order: 1)],
          changes: [ContentChange("electrolyte", -1)], gas: .electrolyte),
      ])
  }()
}
