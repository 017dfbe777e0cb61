// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Electrodes that keep their active material.

/// Electrodes that keep their active material.
public struct NoActiveMaterialLoss: ActiveMaterialLoss {
  /// Creates the null law.
  public init() {}

  /// Rate of change of the volume fraction: none.
  public func rate(
    _ mechanics: ParticleMechanics, _ conditions: ActiveMaterialConditions
  ) -> Double { 0 }
}
