// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What became of one cell of a batch.

/// What became of one cell of a batch.
public struct CellOutcome: Hashable, Sendable {
  /// Time at which the run ended, in seconds.
  public var time = 0.0
  /// How the last step ended.
  public var end = StepEnd.failed
  /// Cycle of the last step, from 1.
  public var cycle = 0
  /// Last step within its cycle, from 1.
  public var step = 0
  /// Charge taken out in all discharging steps, in coulombs.
  public var discharged = 0.0
  /// Charge put in in all charging steps, in coulombs.
  public var charged = 0.0
  /// Charge taken out in the last step that discharged, in coulombs: the capacity seen.
  public var lastDischarge = 0.0
  /// Terminal voltage at the end, in volts.
  public var voltage = Double.nan
  /// Lowest terminal voltage, in volts.
  public var lowestVoltage = Double.infinity
  /// Highest terminal voltage, in volts.
  public var highestVoltage = -Double.infinity
  /// Temperature at the end, in kelvin.
  public var temperature = Double.nan
  /// Highest temperature, in kelvin.
  public var highestTemperature = -Double.infinity
  /// Smallest potential of the negative electrode against lithium, in volts.
  public var platingMargin = Double.infinity
  /// Lithium bound by side reactions, in moles; 0 without ageing.
  public var lostLithium = 0.0

  /// Creates an outcome before anything happened.
  public init() {}

  /// Takes in a state.
  mutating func note(voltage: Double, temperature: Double, platingMargin: Double) {
    self.voltage = voltage
    self.temperature = temperature
    lowestVoltage = min(lowestVoltage, voltage)
    highestVoltage = max(highestVoltage, voltage)
    highestTemperature = max(highestTemperature, temperature)
    self.platingMargin = min(self.platingMargin, platingMargin)
  }

  /// Takes in the end of a step.
  mutating func finishStep(cycle: Int, step: Int, end: StepEnd, time: Double, charge: Double) {
    self.cycle = cycle
    self.step = step
    self.end = end
    self.time = time
    if charge > 0 {
      discharged += charge
      lastDischarge = charge
    } else {
      charged -= charge
    }
  }
}
