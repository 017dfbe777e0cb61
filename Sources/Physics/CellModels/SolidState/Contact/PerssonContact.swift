// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Contact of rough elastic solids after Persson.

import Foundation

/// Contact of rough elastic solids: `erf(√2·p/(E*·h′))`.
///
/// `E*` is the effective modulus and `h′` the root mean square slope of the surfaces. A pressure
/// left in the electrode from its densification adds to the stack pressure.
///
/// - Reference: Persson (2001), doi:10.1063/1.1388626; used for solid-state batteries by Tian & Qi
///   (2017), doi:10.1149/2.0051711jes.
public struct PerssonContact: ContactLaw {
  /// `E*·h′`, in pascals.
  public let stiffness: Double
  /// Pressure left from densification, in pascals.
  public let residualPressure: Double

  /// Creates the law.
  ///
  /// - Parameters:
  ///   - stiffness: Effective modulus times slope, in pascals; positive.
  ///   - residualPressure: In pascals; not negative.
  public init(stiffness: Double, residualPressure: Double = 0) {
    precondition(stiffness > 0 && residualPressure >= 0, "a stiffness must be positive")
    self.stiffness = stiffness
    self.residualPressure = residualPressure
  }

  /// The fraction; at least 1e-3.
  public func fraction(at pressure: Double) -> Double {
    max(1e-3, erf(2.0.squareRoot() * (max(0, pressure) + residualPressure) / stiffness))
  }
}
