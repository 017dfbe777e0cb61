// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Separators that shut pores and melt, and what is left when they have.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A separator: where its pores close, where it melts away, and the contact behind it.
public struct SeparatorDesign: Hashable, Sendable {
  /// Temperature at which pores have half closed, in kelvin; nil where they do not.
  public var shutdownTemperature: Double?
  /// Temperature at which it melts or shrinks away with a time constant of a minute, in kelvin.
  public var collapseTemperature: Double
  /// Resistance of the whole cell through the contact of both electrodes after the collapse, in
  /// ohms times ampere-hours, so that it scales with the cell. The default lets 28 % of the charge
  /// out within 6 s, the middle of 5 to 10 s (Feng et al. 2015, doi:10.1016/j.apenergy.2015.04.118).
  public var collapseResistance: Double
  /// Part of the charge that the contact can take out before it burns away.
  public var collapseShare: Double
  /// Whether the lithium that flows through the contact is missing from the reactions; false for
  /// kinetics that were published with the heat of the short on top.
  public var displacesReactions: Bool

  /// Creates a separator.
  public init(
    shutdownTemperature: Double?, collapseTemperature: Double,
    collapseResistance: Double = 0.025, collapseShare: Double = 0.28,
    displacesReactions: Bool = true
  ) {
    self.displacesReactions = displacesReactions
    self.shutdownTemperature = shutdownTemperature
    self.collapseTemperature = collapseTemperature
    self.collapseResistance = collapseResistance
    self.collapseShare = collapseShare
  }

  /// Polyethylene: pores close near 130 °C, gone near 145 °C.
  public static let polyethylene = SeparatorDesign(
    shutdownTemperature: 403, collapseTemperature: 418)
  /// Polypropylene outside, polyethylene inside: pores close near 130 °C, gone near 165 °C.
  public static let trilayer = SeparatorDesign(shutdownTemperature: 403, collapseTemperature: 438)
  /// Polymer with a ceramic coat: pores close near 135 °C, holds to about 220 °C.
  public static let ceramicCoated = SeparatorDesign(
    shutdownTemperature: 408, collapseTemperature: 493)

  /// A stand-in, not a product: pores close near 135 °C, gone near 250 °C; what is left of the charge
  /// then flows through the contact.
  ///
  /// No commercial 18650 is known to use such a separator; polyolefins melt at 130 to 165 °C. Coats of
  /// alumina or magnesium hydroxide on polyolefin were shown to hold at 200 °C (Jung et al. 2019,
  /// J. Power Sources 427, 271–282), so 250 °C is an assumption without a source.
  ///
  /// Stands in the cells of the four-reaction sets, whose kinetics were fitted to whole cells with
  /// whatever their separators did up to runaway: it lets go during runaway alone.
  public static let heatResistant = SeparatorDesign(
    shutdownTemperature: 408, collapseTemperature: 523, collapseShare: 1)

  /// The short of the 25 Ah set: as published it adds to the heat of reactions, whose cathode alone
  /// (161 J/g, where DSC of charged NCM with electrolyte finds 500 to 900 J/g) is far too small.
  ///
  /// Between 28 and 100 % of the electrical energy were published (Feng et al. 2015,
  /// doi:10.1016/j.apenergy.2015.04.118); the share is the one number fitted, to the middle of the
  /// 850 to 870 °C at which such a cell peaked in a calorimeter (Feng et al. 2014,
  /// doi:10.1016/j.jpowsour.2013.12.114). The resistance lets it out in 7.5 s, the middle of 5 to 10 s.
  public static let largeNCM = SeparatorDesign(
    shutdownTemperature: 403, collapseTemperature: 418, collapseResistance: 0.0137,
    collapseShare: 0.57, displacesReactions: false)

  /// Names for files and the command line.
  public static let named: [String: SeparatorDesign] = [
    "polyethylene": .polyethylene, "trilayer": .trilayer, "ceramic": .ceramicCoated,
    "heat-resistant": .heatResistant,
  ]

  /// Activation energy of melting in the 25 Ah set, in J/mol.
  static let energy = 4.2e5

  /// The melting as a reaction without heat of its own, appended to a network that has none; it rests
  /// 80 K below the collapse, where it would take weeks.
  func added(to network: ReactionNetwork) -> ReactionNetwork {
    guard !network.contents.contains(where: { $0.role == .separator }) else { return network }
    var copy = network
    copy.contents.append(NetworkContent("separator", .separator, 1))
    let frequency = exp(Self.energy / (8.314_462_618 * collapseTemperature)) / 60
    copy.reactions.append(
      Reaction(
        name: "separator melting", frequency: frequency, activationEnergy: Self.energy, heat: 0,
        loading: 0, window: TemperatureWindow(lower: collapseTemperature - 80),
        factors: [.power(content: "separator", order: 1)],
        changes: [ContentChange("separator", -1)]))
    return copy
  }
}
