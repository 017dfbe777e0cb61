// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A stretch of a test in which one thing is done to the cell.

/// What is done to a cell in a stretch of a test.
public enum StepKind: String, CaseIterable, Codable, Hashable, Sendable {
  /// No current beyond the noise of the instrument.
  case rest
  /// Charge at constant current.
  case constantCurrentCharge = "cc_charge"
  /// Charge at constant voltage with falling current.
  case constantVoltageCharge = "cv_charge"
  /// Discharge at constant current.
  case constantCurrentDischarge = "cc_discharge"
  /// Discharge at constant voltage with falling current.
  case constantVoltageDischarge = "cv_discharge"
  /// A short charge or discharge between calmer steps, as in a pulse test.
  case pulse
  /// A load that keeps changing, as on the road or in a square-wave test.
  case drive
}

/// A stretch of a test in which one thing is done to the cell.
public struct TestStep: Codable, Hashable, Sendable {
  /// What is done.
  public var kind: StepKind
  /// Time of the first sample in seconds.
  public var start: Double
  /// Time of the last sample in seconds.
  public var end: Double
  /// Number of samples.
  public var rows: Int
  /// Voltage of the first sample in volts.
  public var startVoltage: Double
  /// Voltage of the last sample in volts.
  public var endVoltage: Double
  /// Charge taken out in coulombs; negative when charging.
  public var charge: Double
  /// Energy taken out in joules; negative when charging.
  public var energy: Double
  /// Current of the first and last sample in amperes.
  public var startCurrent: Double
  /// Current of the last sample in amperes.
  public var endCurrent: Double

  /// Length in seconds.
  public var duration: Double { end - start }
  /// Mean current in amperes over the time covered, discharge positive; 0 for a single sample.
  public var meanCurrent: Double { duration > 0 ? charge / duration : 0 }

  /// Appends a later stretch.
  mutating func append(_ later: TestStep) {
    end = later.end
    rows += later.rows
    endVoltage = later.endVoltage
    endCurrent = later.endCurrent
    charge += later.charge
    energy += later.energy
  }
}
