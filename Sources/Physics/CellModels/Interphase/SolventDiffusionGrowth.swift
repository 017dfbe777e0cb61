// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Interphase growth limited by diffusion of solvent.

import Quantities

/// Growth limited by diffusion of solvent through the film: `j = −F·D·c/L`; thickness grows with
/// the root of time.
///
/// - Reference: Single, Latz & Horstmann (2018), doi:10.1002/cssc.201800077.
public struct SolventDiffusionGrowth: InterphaseGrowth {
  /// Creates the law.
  public init() {}

  /// The current does not depend on the potential.
  public var dependsOnPotential: Bool { false }
  /// The current does not depend on the loss across the film.
  public var dependsOnFilmLoss: Bool { false }

  /// Side current density by this law, in A/m²; never positive.
  public func current(
    _ parameters: InterphaseParameters, thickness: Double, potential: Double, filmLoss: Double,
    temperature: Double
  ) -> Double {
    -PhysicalConstants.faraday * parameters.solventDiffusivity
      * parameters.arrheniusFactor(at: temperature) * parameters.solventConcentration / thickness
  }
}
