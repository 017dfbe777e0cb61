// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: what its phenomena of ageing keep and compute.

/// The slow unknowns of ageing, in order.
enum AgeingSlot: Int, CaseIterable {
  /// Plated and dead lithium, in multiples of `LocalAgeing.metalScale`.
  case plated, dead
  /// Length of the cracks, relative to the start.
  case negativeCrack, positiveCrack
  /// Molecules of the film on cracks, relative to those of the film at the start.
  case crackFilm
  /// Active material that keeps contact, relative to the start.
  case negativeActive, positiveActive
  /// Lithium in lost active material, relative to the host of the start.
  case negativeTrapped, positiveTrapped
  /// Charge that leaked inside of the cell, relative to the nominal capacity.
  case leaked
}

/// The condition of the cell at the last evaluation.
struct Wear {
  /// Active material in wet contact, relative to the start.
  var negative = 1.0
  var positive = 1.0
  /// What is left of the electrolyte.
  var electrolyte = ElectrolyteRemainder()
  /// Share of the pores of the negative electrode that films and metal leave open.
  var open = 1.0
  /// Thickness of the film, in metres.
  var film = 0.0
  /// Area of cracks per area of negative particle, and thickness of the film on it, in metres.
  var crackArea = 0.0
  var crackFilm = 0.0
  /// Plated lithium, in mol per m³ of electrode.
  var plated = 0.0
  /// Current between the electrodes inside of the cell, and its derivative by the current.
  var leak = 0.0
  var internalByCurrent = 1.0
  /// Current density of plating, in A/m².
  var plating = 0.0
}

extension Wear {
  /// Share of the electrodes that is wet.
  var wet: Double { electrolyte.wetFraction }
}

/// How the plating current answers, for Newton's method.
struct PlatingResponse {
  /// Current density of plating, in A/m².
  var plating = 0.0
  /// By surface stoichiometry, current through the electrode (that through the cell, for the first
  /// material), and the unknown of plated lithium.
  var byStoichiometry = 0.0
  var byCurrent = 0.0
  var byPlated = 0.0
  /// Of the voltage by the unknown of plated lithium.
  var voltageByPlated = 0.0
  /// Consumption per current density, and rate of dying, in the unit of the unknown.
  var consumption = 0.0
  var dying = 0.0
  var deadShare = 0.0
}
