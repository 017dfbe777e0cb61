// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Series for charts: bounded in length whatever the length of the telemetry.

/// Series for charts: bounded in length whatever the length of the telemetry.
public struct VehicleSeries: Codable, Hashable, Sendable {
  /// Pack voltage in volts.
  public var packVoltage = Envelope()
  /// Current in amperes, discharge positive.
  public var current = Envelope()
  /// State of charge as a fraction.
  public var stateOfCharge = Envelope()
  /// Lowest to highest cell voltage in volts; the mean is that of all cells.
  public var cellVoltage = Envelope()
  /// Lowest to highest live probe in kelvin; the mean is that of the median probe.
  public var temperature = Envelope()
  /// Cell and pack statistics by bucket of time.
  public var buckets = BucketSeries()

  /// Creates empty series.
  public init() {}
}

/// A series thinned to spans of equal length with minimum, mean and maximum of each.
public struct Envelope: Codable, Hashable, Sendable {
  /// Length of a span in seconds.
  public var interval: Double = 0
  /// Start of each span that holds rows.
  public var time: [Double] = []
  /// Lowest value of each span.
  public var minimum: [Double] = []
  /// Mean value of each span.
  public var mean: [Double] = []
  /// Highest value of each span.
  public var maximum: [Double] = []

  /// Creates an empty envelope.
  public init() {}
}

/// Cell and pack statistics by bucket of time; all arrays are as long as ``time``.
public struct BucketSeries: Codable, Hashable, Sendable {
  /// Length of a bucket in seconds; it grows with the length of the telemetry.
  public var interval: Double = 0
  /// Start of each bucket that holds rows.
  public var time: [Double] = []
  /// Number of steady low-current rows.
  public var steadyRows: [Int] = []
  /// Median spread (highest minus lowest cell) of steady rows, in volts.
  public var spreadMedian: [Double?] = []
  /// 95th percentile of the spread of steady rows, in volts.
  public var spread95: [Double?] = []
  /// Deviation of every cell from the median of the pack at low current, as read, in volts;
  /// `[cell][bucket]`.
  public var packDeviation: [[Double?]] = []
  /// Deviation of every cell from the median of its module at like state of charge, in volts;
  /// `[cell][bucket]`.
  public var moduleDeviation: [[Double?]] = []
  /// Median spread between live probes, in kelvin.
  public var temperatureSpread: [Double?] = []
  /// Lowest insulation resistance as the vehicle scales it, in ohms.
  public var insulation: [Double?] = []
  /// Highest alarm level.
  public var alarmLevel: [Int] = []

  /// Creates an empty series.
  public init() {}
}
