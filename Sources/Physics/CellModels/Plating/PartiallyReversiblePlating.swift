// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Plating and stripping while plated lithium dies under its own film.

/// Plating and stripping as in ReversiblePlating, while plated lithium loses contact at the
/// rate `γ = γ₀·L₀/L` that falls as the interphase film `L` thickens.
///
/// - Reference: O'Kane et al. (2022), doi:10.1039/D2CP00417H.
public struct PartiallyReversiblePlating: LithiumPlating {
  /// Creates the law.
  public init() {}

  /// Share of the plated lithium that is dead at once: none.
  public var deadShare: Double { 0 }

  /// Current density of plating and stripping by this law.
  public func current(
    _ parameters: PlatingParameters, _ conditions: PlatingConditions
  ) -> PlatingCurrent { ReversiblePlating().current(parameters, conditions) }

  /// Rate at which plated lithium dies, in 1/s.
  public func deadLithiumRate(
    _ parameters: PlatingParameters, relativeFilm: Double
  ) -> Double { parameters.deadLithiumRate / max(relativeFilm, 0.1) }
}
