// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Interphase growth limited by reaction and diffusion of ethylene carbonate.

import Foundation
import Quantities

/// Growth limited by both reaction and diffusion of ethylene carbonate:
/// `j = −F·c·k/(1 + L·k/D)`, `k = k₀·exp(−F·η/(2·R·T))`.
///
/// - Reference: Yang et al. (2017), doi:10.1016/j.jpowsour.2017.05.110.
public struct CarbonateReactionGrowth: InterphaseGrowth {
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
    let rate = parameters.carbonateRate * exp(-0.5 * parameters.reduced(eta, temperature))
    let series = 1 + thickness * rate / parameters.carbonateDiffusivity
    return -PhysicalConstants.faraday * parameters.arrheniusFactor(at: temperature)
      * parameters.carbonateConcentration * rate / series
  }
}
