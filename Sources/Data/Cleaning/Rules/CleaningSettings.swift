// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The limits of the cleaner, all with their defaults.

public import BatteryDomain

/// The limits of the cleaner; the defaults fit vehicles and laboratory cells.
public struct CleaningSettings: Codable, Hashable, Sendable {
  /// Numbers that mean "no value".
  public var sentinels: [Sentinel]
  /// Unit slips that are undone.
  public var unitSlips: [UnitSlip]
  /// When a single sample is taken for a spike; empty switches the rule off.
  public var spikeRules: [SpikeRule]
  /// Rows after a withheld sample during which the same column is never withheld again.
  public var refractoryRows: Int
  /// Largest share of a row's siblings that may jump together and still count as spikes.
  public var maximumSpikeShare: Double
  /// Largest step, in SI, between two samples that still counts as reached step by step, for the
  /// quantities where a value outside the valid range (or equal to a filler such as 0 V) can be
  /// true: a cell that dies passes through the values between.
  public var continuitySteps: [QuantityKey: Double]
  /// A gap is longer than this many usual intervals …
  public var gapFactor: Double
  /// … and longer than this, in seconds.
  public var minimumGap: Double
  /// Rows in good order on an earlier clock after which that clock is believed.
  public var resynchronisationRows: Int
  /// Examples kept for each rule and quantity.
  public var exampleLimit: Int

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - sentinels: Numbers that mean "no value".
  ///   - unitSlips: Unit slips that are undone.
  ///   - spikeRules: When a single sample is taken for a spike.
  ///   - refractoryRows: Rows without a second withholding in one column.
  ///   - maximumSpikeShare: Share of a row's siblings that may jump together.
  ///   - continuitySteps: Largest step of a continuous excursion, by quantity, in SI.
  ///   - gapFactor: Gap length in usual intervals.
  ///   - minimumGap: Shortest gap in seconds.
  ///   - resynchronisationRows: Rows until an earlier clock is believed.
  ///   - exampleLimit: Examples for each rule and quantity.
  public init(
    sentinels: [Sentinel] = Sentinel.known, unitSlips: [UnitSlip] = UnitSlip.known,
    spikeRules: [SpikeRule] = SpikeRule.known, refractoryRows: Int = 100,
    maximumSpikeShare: Double = 0.03,
    continuitySteps: [QuantityKey: Double] = Self.knownContinuitySteps, gapFactor: Double = 10,
    minimumGap: Double = 60, resynchronisationRows: Int = 20, exampleLimit: Int = 3
  ) {
    self.sentinels = sentinels
    self.unitSlips = unitSlips
    self.spikeRules = spikeRules
    self.refractoryRows = refractoryRows
    self.maximumSpikeShare = maximumSpikeShare
    self.continuitySteps = continuitySteps
    self.gapFactor = gapFactor
    self.minimumGap = minimumGap
    self.resynchronisationRows = resynchronisationRows
    self.exampleLimit = exampleLimit
  }

  /// Steps a real signal can make within one sample of a vehicle's telemetry (1–30 s).
  ///
  /// Set by judgement: a dying cell loses tenths of a volt a sample, a fire warms a probe by
  /// tens of kelvin a sample, a pack changes its current by hundreds of amperes.
  public static let knownContinuitySteps: [QuantityKey: Double] = [
    .voltage: 0.7, .cellVoltage: 0.7, .cellVoltageMaximum: 0.7, .cellVoltageMinimum: 0.7,
    .cellVoltageMean: 0.7, .packVoltage: 60, .current: 300, .stateOfCharge: 0.1,
    .probeTemperature: 25, .probeTemperatureMaximum: 25, .probeTemperatureMinimum: 25,
    .probeTemperatureMean: 25, .cellTemperature: 100, .odometer: 20_000,
  ]
}
