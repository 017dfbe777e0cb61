// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sodium-ion and sulfide solid-state stand-ins, fitted to ranges.

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
