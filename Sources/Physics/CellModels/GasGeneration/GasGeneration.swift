// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gas from side reactions on the negative electrode: what all laws share.

import Quantities

/// A law of gas from side reactions.
public protocol GasGeneration: Sendable {
  /// Gas formed since the start, in mol.
  ///
  /// - Parameter filmLithium: Lithium bound in the interphase since the start, in mol.
  /// - Returns: The amount.
  func amount(filmLithium: Double) -> Double
}

extension GasGeneration {
  /// Rise of the pressure in the free space of a cell, in Pa, as an ideal gas that does not
  /// dissolve: `n·R·T/V`.
  ///
  /// - Parameters:
  ///   - filmLithium: Lithium bound in the interphase since the start, in mol.
  ///   - headspace: Free volume, in m³; positive.
  ///   - temperature: In kelvin.
  /// - Returns: The rise.
  public func pressureRise(
    filmLithium: Double, headspace: Double, temperature: Double
  ) -> Double {
    amount(filmLithium: filmLithium) * PhysicalConstants.gas * temperature / headspace
  }
}
