// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One vehicle under watch: its analysis, fed with committed frames in commit order.

import BatteryDomain
import FleetAnalytics
import Foundation
import TelemetryStore

/// One vehicle under watch: its analysis, fed with committed frames in commit order.
///
/// The state knows the last frame it contains. Live, after a restart and after a failure the next
/// step is always the same: read the frames after that one.
actor VehicleMonitor {
  /// Names the layout of the saved state; a change makes the analysis start afresh.
  static let revision = "1"

  private struct State: Codable {
    var layout: ReportLayout
    var firstRow: Int
    var newestTime: Int64?
    var lastReceived: Double?
    var analysis: VehicleAnalysis
  }

  let identity: String
  private var analysis: VehicleAnalysis
  private var table: ReportTable
  private var read: Int64
  private var rowCount = 0
  private var newestTime: Int64?
  private var lastReceived: Double?
  private var savedThrough: Int64 = 0
  private var cached: VehicleAssessment?
  private var cachedThrough: Int64 = -1
  private var cachedAt: ContinuousClock.Instant?
  private let assessmentInterval: Duration
  private let open: @Sendable (StoredFrame) -> StoredFrame

  init(identity: String, settings: WatchSettings) {
    self.identity = identity
    analysis = VehicleAnalysis(identity: identity, settings: settings.analysis)
    table = ReportTable(identity: identity)
    read = 0
    assessmentInterval = settings.assessmentInterval
    open = settings.open
  }

  /// Takes up a saved state.
  ///
  /// - Returns: False if the state is of another layout; the analysis then starts afresh.
  func restore(_ snapshot: AnalysisSnapshot) -> Bool {
    guard snapshot.revision == Self.revision,
      let state = try? Self.decoder.decode(State.self, from: Data(snapshot.state))
    else { return false }
    analysis = state.analysis
    table = ReportTable(
      identity: identity, layout: state.layout, after: snapshot.frameID,
      firstRow: state.firstRow)
    rowCount = state.firstRow
    newestTime = state.newestTime
    lastReceived = state.lastReceived
    read = snapshot.frameID
    savedThrough = snapshot.frameID
    return true
  }

  /// The state to save; nil if nothing has changed since the last one.
  func snapshot() throws -> AnalysisSnapshot? {
    guard table.completeThrough > savedThrough else { return nil }
    let state = State(
      layout: table.layout, firstRow: rowCount, newestTime: newestTime,
      lastReceived: lastReceived, analysis: analysis)
    savedThrough = table.completeThrough
    return AnalysisSnapshot(
      frameID: savedThrough, revision: Self.revision,
      state: [UInt8](try Self.encoder.encode(state)))
  }

  /// Takes in the next frames.
  ///
  /// - Parameters:
  ///   - store: Where the frames are.
  ///   - limit: Largest number taken.
  /// - Returns: Whether there may be more.
  /// - Throws: `StoreError` if the store cannot be read.
  func advance(_ store: TelemetryStore, limit: Int) async throws(StoreError) -> Bool {
    let frames = try await store.frames(of: identity, after: read, limit: limit)
    for frame in frames { table.add(open(frame)) }
    for batch in table.takeBatches() {
      analysis.ingest(batch)
      rowCount += batch.rowCount
    }
    if let newest = table.newestTime { newestTime = max(newestTime ?? newest, newest) }
    if let last = frames.last {
      read = last.id
      lastReceived = last.receiveTime
    }
    return frames.count == limit
  }

  /// Collection time of the newest report taken in, and when the last frame arrived.
  func lastSeen() -> (collected: Int64?, received: Double?) { (newestTime, lastReceived) }

  /// Id of the last frame taken in.
  var through: Int64 { read }

  /// The assessment; at most one interval old while frames keep coming in.
  ///
  /// - Returns: The assessment and the id of the last frame it rests on.
  func assessment() -> (VehicleAssessment, through: Int64) {
    let now = ContinuousClock.now
    if let cached, let cachedAt,
      cachedThrough == read || now - cachedAt < assessmentInterval
    {
      return (cached, cachedThrough)
    }
    let fresh = analysis.assessment()
    cached = fresh
    cachedThrough = read
    cachedAt = now
    return (fresh, read)
  }

  private static let encoder: PropertyListEncoder = {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    return encoder
  }()
  private static let decoder = PropertyListDecoder()
}
