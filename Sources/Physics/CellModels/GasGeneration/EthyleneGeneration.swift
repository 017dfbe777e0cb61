// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ethylene from the reduction of ethylene carbonate.

/// Ethylene from the reduction of ethylene carbonate: one molecule for two lithium, whether the
/// film is dicarbonate, `2 EC + 2 Li → (CH₂OCO₂Li)₂ + C₂H₄`, or carbonate,
/// `EC + 2 Li → Li₂CO₃ + C₂H₄`. Later reactions of the gas are left out.
///
/// - Reference: Leung (2013), arXiv:1307.3165, for both routes and the one to carbon monoxide.
public struct EthyleneGeneration: GasGeneration {
  /// Creates the law.
  public init() {}

  /// Gas formed since the start, in mol.
  public func amount(filmLithium: Double) -> Double { 0.5 * max(0, filmLithium) }
}
