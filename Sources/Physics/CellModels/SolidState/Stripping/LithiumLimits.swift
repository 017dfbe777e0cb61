// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How fast lithium refills a stripped interface, and how fast it may be plated.

import Foundation
import Quantities

/// How fast lithium refills an interface that is stripped, and how fast it may be plated.
public protocol LithiumLimits: Sendable {
  /// Current density up to which creep and diffusion refill the interface, in A/m².
  ///
  /// - Parameters:
  ///   - pressure: Stack pressure, in pascals.
  ///   - temperature: In kelvin.
  /// - Returns: In A/m², not negative.
  func stripping(pressure: Double, temperature: Double) -> Double

  /// Current density of plating above which a dendrite starts, in A/m².
  func plating(pressure: Double, temperature: Double) -> Double
}

/// Lithium always refills the interface and never grows dendrites.
public struct UnlimitedLithium: LithiumLimits {
  /// Creates limits that are never reached.
  public init() {}

  /// A current density beyond any cell.
  public func stripping(pressure: Double, temperature: Double) -> Double { 1e9 }
  /// A current density beyond any cell.
  public func plating(pressure: Double, temperature: Double) -> Double { 1e9 }
}

/// Limits that follow the creep of lithium: a power of the pressure, Arrhenius' law of temperature.
///
/// - Reference: Kasemchainan et al. (2019), doi:10.1038/s41563-019-0438-9, for lithium on Li6PS5Cl:
///   stripping 0.2 and 1.0 mA/cm² at 3 and 7 MPa, plating 2.0 mA/cm² at both; LePage et al. (2019),
///   doi:10.1149/2.0221902jes, for the activation energy of creep.
public struct CreepLimits: LithiumLimits {
  /// Stripping limit at the reference pressure and 298.15 K, in A/m².
  public let reference: Double
  /// Reference pressure, in pascals.
  public let referencePressure: Double
  /// Power of the pressure.
  public let exponent: Double
  /// Activation energy of both limits, in J/mol.
  public let activationEnergy: Double
  /// Plating limit of an interface without voids at 298.15 K, in A/m².
  public let platingReference: Double

  /// Creates limits.
  ///
  /// - Parameters:
  ///   - reference: Stripping limit, in A/m².
  ///   - referencePressure: Pressure of that limit, in pascals.
  ///   - exponent: Power of the pressure.
  ///   - activationEnergy: In J/mol.
  ///   - platingReference: Plating limit, in A/m².
  public init(
    reference: Double, referencePressure: Double, exponent: Double, activationEnergy: Double,
    platingReference: Double
  ) {
    precondition(reference > 0 && referencePressure > 0, "limits must be positive")
    precondition(platingReference > 0, "limits must be positive")
    self.reference = reference
    self.referencePressure = referencePressure
    self.exponent = exponent
    self.activationEnergy = activationEnergy
    self.platingReference = platingReference
  }

  private func factor(_ temperature: Double) -> Double {
    exp(
      activationEnergy / PhysicalConstants.gas
        * (1 / PhysicalConstants.referenceTemperature - 1 / temperature))
  }

  /// The stripping limit.
  public func stripping(pressure: Double, temperature: Double) -> Double {
    reference * pow(max(0, pressure) / referencePressure, exponent) * factor(temperature)
  }

  /// The plating limit; the two published pressures have the same.
  public func plating(pressure: Double, temperature: Double) -> Double {
    platingReference * factor(temperature)
  }
}
