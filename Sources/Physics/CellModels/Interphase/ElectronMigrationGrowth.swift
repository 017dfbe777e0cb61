// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Interphase growth limited by migration of electrons.

/// Growth limited by migration of electrons through the film: `j = κ·η/L` where `η < 0`.
///
/// - Reference: Marquis (2020), thesis, University of Oxford, equation 5.94.
public struct ElectronMigrationGrowth: InterphaseGrowth {
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
    let eta = min(0, potential - parameters.potential)
    return parameters.electronConductivity * parameters.arrheniusFactor(at: temperature) * eta
      / thickness
  }
}
