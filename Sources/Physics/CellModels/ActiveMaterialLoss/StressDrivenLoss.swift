// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Loss of active material by tension at the surface of the particles.

import Foundation

/// Loss by tension: `dε/dt = −β·(σ_h/σ_critical)^m` where the hydrostatic stress `σ_h > 0`.
///
/// - Reference: Laresgoiti et al. (2015), doi:10.1016/j.jpowsour.2015.09.033; Reniers, Mulder &
///   Howey (2019), doi:10.1149/2.0281914jes; O'Kane et al. (2022), doi:10.1039/D2CP00417H.
public struct StressDrivenLoss: ActiveMaterialLoss {
  /// Creates the law.
  public init() {}

  /// Rate of change of the volume fraction by this law, in 1/s; zero under compression.
  public func rate(
    _ mechanics: ParticleMechanics, _ conditions: ActiveMaterialConditions
  ) -> Double {
    guard conditions.hydrostaticStress > 0, mechanics.criticalStress > 0 else { return 0 }
    let ratio = conditions.hydrostaticStress / mechanics.criticalStress
    let power = mechanics.lossExponent == 2 ? ratio * ratio : pow(ratio, mechanics.lossExponent)
    return -mechanics.lossRate * power
  }
}
