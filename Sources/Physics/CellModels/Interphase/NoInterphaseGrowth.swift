// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An interphase that does not grow.

/// An interphase that does not grow.
public struct NoInterphaseGrowth: InterphaseGrowth {
  /// Creates the null law.
  public init() {}

  /// The current does not depend on the potential.
  public var dependsOnPotential: Bool { false }
  /// The current does not depend on the loss across the film.
  public var dependsOnFilmLoss: Bool { false }

  /// Side current density by this law, in A/m²; never positive.
  public func current(
    _ parameters: InterphaseParameters, thickness: Double, potential: Double, filmLoss: Double,
    temperature: Double
  ) -> Double { 0 }
}
