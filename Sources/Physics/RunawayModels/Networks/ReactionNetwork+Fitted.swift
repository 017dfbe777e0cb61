// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stand-ins of sodium ion, potassium ion and sulfide solid state, fitted to ranges.

extension ReactionNetwork {
  /// A stand-in for sodium ion with a layered oxide, fitted to ranges, not to kinetic experiments.
  ///
  /// The kinetics of ``ncm`` with all heats times one number, chosen so that the calorimeter peak of
  /// ``AbuseCell/sodium18650`` is the middle (630 °C) of the range 466–794 °C of the review (Jing et
  /// al. 2026, table 1). The trigger then falls into the range 157–271 °C without further fitting.
  /// `FittedSetTests` repeats the fit.
  public static let sodiumFitted = fitted(
    "sodium layered oxide, fitted", heatFactor: 0.6185, range: "466–794 °C")

  /// A stand-in for a sulfide solid-state cell with NCM, fitted to ranges like ``sodiumFitted``: the
  /// middle (600 °C) of 500–700 °C. The reactions keep the names of the liquid set; the last two
  /// stand for oxygen of the cathode and for the sulfide that it oxidises.
  public static let sulfideFitted = fitted(
    "sulfide solid state, fitted", heatFactor: 0.681, range: "500–700 °C")

  /// A stand-in for sodium ion with a Prussian-blue cathode, fitted like ``sodiumFitted`` to the same
  /// range: the review has one for all sodium ion.
  ///
  /// The reaction of the cathode stands for its cyanide, which is released above 200 °C and reacts with
  /// the electrolyte, without oxygen (abstract of a study of sodium and potassium cells with
  /// Prussian-blue analogues that is the source of the review's 51.4 %). Nothing was fitted to that.
  public static let prussianBlueFitted = fitted(
    "sodium Prussian blue, fitted", heatFactor: 0.639, range: "466–794 °C")

  /// A stand-in for potassium ion with a Prussian-blue cathode, fitted to the middles of two ranges of
  /// the review: 1 K/s at 110 °C of 100–120 °C, peak 412 °C of 325–500 °C.
  ///
  /// Two numbers were fitted, the factor on all heats and the frequency of the anode's reaction. Its
  /// activation energy, that of the melting separator of the 25 Ah set, is an assumption that the range
  /// forces: with the 135 kJ/mol of lithium a cell that runs away at 110 °C would heat itself notably in
  /// a calorimeter of 27 °C. `FittedSetTests` repeats the fit.
  public static let potassiumFitted: ReactionNetwork = potassium(
    frequency: 9.77e57, heatFactor: 0.44)

  /// The set of ``potassiumFitted`` with other numbers, for repeating its fit.
  ///
  /// - Parameters:
  ///   - frequency: Of the anode's reaction, in 1/s.
  ///   - heatFactor: On all heats.
  /// - Returns: The set.
  public static func potassium(frequency: Double, heatFactor: Double) -> ReactionNetwork {
    var network = ncm.scalingHeats(by: heatFactor)
    network.reactions[1].frequency = frequency
    network.reactions[1].activationEnergy = SeparatorDesign.energy
    network.name = "potassium Prussian blue, fitted"
    network.isFitted = true
    network.source =
      "\(ncm.name) with all heats times \(heatFactor) and an anode of \(frequency) 1/s and "
      + "\(SeparatorDesign.energy) J/mol, fitted to the middles of the trigger 100–120 °C and the peak "
      + "325–500 °C of Jing et al. 2026, table 1"
    return network
  }

  private static func fitted(_ name: String, heatFactor: Double, range: String) -> ReactionNetwork {
    var network = ncm.scalingHeats(by: heatFactor)
    network.name = name
    network.isFitted = true
    network.source =
      "kinetics of \(ncm.name) with all heats times \(heatFactor), fitted to the middle of the peak "
      + "range \(range) of Jing et al. 2026, table 1"
    return network
  }
}
