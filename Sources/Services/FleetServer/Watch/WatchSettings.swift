// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How the watch over the fleet divides its work.

public import FleetAnalytics
public import TelemetryStore

/// How the watch over the fleet divides its work.
public struct WatchSettings: Sendable {
  /// Frames of one vehicle taken in one go, so that no vehicle keeps the others waiting.
  public var page: Int
  /// Vehicles analysed at the same time.
  public var workers: Int
  /// Time between two savings of the analysis states.
  public var snapshotInterval: Duration
  /// Shortest time between two assessments of one vehicle while frames keep coming in.
  public var assessmentInterval: Duration
  /// Limits of the analysis.
  public var analysis: VehicleAnalysisSettings
  /// Time between two rounds in which findings become alarms.
  public var alarmInterval: Duration
  /// Opens what is sealed at rest; a frame that it cannot open comes back as it is.
  public var open: @Sendable (StoredFrame) -> StoredFrame

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - page: Frames of one vehicle in one go.
  ///   - workers: Vehicles analysed at the same time.
  ///   - snapshotInterval: Between two savings.
  ///   - assessmentInterval: Between two assessments of one vehicle.
  ///   - analysis: Limits of the analysis.
  ///   - alarmInterval: Between two rounds of alarms.
  ///   - open: Opens what is sealed at rest.
  public init(
    page: Int = 1_000, workers: Int = 2, snapshotInterval: Duration = .seconds(60),
    assessmentInterval: Duration = .seconds(2),
    analysis: VehicleAnalysisSettings = VehicleAnalysisSettings(),
    alarmInterval: Duration = .seconds(10),
    open: @escaping @Sendable (StoredFrame) -> StoredFrame = { $0 }
  ) {
    self.alarmInterval = alarmInterval
    self.open = open
    self.page = max(1, page)
    self.workers = max(1, workers)
    self.snapshotInterval = snapshotInterval
    self.assessmentInterval = assessmentInterval
    self.analysis = analysis
  }
}
