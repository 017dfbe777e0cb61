// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameters of lithium plating on the negative electrode, in coherent SI.

/// The parameters of lithium plating and stripping on the negative electrode, in coherent SI.
///
/// Defaults are those of O'Kane et al. (2022), doi:10.1039/D2CP00417H.
public struct PlatingParameters: Sendable {
  /// Rate constant of plating and stripping, in m/s.
  public var rateConstant = 1e-9
  /// Transfer coefficient of plating; that of stripping is the rest to 1.
  public var transferCoefficient = 0.65
  /// Rate at which plated lithium dies under the initial film, in 1/s.
  public var deadLithiumRate = 1e-6
  /// Plated lithium at the start, in mol per m³ of electrode.
  public var initialConcentration = 0.0
  /// Volume per mole of lithium metal, in m³/mol.
  public var partialMolarVolume = 1.3e-5

  /// Creates the values of O'Kane et al. (2022).
  public init() {}
}
