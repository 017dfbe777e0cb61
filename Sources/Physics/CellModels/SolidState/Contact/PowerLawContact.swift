// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Contact that grows with a power of the pressure.

import Foundation

/// Contact that grows with a power of the pressure until it is full: `(p/p₁)ⁿ`.
///
/// The resistance of contacts to Li6PS5Cl was measured to fall with the pressure to the power -0.5
/// and with the area to the power -1 (arXiv:2501.00600), which makes the area grow with the root.
public struct PowerLawContact: ContactLaw {
  /// Pressure of full contact, in pascals.
  public let fullPressure: Double
  /// Power of the pressure.
  public let exponent: Double

  /// Creates the law.
  ///
  /// - Parameters:
  ///   - fullPressure: Pressure of full contact, in pascals; positive.
  ///   - exponent: Positive.
  public init(fullPressure: Double, exponent: Double = 0.5) {
    precondition(fullPressure > 0 && exponent > 0, "pressure and exponent must be positive")
    self.fullPressure = fullPressure
    self.exponent = exponent
  }

  /// The fraction; at least 1e-3, which stands for the cell as it was pressed.
  public func fraction(at pressure: Double) -> Double {
    min(1, max(1e-3, pow(max(0, pressure) / fullPressure, exponent)))
  }
}
