// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a person may state about a cell test; everything has a default or is inferred.

public import Cleaning

/// What a person may state about a cell test; everything has a default or is inferred.
public struct CellTestSettings: Codable, Hashable, Sendable {
  /// Voltage to which capacity counts, in volts; nil to infer it (see ``CutOff``).
  public var cutOffVoltage: Double?
  /// Nominal capacity in coulombs; nil to use the first cycles as the baseline.
  public var nominalCapacity: Double?
  /// Share of the baseline capacity at which life ends; 0.8 as in most vehicle practice
  /// (USABC Electric Vehicle Battery Test Procedures, 1996, rev. 2, section 3.10).
  public var endOfLifeShare = 0.8
  /// Capacity at which life ends in coulombs; overrides ``endOfLifeShare``.
  public var endOfLifeCapacity: Double?
  /// Lowest and highest permitted voltage in volts; nil to infer the class of cell.
  public var voltageWindow: ClosedRange<Double>?
  /// Times after a current step at which its resistance is stated, in seconds, ascending.
  public var pulseTimes: [Double] = [1, 10, 30]
  /// Width of the bins of voltage in which charge is counted, in volts.
  public var voltageBin = 0.002
  /// Half the window of the smoothing of incremental capacity, in volts.
  public var voltageSmoothing = 0.012
  /// Seed of everything random, so that results repeat.
  public var seed: UInt64 = 20_260
  /// Most impedance spectra that are fitted; the others still give their ohmic resistance.
  public var fittedSpectraLimit = 48
  /// Limits of the cleaner.
  public var cleaning = CleaningSettings()
  /// Limits of the step segmentation.
  public var steps = StepSegmenter.Settings()

  /// The default settings.
  public init() {}
}
