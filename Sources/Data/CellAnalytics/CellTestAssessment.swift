// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the analysis of a cell test ends with.

public import BatteryDomain
public import Cleaning

/// What the analysis of a cell test ends with: numbers, curves and ranked findings.
public struct CellTestAssessment: Codable, Sendable {
  /// The steps of one kind, summed.
  public struct StepSummary: Codable, Hashable, Sendable {
    /// The kind.
    public var kind: StepKind
    /// The totals.
    public var totals: StepTotals
  }

  /// Name of the cell.
  public var identity: String
  /// Formats of the tables.
  public var formats: [String]
  /// What times count from.
  public var timeReference: TimeReference
  /// First and last time of a usable sample in seconds.
  public var start: Double?
  /// Last time of a usable sample in seconds.
  public var end: Double?
  /// Usable samples of voltage and current.
  public var samples: Int
  /// Samples without usable voltage or current.
  public var unusableSamples: Int
  /// What cleaning changed.
  public var cleaning: CleaningSummary
  /// The highest severity of the findings.
  public var severity: Severity
  /// The highest risk of the findings, from 0 to 100.
  public var risk: Double
  /// The findings, the most urgent first.
  public var findings: [Finding]
  /// The voltage to which capacity counts.
  public var cutOff: CutOff?
  /// The cycles.
  public var cycles: [CycleRecord]
  /// Capacity of the comparable cycles, with baseline and end of life.
  public var series: CapacitySeries?
  /// Last capacity as a share of the baseline.
  public var stateOfHealth: Double?
  /// Cycle at which life ended, where it did.
  public var endOfLifeCycle: Int?
  /// Where fade begins to accelerate.
  public var knee: KneePoint?
  /// When life will end, by each method.
  public var forecasts: [LifeForecast]
  /// The first steps one by one, at most 2000.
  public var steps: [TestStep]
  /// All steps, summed by kind.
  public var stepSummaries: [StepSummary]
  /// Times after a step of the current at which resistance is stated, in seconds.
  public var pulseTimes: [Double]
  /// Resistance from steps of the current.
  public var pulses: [PulseResistance]
  /// Rests after loads.
  public var relaxations: [Relaxation]
  /// Differential curves of a few cycles spread over the life.
  public var curves: [DifferentialCurve]
  /// Impedance spectra.
  public var impedance: [ImpedanceResult]
  /// Lowest usable voltage in volts.
  public var minimumVoltage: Double?
  /// Highest usable voltage in volts.
  public var maximumVoltage: Double?
  /// Voltage that charges usually end at in volts: the median of their highest voltages.
  public var usualChargedVoltage: Double?
  /// Highest temperature in kelvin.
  public var maximumTemperature: Double?

  /// The first cycle whose capacity to the cut-off is below a limit in coulombs; nil when none is.
  ///
  /// Discharges that did not reach the cut-off have no capacity and do not count.
  public func firstCycle(below limit: Double) -> Int? {
    cycles.first { $0.capacity.map { $0 < limit } ?? false }?.number
  }
}
