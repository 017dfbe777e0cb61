// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A material that melts over a range of temperature, by its enthalpy.

import Quantities

/// A phase-change material in a node, by the enthalpy method.
///
/// Between ``begins`` and ``ends`` the latent heat is taken up linearly, so that temperature is a
/// continuous, invertible function of enthalpy.
///
/// - Reference: Voller & Cross (1981), Int. J. Heat Mass Transf. 24,
///   doi:10.1016/0017-9310(81)90062-4.
public struct Melting: Hashable, Sendable {
  /// Latent heat of the node, in joules.
  public var latentHeat: Double
  /// Temperature where melting begins, in kelvin.
  public var begins: Double
  /// Temperature where melting ends, in kelvin; above ``begins``.
  public var ends: Double

  /// Creates a material.
  public init(latentHeat: Double, begins: Double, ends: Double) {
    self.latentHeat = latentHeat
    self.begins = begins
    self.ends = max(ends, begins + 0.1)
  }

  /// Enthalpy against ``ThermalNetwork/reference``, in joules.
  public func enthalpy(at temperature: Double, capacity: Double) -> Double {
    let melted = max(0, min(1, (temperature - begins) / (ends - begins)))
    return capacity * (temperature - ThermalNetwork.reference) + melted * latentHeat
  }

  /// Temperature of an enthalpy, in kelvin.
  public func temperature(enthalpy: Double, capacity: Double) -> Double {
    let start = capacity * (begins - ThermalNetwork.reference)
    let width = capacity * (ends - begins) + latentHeat
    if enthalpy <= start { return ThermalNetwork.reference + enthalpy / capacity }
    if enthalpy >= start + width {
      return ThermalNetwork.reference + (enthalpy - latentHeat) / capacity
    }
    return begins + (ends - begins) * (enthalpy - start) / width
  }

  /// Melted fraction, 0 to 1.
  public func fraction(enthalpy: Double, capacity: Double) -> Double {
    let start = capacity * (begins - ThermalNetwork.reference)
    let width = capacity * (ends - begins) + latentHeat
    return max(0, min(1, (enthalpy - start) / width))
  }
}
