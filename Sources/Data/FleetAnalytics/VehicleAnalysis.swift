// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The incremental analysis of one vehicle: rows in, an assessment out at any time.

import BatteryDomain
public import Cleaning

/// The incremental analysis of one vehicle's telemetry, in bounded memory.
///
/// Feed it batches of any size in order of time; the assessment depends on the rows alone, not on
/// how they were batched. The same code serves a file of a year and a live vehicle that sends one
/// row a second. The state can be encoded, stored and taken up again.
///
/// Rows that repeat a time or lie before a row already used are counted and left out: they never
/// change the state. A caller that has late rows to add sorts them in before the first ingest.
public struct VehicleAnalysis: Sendable, Codable {
  /// Name of the vehicle.
  public let identity: String
  /// The limits in use.
  public let settings: VehicleAnalysisSettings

  /// What has been set aside and why, before the present cleaner was started.
  var earlierCleaning = CleaningSummary()
  /// The present cleaner; a decoded analysis starts a new one with the next batch.
  var cleaner: StreamCleaner?
  /// Where the columns of the cleaner's schema are.
  var layout: RowLayout?

  var timeReference = TimeReference.unixEpoch
  var wallClockOffset = 0.0
  var cellCount = 0
  var probeCount = 0
  var counts = RowCounts()
  var gate = TimeGate()
  var firstTime: Double?

  var history: BucketHistory
  var tracks: PackTracks
  var charge = ChargeTracker()
  var alarms = AlarmTracker()
  var recent: RecentRows
  var telemetry = TelemetryTracker()
  var charts: ChartRecorder
  var openCircuit = OpenCircuitCurve()
  /// The row before the present one.
  var previous = PreviousRow()

  /// Creates an analysis without rows.
  ///
  /// - Parameters:
  ///   - identity: VIN or another name of the vehicle.
  ///   - settings: The limits.
  public init(identity: String, settings: VehicleAnalysisSettings = .init()) {
    self.identity = identity
    self.settings = settings
    history = BucketHistory(offset: 0, limit: settings.bucketLimit)
    tracks = PackTracks()
    recent = RecentRows(limit: settings.recentRows)
    charts = ChartRecorder(limit: settings.chartPoints)
  }

  /// What cleaning has set aside so far.
  public var cleaning: CleaningSummary {
    var summary = earlierCleaning
    if let cleaner { summary.merge(cleaner.summary) }
    return summary
  }

  private enum CodingKeys: String, CodingKey {
    case identity, settings, earlierCleaning, timeReference, wallClockOffset, cellCount
    case probeCount, counts, gate, firstTime, history, tracks, charge, alarms, recent, telemetry
    case charts, openCircuit, previous
  }

  /// Writes the state; the present cleaner is represented by its summary.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(identity, forKey: .identity)
    try container.encode(settings, forKey: .settings)
    try container.encode(cleaning, forKey: .earlierCleaning)
    try container.encode(timeReference, forKey: .timeReference)
    try container.encode(wallClockOffset, forKey: .wallClockOffset)
    try container.encode(cellCount, forKey: .cellCount)
    try container.encode(probeCount, forKey: .probeCount)
    try container.encode(counts, forKey: .counts)
    try container.encode(gate, forKey: .gate)
    try container.encodeIfPresent(firstTime, forKey: .firstTime)
    try container.encode(history, forKey: .history)
    try container.encode(tracks, forKey: .tracks)
    try container.encode(charge, forKey: .charge)
    try container.encode(alarms, forKey: .alarms)
    try container.encode(recent, forKey: .recent)
    try container.encode(telemetry, forKey: .telemetry)
    try container.encode(charts, forKey: .charts)
    try container.encode(openCircuit, forKey: .openCircuit)
    try container.encode(previous, forKey: .previous)
  }
}

/// What the next row is compared with.
struct PreviousRow: Codable, Hashable, Sendable {
  var time: Double?
  var current: Double?
  var meanVoltage: Double?
  var cells = CellVector([])
  /// Since when the current has been low without a break.
  var lowSince: Double?
}
