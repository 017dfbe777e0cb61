// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Self-discharge: what all laws share.

/// A current inside of a cell, with its derivative for Newton's method.
public struct LeakCurrent: Hashable, Sendable {
  /// Current, in amperes; positive discharges the cell.
  public var value = 0.0
  /// Derivative by the terminal voltage, in A/V.
  public var byVoltage = 0.0

  /// No current.
  public init(value: Double = 0, byVoltage: Double = 0) {
    self.value = value
    self.byVoltage = byVoltage
  }
}

/// A law of self-discharge: a current between the electrodes that does not pass the terminals.
public protocol SelfDischarge: Sendable {
  /// The current.
  ///
  /// - Parameters:
  ///   - voltage: Terminal voltage, in volts.
  ///   - temperature: In kelvin.
  /// - Returns: The current and its derivative.
  func current(voltage: Double, temperature: Double) -> LeakCurrent
}

/// The laws of self-discharge.
public enum SelfDischargeLaw: Hashable, Sendable {
  /// The cell keeps its charge.
  case none
  /// A resistance between the electrodes, in ohms: a soft internal short.
  case resistance(Double)
  /// A shuttle current at the reference temperature, in amperes, with its activation energy, in
  /// J/mol.
  case shuttle(current: Double, activationEnergy: Double)

  /// The law.
  public var discharge: any SelfDischarge {
    switch self {
    case .none: NoSelfDischarge()
    case .resistance(let ohms): ResistiveLeak(resistance: ohms)
    case .shuttle(let current, let energy):
      ShuttleCurrent(current: current, activationEnergy: energy)
    }
  }
}
