// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A differential curve with its peaks: dQ/dV, dV/dQ or dT/dV.

/// A differential curve with its peaks.
public struct DifferentialCurve: Codable, Hashable, Sendable {
  /// What is differentiated.
  public enum Kind: String, CaseIterable, Codable, Hashable, Sendable {
    /// `dQ/dV` over voltage, in coulombs per volt.
    case incrementalCapacity = "incremental_capacity"
    /// `dV/dQ` over charge moved, in volts per coulomb.
    case differentialVoltage = "differential_voltage"
    /// `dT/dV` over voltage, in kelvin per volt.
    case differentialThermal = "differential_thermal"
  }

  /// What is differentiated.
  public var kind: Kind
  /// Number of the discharge it belongs to, counted from 1.
  public var cycle: Int
  /// Whether it comes from a discharge.
  public var isDischarge: Bool
  /// Abscissa: volts, or coulombs for ``Kind/differentialVoltage``.
  public var x: [Double]
  /// Ordinate.
  public var y: [Double]
  /// The peaks, the most prominent first.
  public var peaks: [CurvePeak]
}
