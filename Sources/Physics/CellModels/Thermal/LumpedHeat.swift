// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The heat balance of a cell of one temperature.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The heat balance of a cell of one temperature: `C·dT/dt = q − G·(T − Tₐ)`.
///
/// Valid while the cell is isothermal inside (Biot number below 0.1).
public struct LumpedHeat: Hashable, Sendable {
  /// Heat capacity in joules per kelvin.
  public let capacity: Double
  /// Conductance to the surroundings in watts per kelvin; zero for an adiabatic cell.
  public let conductance: Double

  /// Creates a balance.
  ///
  /// - Parameters:
  ///   - capacityJoulesPerKelvin: Heat capacity; positive, or infinite for constant temperature.
  ///   - conductanceWattsPerKelvin: Conductance to the surroundings; not negative.
  public init(capacityJoulesPerKelvin: Double, conductanceWattsPerKelvin: Double) {
    precondition(capacityJoulesPerKelvin > 0, "a heat capacity must be positive")
    precondition(conductanceWattsPerKelvin >= 0, "a conductance cannot be negative")
    self.capacity = capacityJoulesPerKelvin
    self.conductance = conductanceWattsPerKelvin
  }

  /// A cell whose temperature does not change by its own heat.
  public static let isothermal = LumpedHeat(
    capacityJoulesPerKelvin: .infinity, conductanceWattsPerKelvin: 0)

  /// The temperature after a step of constant heat, exactly, in kelvin.
  ///
  /// - Parameters:
  ///   - temperature: At the start, in kelvin.
  ///   - power: Heat into the cell, in watts.
  ///   - ambient: Temperature of the surroundings, in kelvin.
  ///   - duration: In seconds, not negative.
  /// - Returns: Temperature at the end of the step, in kelvin.
  public func advanced(
    _ temperature: Double, power: Double, ambient: Double, duration: Double
  ) -> Double {
    guard conductance > 0 else { return temperature + power * duration / capacity }
    let final = ambient + power / conductance
    // expm1 keeps the change exact where the conductance is tiny and the final value far away.
    return temperature - (final - temperature) * expm1(-duration * conductance / capacity)
  }
}
