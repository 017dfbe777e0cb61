// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What every engine of the store can do; the same contract tests run on each.

/// What every engine of the store can do; the same contract tests run on each.
///
/// ``TelemetryStore`` groups callers into commits and never calls ``append(_:)`` twice at once.
/// Everything else may be called at any time.
public protocol StoreEngine: Sendable {
  /// Where the data are, for messages.
  var path: String { get }

  /// Stores frames in one transaction and returns once they are durable.
  ///
  /// - Parameter frames: Frames in the order received.
  /// - Returns: One outcome a frame; an equal data unit of a vehicle and time is stored once.
  /// - Throws: ``StoreError``; then none of these frames may be acknowledged.
  func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome]
  /// All vehicles, by identity.
  func vehicles() async throws(StoreError) -> [StoredVehicle]
  /// Vehicles with frames committed after one, and the id of the newest frame of all.
  func identities(
    withFramesAfter frameID: Int64
  ) async throws(StoreError) -> (identities: [String], newest: Int64)
  /// Frames of a vehicle in commit order.
  func frames(
    of identity: String, after frameID: Int64, limit: Int
  ) async throws(StoreError) -> [StoredFrame]
  /// Reports of a vehicle by collection time, thinned evenly to a limit.
  func reports(
    of identity: String, in span: ClosedRange<Int64>, limit: Int
  ) async throws(StoreError) -> [StoredFrame]
  /// Collection times of the first and the last report; nil without one.
  func reportSpan(of identity: String) async throws(StoreError) -> ClosedRange<Int64>?
  /// Number of frames of a vehicle, or of all.
  func frameCount(of identity: String?) async throws(StoreError) -> Int
  /// Signals of a vehicle by collection time.
  func series(
    of identity: String, signals: [SignalKey], in span: ClosedRange<Int64>
  ) async throws(StoreError) -> [SignalSeries]
  /// Signals that a vehicle has sent.
  func signals(of identity: String) async throws(StoreError) -> [SignalKey]
  /// The saved analysis state of a vehicle.
  func snapshot(of identity: String) async throws(StoreError) -> AnalysisSnapshot?
  /// Saves analysis states in one transaction.
  func save(
    _ snapshots: [String: AnalysisSnapshot], at time: Double
  ) async throws(StoreError)
  /// Makes changes of alarms, audit and rules in one transaction and returns once they are durable.
  ///
  /// At most one alarm of a vehicle, rule and scope is open; a revision that is not the newest is
  /// refused, and so is opening a closed alarm again. Audit entries are chained with
  /// `AuditEntry(_:after:)`, versions of rules count from 1.
  ///
  /// - Throws: ``StoreError/conflict(what:)`` or another ``StoreError``; then nothing was kept.
  func commit(_ change: RecordChange) async throws(StoreError) -> RecordReceipt
  /// Alarms by id.
  func alarms(_ choice: AlarmChoice) async throws(StoreError) -> [StoredAlarm]
  /// The record of who did what, in its order.
  func auditTrail(after number: Int64, limit: Int) async throws(StoreError) -> [AuditEntry]
  /// All versions of all rules, by name and version.
  func rules() async throws(StoreError) -> [StoredRule]
  /// Seals everything into full column blocks.
  func compact() async throws(StoreError) -> CompactionSummary
  /// Removes blocks whose frames were all collected before a time.
  ///
  /// - Returns: Number of frames removed.
  func removeFrames(collectedBefore time: Int64) async throws(StoreError) -> Int
  /// Counters of the engine.
  func metrics() async -> [ServiceMetric]
  /// Ends all work and lets the data go.
  func close() async throws(StoreError)
}

/// What sealing and merging did.
public struct CompactionSummary: Hashable, Sendable, Codable {
  /// Frames in column blocks afterwards.
  public var frames: Int
  /// Column blocks afterwards.
  public var blocks: Int
  /// Their length in bytes.
  public var bytes: Int

  /// States a summary.
  public init(frames: Int, blocks: Int, bytes: Int) {
    self.frames = frames
    self.blocks = blocks
    self.bytes = bytes
  }

  /// Bytes of column blocks a frame.
  public var bytesPerFrame: Double { frames == 0 ? 0 : Double(bytes) / Double(frames) }
}
