// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A negative electrode on which no lithium plates.

/// A negative electrode on which no lithium plates.
public struct NoPlating: LithiumPlating {
  /// Creates the null law.
  public init() {}

  /// Share of the plated lithium that is dead at once: none.
  public var deadShare: Double { 0 }

  /// Current density of plating: none.
  public func current(
    _ parameters: PlatingParameters, _ conditions: PlatingConditions
  ) -> PlatingCurrent { PlatingCurrent() }

  /// Rate at which plated lithium dies: zero.
  public func deadLithiumRate(_ parameters: PlatingParameters, relativeFilm: Double) -> Double { 0 }
}
