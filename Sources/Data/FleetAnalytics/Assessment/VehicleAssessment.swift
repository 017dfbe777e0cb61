// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the analysis of one vehicle ends with: ranked findings and the numbers behind them.

public import BatteryDomain
public import Cleaning

/// What the analysis of one vehicle's telemetry ends with.
///
/// Everything is coherent SI (volts, kelvin, seconds, coulombs); series are bounded in length
/// whatever the length of the telemetry, and a value that is not known is nil, never NaN, so the
/// assessment can be encoded as JSON.
public struct VehicleAssessment: Codable, Hashable, Sendable {
  /// Name of the vehicle: its VIN or the name of the file.
  public var identity: String
  /// Risk from 0 to 100 that orders the vehicles of a fleet; see <doc:Risk>.
  public var risk = 0.0
  /// Severity of the most severe finding; note when there is none.
  public var severity = Severity.note
  /// First and last time of the rows used.
  public var span = TimeSpan(start: 0, end: 0)
  /// What the times count from.
  public var timeReference = TimeReference.unixEpoch
  /// Offset of the source's wall clock from UTC in seconds: add it to a time to get local dates.
  public var wallClockOffset = 0.0
  /// How many rows came in and what became of them.
  public var rows = RowCounts()
  /// Number of cells (or parallel groups) with a voltage column.
  public var cellCount = 0
  /// Number of temperature probes with a column.
  public var probeCount = 0
  /// Findings, the most urgent first.
  public var findings: [Finding] = []
  /// Every cell's standing against its siblings and its own past, by cell number.
  public var cells: [CellStanding] = []
  /// Groups of neighbouring cells that move together, in order of cell number.
  public var modules: [CellModule] = []
  /// Every probe's standing, by probe number.
  public var probes: [ProbeStanding] = []
  /// What is known about the pack as a whole.
  public var pack = PackSummary()
  /// Alarms the vehicle itself raised, in order of time.
  public var alarms: [AlarmEpisode] = []
  /// How long findings preceded the vehicle's own alarms.
  public var leadTimes: [LeadTime] = []
  /// Charge sessions, in order of time.
  public var chargeSessions: [ChargeSession] = []
  /// Quality of the telemetry itself.
  public var telemetry = TelemetryQuality()
  /// What cleaning set aside, with examples.
  public var cleaning = CleaningSummary()
  /// Series for charts, bounded in length.
  public var series = VehicleSeries()

  /// Creates an assessment without rows.
  public init(identity: String) { self.identity = identity }
}

/// A span of time.
public struct TimeSpan: Codable, Hashable, Sendable {
  /// First time, in seconds of the assessment's time reference.
  public var start: Double
  /// Last time, in seconds of the assessment's time reference.
  public var end: Double

  /// Creates a span.
  public init(start: Double, end: Double) {
    self.start = start
    self.end = end
  }

  /// Length in seconds.
  public var duration: Double { end - start }
}

/// How many rows came in and what became of them.
public struct RowCounts: Codable, Hashable, Sendable {
  /// Rows received.
  public var received = 0
  /// Rows used by the analysis.
  public var used = 0
  /// Rows left out because their time lies before a row already used.
  public var late = 0
  /// Rows left out because they repeat the time of the row before.
  public var duplicate = 0
  /// Rows left out because they have no usable time.
  public var untimed = 0
  /// Rows at low, steady current that the comparison of cells rests on.
  public var steady = 0

  /// Creates empty counts.
  public init() {}
}
