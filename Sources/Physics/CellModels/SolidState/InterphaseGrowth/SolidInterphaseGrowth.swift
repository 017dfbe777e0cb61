// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Growth of the interphase between lithium and a solid electrolyte.

import Foundation
import Quantities

/// Growth of the interphase between lithium metal and a solid electrolyte.
public protocol SolidInterphaseGrowth: Sendable {
  /// Rate of growth and its slope by thickness.
  ///
  /// - Parameters:
  ///   - thickness: In metres, positive.
  ///   - temperature: In kelvin.
  /// - Returns: Rate in m/s, and its derivative by thickness in 1/s.
  func rate(thickness: Double, temperature: Double) -> (value: Double, slope: Double)
}

/// The interphase keeps its thickness.
public struct NoSolidInterphaseGrowth: SolidInterphaseGrowth {
  /// Creates the law.
  public init() {}

  /// Zero.
  public func rate(thickness: Double, temperature: Double) -> (value: Double, slope: Double) {
    (0, 0)
  }
}

/// Growth limited by diffusion through the interphase: `dδ/dt = k/(2·δ)`, so `δ² = δ₀² + k·t`.
///
/// - Reference: Wenzel, Sedlmaier, Dietrich, Zeier & Janek (2018), doi:10.1016/j.ssi.2017.07.005,
///   for argyrodites on lithium.
public struct ParabolicInterphaseGrowth: SolidInterphaseGrowth {
  /// `k` at the reference temperature, in m²/s.
  public let constant: Double
  /// Activation energy of `k`, in J/mol.
  public let activationEnergy: Double

  /// Creates the law.
  ///
  /// - Parameters:
  ///   - constant: At the reference temperature, in m²/s; not negative.
  ///   - activationEnergy: In J/mol.
  public init(constant: Double, activationEnergy: Double) {
    precondition(constant >= 0, "a growth constant cannot be negative")
    self.constant = constant
    self.activationEnergy = activationEnergy
  }

  /// The rate.
  public func rate(thickness: Double, temperature: Double) -> (value: Double, slope: Double) {
    let inverse =
      1 / PhysicalConstants.referenceTemperature - 1 / temperature
    let k = constant * exp(activationEnergy / PhysicalConstants.gas * inverse)
    let value = 0.5 * k / thickness
    return (value, -value / thickness)
  }
}
