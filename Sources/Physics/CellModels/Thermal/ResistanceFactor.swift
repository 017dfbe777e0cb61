// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How resistances depend on temperature and state of charge.

public import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the resistances of a cell depend on temperature and state of charge.
///
/// `f = m(z)·exp(E/R·(1/T − 1/T₀))`, one at the reference temperature where the map is one.
public struct ResistanceFactor: Sendable {
  /// Activation energy in joules per mole; zero for none.
  public let activationEnergy: Double
  /// Temperature at which the temperature part is one, in kelvin.
  public let referenceTemperature: Double
  /// Dependence on the state of charge; nil for none.
  public let map: MonotoneCurve?

  /// Creates a dependence; the default is none.
  ///
  /// - Parameters:
  ///   - activationEnergy: In joules per mole.
  ///   - referenceTemperature: Temperature at which the temperature part is one.
  ///   - map: Factor over the state of charge; nil for none.
  public init(
    activationEnergy: Double = 0,
    referenceTemperature: Temperature = Temperature(PhysicalConstants.referenceTemperature),
    map: MonotoneCurve? = nil
  ) {
    self.activationEnergy = activationEnergy
    self.referenceTemperature = referenceTemperature.value
    self.map = map
  }

  /// The factor.
  ///
  /// - Parameters:
  ///   - temperature: In kelvin; held between 200 K and 400 K, where the law is used.
  ///   - stateOfCharge: Fraction from 0 to 1.
  /// - Returns: The factor, a pure number.
  public func value(temperature: Double, stateOfCharge: Double) -> Double {
    let bounded = max(200, min(400, temperature))
    let exponent =
      activationEnergy / PhysicalConstants.gas * (1 / bounded - 1 / referenceTemperature)
    return exp(exponent) * (map?.value(at: max(0, min(1, stateOfCharge))) ?? 1)
  }
}
