// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The limits of the incremental analysis, each with its reason.

/// The limits of the incremental analysis; the defaults suit passenger cars and storage strings.
public struct VehicleAnalysisSettings: Codable, Hashable, Sendable {
  /// Highest magnitude of current, in amperes, at which cells are compared. Resistances of
  /// healthy cells of one pack differ by about 0.1 mΩ, so 10 A keeps their share below 1 mV, the
  /// resolution of GB/T 32960 cell voltages.
  public var restCurrent = 10.0
  /// How long the current must have been low, in seconds, before cells are compared: longer than
  /// the scan of a pack's cells and than most of the charge-transfer relaxation (a few seconds).
  public var settlingTime = 20.0
  /// Longest interval between rows over which one is a continuation of the other, in seconds.
  public var continuityLimit = 120.0
  /// Largest change of the mean cell voltage between rows that count as steady, in volts.
  public var steadyVoltageChange = 0.010
  /// Smallest change of current, in amperes, that counts as a load step.
  public var loadStep = 5.0
  /// Number of buckets of time kept; the bucket length grows when there are more.
  public var bucketLimit = 256
  /// Number of rows kept of each bucket and voltage band to take medians over.
  public var rowsPerBand = 32
  /// Width of a band of pack voltage per cell within which charge counts as alike, in volts.
  public var bandWidth = 0.050
  /// Number of last rows kept for correlation and entropy.
  public var recentRows = 256
  /// Number of spans in the series for charts.
  public var chartPoints = 720

  /// Creates the default settings.
  public init() {}
}
