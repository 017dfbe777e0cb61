// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The open-circuit voltage of a cell with its entropy coefficient.

public import Quantities

/// The equilibrium voltage of a cell over its state of charge, with its entropy coefficient.
///
/// `U(z, T) = U(z, T₀) + (T − T₀)·dU/dT(z)`.
public struct OpenCircuitVoltage: Sendable {
  /// Voltage in volts over the state of charge, at the reference temperature.
  public let curve: MonotoneCurve
  /// Entropy coefficient `dU/dT` in volts per kelvin over the state of charge; nil for none.
  public let entropyCoefficient: MonotoneCurve?
  /// Temperature of ``curve``, in kelvin.
  public let referenceTemperature: Double

  /// Creates an open-circuit voltage.
  ///
  /// - Parameters:
  ///   - curve: Voltage in volts over the state of charge; must rise.
  ///   - entropyCoefficient: `dU/dT` in volts per kelvin; nil for none.
  ///   - referenceTemperature: Temperature of the curve.
  public init(
    curve: MonotoneCurve, entropyCoefficient: MonotoneCurve? = nil,
    referenceTemperature: Temperature = Temperature(PhysicalConstants.referenceTemperature)
  ) {
    self.curve = curve
    self.entropyCoefficient = entropyCoefficient
    self.referenceTemperature = referenceTemperature.value
  }

  /// The voltage in volts.
  ///
  /// - Parameters:
  ///   - stateOfCharge: Fraction from 0 to 1; beyond it the curve goes on straight.
  ///   - temperature: In kelvin.
  /// - Returns: Voltage in volts.
  public func voltage(at stateOfCharge: Double, temperature: Double) -> Double {
    let voltage = curve.value(at: stateOfCharge)
    guard let entropyCoefficient else { return voltage }
    return voltage
      + (temperature - referenceTemperature) * entropyCoefficient.value(at: stateOfCharge)
  }

  /// `dU/dT` in volts per kelvin.
  public func entropy(at stateOfCharge: Double) -> Double {
    entropyCoefficient?.value(at: stateOfCharge) ?? 0
  }

  /// The state of charge at which the cell rests at a voltage, at the reference temperature.
  public func stateOfCharge(at voltage: Voltage) -> Double { curve.place(of: voltage.value) }
}
