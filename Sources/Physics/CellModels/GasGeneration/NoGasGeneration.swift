// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Side reactions that form no gas.

/// Side reactions that form no gas.
public struct NoGasGeneration: GasGeneration {
  /// Creates the null law.
  public init() {}

  /// Gas formed: none.
  public func amount(filmLithium: Double) -> Double { 0 }
}
