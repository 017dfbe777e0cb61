// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Loss of active material in step with the film-forming reaction.

import Quantities

/// Loss in step with the film-forming reaction: `dε/dt = β·a·j_film/F` with `j_film ≤ 0`.
///
/// - Reference: Reniers, Mulder & Howey (2019), doi:10.1149/2.0281914jes.
public struct ReactionDrivenLoss: ActiveMaterialLoss {
  /// Creates the law.
  public init() {}

  /// Rate of change of the volume fraction by this law, in 1/s.
  public func rate(
    _ mechanics: ParticleMechanics, _ conditions: ActiveMaterialConditions
  ) -> Double {
    mechanics.reactionLossFactor * min(0, conditions.filmCurrent) / PhysicalConstants.faraday
  }
}
