// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Loss of active material by stress and by the film-forming reaction.

/// The sum of StressDrivenLoss and ReactionDrivenLoss.
public struct StressAndReactionDrivenLoss: ActiveMaterialLoss {
  /// Creates the law.
  public init() {}

  /// Rate of change of the volume fraction by both laws, in 1/s.
  public func rate(
    _ mechanics: ParticleMechanics, _ conditions: ActiveMaterialConditions
  ) -> Double {
    StressDrivenLoss().rate(mechanics, conditions)
      + ReactionDrivenLoss().rate(mechanics, conditions)
  }
}
