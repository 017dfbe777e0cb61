// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the surface of a cell touches.

/// What a face of a cell touches; each face sees one temperature of its surroundings.
public enum ThermalFace: Hashable, Sendable {
  /// No heat passes.
  case adiabatic
  /// A fluid with this heat transfer coefficient, in W/(m²·K).
  case convection(coefficient: Double)
  /// A solid behind a contact of this resistance, in m²·K/W.
  case contact(resistance: Double)
  /// The surface itself has the temperature of the surroundings.
  case fixed

  /// Conductance from a volume to the surroundings, in W/K.
  ///
  /// - Parameters:
  ///   - area: Area of the face, in m².
  ///   - behind: Conductance from the middle of the volume to the face, in W/K.
  /// - Returns: Conductance, in W/K.
  func conductance(area: Double, behind: Double) -> Double {
    switch self {
    case .adiabatic: return 0
    case .fixed: return behind
    case .convection(let coefficient):
      let film = coefficient * area
      return film > 0 ? behind / (1 + behind / film) : 0
    case .contact(let resistance):
      return behind / (1 + behind * resistance / area)
    }
  }

  /// Refuses values that are negative or not finite.
  func check(_ name: String) throws(ParameterError) {
    switch self {
    case .adiabatic, .fixed: return
    case .convection(let value), .contact(let value):
      guard value >= 0, value.isFinite else {
        throw .outOfRange(key: "cooling of the \(name)", value: value, allowed: "0 or above")
      }
    }
  }
}
