// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Self-discharge through a resistance between the electrodes.

/// Self-discharge through a resistance between the electrodes, as in a soft internal short:
/// `I = V/R`.
///
/// - Reference: Santhanagopalan, Ramadass & Zhang (2009), doi:10.1016/j.jpowsour.2009.05.002.
public struct ResistiveLeak: SelfDischarge {
  /// Resistance, in ohms; positive.
  public var resistance: Double

  /// Creates the law.
  public init(resistance: Double) {
    self.resistance = resistance
  }

  /// The current by this law.
  public func current(voltage: Double, temperature: Double) -> LeakCurrent {
    LeakCurrent(value: voltage / resistance, byVoltage: 1 / resistance)
  }
}
