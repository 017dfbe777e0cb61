// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One finished charge or discharge.

/// One finished charge or discharge.
public struct HalfCycle: Codable, Hashable, Sendable {
  /// Whether charge was taken out.
  public var isDischarge: Bool
  /// Number of the cycle in the source, where it has one.
  public var sourceCycle: Int?
  /// Time of the first sample in seconds.
  public var start: Double
  /// Time of the last sample in seconds.
  public var end: Double
  /// Number of samples.
  public var rows: Int
  /// Charge moved in its direction over the whole half-cycle, in coulombs, net of short reversals.
  public var charge: Double
  /// Energy moved in its direction, in joules.
  public var energy: Double
  /// Charge moved at constant voltage, in coulombs.
  public var heldCharge: Double
  /// Charge moved at steady current, in coulombs.
  public var steadyCharge: Double
  /// Mean current under load in amperes, positive.
  public var meanCurrent: Double
  /// Largest current in amperes, positive.
  public var largestCurrent: Double
  /// Lowest voltage under load in volts.
  public var minimumVoltage: Double
  /// Highest voltage under load in volts.
  public var maximumVoltage: Double
  /// Temperature of the first sample in kelvin.
  public var startTemperature: Double?
  /// Highest temperature in kelvin.
  public var maximumTemperature: Double?
  /// Mean temperature in kelvin.
  public var meanTemperature: Double?
  /// Charge by the source's own counter in coulombs, where it has one.
  public var counterCharge: Double?
  /// Capacity that the source states for it in coulombs, where it does.
  public var statedCapacity: Double?
  /// Charge at the first loaded sample at or below each threshold of the analysis, in coulombs;
  /// as many as thresholds were reached, from the highest down.
  var thresholdCharge: [Double]
  /// Energy at the same samples in joules.
  var thresholdEnergy: [Double]
  /// Peaks of incremental capacity, the highest first, at most four.
  public var incrementalCapacityPeaks: [CurvePeak]

  init(_ sum: HalfCycleAccumulator, peaks: [CurvePeak]) {
    isDischarge = sum.direction > 0
    sourceCycle = sum.cycle.isNaN ? nil : Int(sum.cycle)
    start = sum.start
    end = sum.end
    rows = sum.rows
    charge = sum.charge
    energy = sum.energy
    heldCharge = sum.heldCharge
    steadyCharge = sum.steadyCharge
    meanCurrent = sum.loadTime > 0 ? sum.charge / sum.loadTime : 0
    largestCurrent = sum.largestCurrent
    minimumVoltage = sum.minimumVoltage.isFinite ? sum.minimumVoltage : 0
    maximumVoltage = sum.maximumVoltage.isFinite ? sum.maximumVoltage : 0
    startTemperature = sum.firstTemperature.isNaN ? nil : sum.firstTemperature
    maximumTemperature = sum.maximumTemperature.isNaN ? nil : sum.maximumTemperature
    meanTemperature =
      sum.temperatureRows > 0 ? sum.temperatureSum / Double(sum.temperatureRows) : nil
    let counted = sum.lastCounter - sum.firstCounter
    counterCharge = counted > 0 ? counted : nil
    statedCapacity = isDischarge && sum.stated > 0 ? sum.stated : nil
    thresholdCharge = sum.crossings.map(\.charge)
    thresholdEnergy = sum.crossings.map(\.energy)
    incrementalCapacityPeaks = peaks
  }
}
