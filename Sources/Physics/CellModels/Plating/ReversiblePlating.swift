// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Plating and stripping: every atom that plates can be stripped.

/// Plating and stripping in one reaction:
/// `j = F·k·(c_Li·exp((1 − α)·F·η/(R·T)) − c_e·exp(−α·F·η/(R·T)))`.
///
/// - Reference: O'Kane et al. (2020), doi:10.1149/1945-7111/ab90ac.
public struct ReversiblePlating: LithiumPlating {
  /// Creates the law.
  public init() {}

  /// Share of the plated lithium that is dead at once: none.
  public var deadShare: Double { 0 }

  /// Current density of plating and stripping by this law.
  public func current(
    _ parameters: PlatingParameters, _ conditions: PlatingConditions
  ) -> PlatingCurrent {
    let down = parameters.deposition(conditions)
    var result = parameters.stripping(conditions)
    result.value += down.value
    result.byPotential += down.byPotential
    result.bySalt = down.bySalt
    return result
  }

  /// Rate at which plated lithium dies: zero.
  public func deadLithiumRate(_ parameters: PlatingParameters, relativeFilm: Double) -> Double { 0 }
}
