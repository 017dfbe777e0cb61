// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cracks that grow by Paris' law under tension.

import Foundation

/// Cracks that grow under tension by Paris' law of fatigue: `dl/dt = k·(b·σ·√(π·l))^m` per hour.
///
/// - Reference: Deshpande et al. (2012), doi:10.1149/2.049210jes; O'Kane et al. (2022),
///   doi:10.1039/D2CP00417H, for the rate by time instead of by cycle.
public struct ParisCracking: ParticleCracking {
  /// Creates the law.
  public init() {}

  /// Growth of the length of a crack by this law, in m/s; zero under compression.
  public func growth(_ mechanics: ParticleMechanics, length: Double, stress: Double) -> Double {
    guard stress > 0, length > 0 else { return 0 }
    let intensity = mechanics.parisFactor * stress * (Double.pi * length).squareRoot()
    return mechanics.crackingRate / 3_600 * pow(intensity, mechanics.parisExponent)
  }
}
