// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Interphase growth limited by diffusion of lithium interstitials.

import Foundation
import Quantities

/// Growth limited by diffusion of neutral lithium interstitials:
/// `j = −F·D·c/L·exp(−F·(φ_s − φ_e)/(R·T))`.
///
/// - Reference: Single, Latz & Horstmann (2018), doi:10.1002/cssc.201800077.
public struct InterstitialDiffusionGrowth: InterphaseGrowth {
  /// Creates the law.
  public init() {}

  /// The current depends on the potential.
  public var dependsOnPotential: Bool { true }
  /// The current does not depend on the loss across the film.
  public var dependsOnFilmLoss: Bool { false }

  /// Side current density by this law, in A/m²; never positive.
  public func current(
    _ parameters: InterphaseParameters, thickness: Double, potential: Double, filmLoss: Double,
    temperature: Double
  ) -> Double {
    let supply = parameters.interstitialDiffusivity * parameters.interstitialConcentration
    return -PhysicalConstants.faraday * supply * parameters.arrheniusFactor(at: temperature)
      / thickness * exp(-parameters.reduced(potential, temperature))
  }
}
