// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Differences beyond which measurements of a pack contradict each other.

public import Quantities

/// Differences beyond which the measurements of a pack are not plausible together.
///
/// These mark a doubtful measurement or an exceptional pack; they are no safety limits. Source:
/// ``Source/foxBMSPlausibility``.
public enum PlausibilityDefaults {
  /// Sum of cell voltages against the measured voltage of a string.
  public static let stringVoltageDifference = Voltage(3)
  /// One cell voltage measured twice.
  public static let redundantCellVoltageDifference = Voltage(millivolts: 10)
  /// One temperature measured twice.
  public static let redundantTemperatureDifference = TemperatureDifference(5)
  /// Highest minus lowest cell voltage of a string.
  public static let cellVoltageSpread = Voltage(millivolts: 300)
  /// Highest minus lowest temperature of a string.
  public static let temperatureSpread = TemperatureDifference(10)
}
