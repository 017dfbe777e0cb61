// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An interphase that does not grow.

/// An interphase that does not grow.
public struct NoInterphaseGrowth: InterphaseGrowth {
  /// Creates the null law.
  public init() {}

  /// Side current density by this law, in A/m²; never positive.
  public func current(
    _ parameters: InterphaseParameters, thickness: Double, potential: Double, filmLoss: Double,
    temperature: Double
  ) -> Double { 0 }
}
