// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One cycle: a discharge with the charge before it.

/// One cycle: a discharge with the charge before it.
public struct CycleRecord: Codable, Hashable, Sendable {
  /// Number of the discharge in the test, counted from 1.
  public var number: Int
  /// Number of the cycle in the source, where it has one.
  public var sourceCycle: Int?
  /// Start of the discharge in seconds; nil from a table without time.
  public var start: Double?
  /// Capacity to the cut-off voltage in coulombs; nil when the discharge did not reach it.
  public var capacity: Double?
  /// Energy to the cut-off voltage in joules.
  public var energy: Double?
  /// Charge taken out over the whole discharge in coulombs, beyond the cut-off too.
  public var dischargedCharge: Double?
  /// Energy taken out over the whole discharge in joules.
  public var dischargedEnergy: Double?
  /// Charge put in before it in coulombs.
  public var chargedCharge: Double?
  /// Energy put in before it in joules.
  public var chargedEnergy: Double?
  /// Share of the charge put in at constant voltage.
  public var constantVoltageShare: Double?
  /// Mean current of the discharge under load in amperes.
  public var meanCurrent: Double?
  /// Lowest voltage under load in volts.
  public var minimumVoltage: Double?
  /// Temperature at the start of the discharge in kelvin.
  public var startTemperature: Double?
  /// Mean temperature of the discharge in kelvin.
  public var meanTemperature: Double?
  /// Highest temperature of the discharge in kelvin.
  public var maximumTemperature: Double?
  /// Capacity the source states in coulombs.
  public var statedCapacity: Double?
  /// Charge by the source's own counter in coulombs.
  public var counterCharge: Double?
  /// Resistance at the onset of the discharge in ohms, at ``resistanceTime``; or the source's own.
  public var resistance: Double?
  /// Time after the onset at which the resistance is stated, in seconds.
  public var resistanceTime: Double?
  /// Group of cycles under like current and temperature, counted from 0, the largest first; nil
  /// for a discharge that did not reach the cut-off.
  public var group: Int?
  /// Peaks of incremental capacity of the discharge.
  public var incrementalCapacityPeaks: [CurvePeak] = []

  /// Charge taken out divided by charge put in before; nil without a charge or when the two are
  /// too different to be one cycle.
  public var coulombicEfficiency: Double? {
    guard let dischargedCharge, let chargedCharge, chargedCharge > 0 else { return nil }
    let ratio = dischargedCharge / chargedCharge
    return ratio > 0.5 && ratio < 1.5 ? ratio : nil
  }

  /// Energy taken out divided by energy put in before.
  public var energyEfficiency: Double? {
    guard coulombicEfficiency != nil, let dischargedEnergy, let chargedEnergy, chargedEnergy > 0
    else { return nil }
    return dischargedEnergy / chargedEnergy
  }

  /// Rise of temperature over the discharge in kelvin.
  public var temperatureRise: Double? {
    guard let startTemperature, let maximumTemperature else { return nil }
    return maximumTemperature - startTemperature
  }
}
