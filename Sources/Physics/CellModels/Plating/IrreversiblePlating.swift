// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Plating without stripping: every atom that plates is lost.

/// Plating without stripping: `j = −F·k·c_e·exp(−α·F·η/(R·T))`; every atom that plates is lost.
///
/// - Reference: O'Kane et al. (2022), doi:10.1039/D2CP00417H.
public struct IrreversiblePlating: LithiumPlating {
  /// Creates the law.
  public init() {}

  /// Share of the plated lithium that is dead at once: all.
  public var deadShare: Double { 1 }

  /// Current density of plating by this law; never positive.
  public func current(
    _ parameters: PlatingParameters, _ conditions: PlatingConditions
  ) -> PlatingCurrent { parameters.deposition(conditions) }

  /// Rate at which plated lithium dies later: zero, since it is dead at once.
  public func deadLithiumRate(_ parameters: PlatingParameters, relativeFilm: Double) -> Double { 0 }
}
