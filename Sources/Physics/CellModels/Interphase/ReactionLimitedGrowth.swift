// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Interphase growth limited by the reaction.

import Foundation

/// Growth limited by the reaction: `j = −j₀·exp(−F·η/(2·R·T))`.
///
/// - Reference: Marquis (2020), thesis, University of Oxford, equation 5.92.
public struct ReactionLimitedGrowth: InterphaseGrowth {
  /// Creates the law.
  public init() {}

  /// The current depends on the potential.
  public var dependsOnPotential: Bool { true }
  /// The current depends on the loss across the film.
  public var dependsOnFilmLoss: Bool { true }

  /// Side current density by this law, in A/m²; never positive.
  public func current(
    _ parameters: InterphaseParameters, thickness: Double, potential: Double, filmLoss: Double,
    temperature: Double
  ) -> Double {
    let eta = potential - parameters.potential - filmLoss
    return -parameters.exchangeCurrentDensity * parameters.arrheniusFactor(at: temperature)
      * exp(-0.5 * parameters.reduced(eta, temperature))
  }
}
