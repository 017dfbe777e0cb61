// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Particles that do not crack.

/// Particles that do not crack.
public struct NoCracking: ParticleCracking {
  /// Creates the null law.
  public init() {}

  /// Growth of the length of a crack: none.
  public func growth(_ mechanics: ParticleMechanics, length: Double, stress: Double) -> Double { 0 }
}
