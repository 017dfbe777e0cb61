// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading vehicles, frames and signals back.

extension TelemetryStore {
  /// All vehicles, by identity.
  public nonisolated func vehicles() async throws(StoreError) -> [StoredVehicle] {
    try await engine.vehicles()
  }

  /// Identities of the vehicles that have frames committed after a given one.
  ///
  /// - Parameter frameID: Only frames committed after this one count.
  /// - Returns: The identities, and the id of the newest frame of all (0 in an empty store).
  /// - Throws: ``StoreError`` if the store cannot be read.
  /// - Complexity: O(n) in the number of vehicles.
  public nonisolated func identities(
    withFramesAfter frameID: Int64
  ) async throws(StoreError) -> (identities: [String], newest: Int64) {
    try await engine.identities(withFramesAfter: frameID)
  }

  /// Frames of a vehicle in commit order.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - frameID: Only frames committed after this one.
  ///   - limit: Largest number returned.
  /// - Returns: The frames, oldest first.
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func frames(
    of identity: String, after frameID: Int64, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await engine.frames(of: identity, after: frameID, limit: limit)
  }

  /// Reports (real-time and reissued) of a vehicle in a span of collection time, in its order.
  ///
  /// If there are more than `limit`, every n-th is returned, so that the span is covered evenly.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - span: Collection times in seconds since the Unix epoch, both ends included.
  ///   - limit: Largest number returned; positive.
  /// - Returns: The reports by collection time.
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func reports(
    of identity: String, in span: ClosedRange<Int64>, limit: Int
  ) async throws(StoreError) -> [StoredFrame] {
    try await engine.reports(of: identity, in: span, limit: limit)
  }

  /// The report with the latest collection time; nil if the vehicle has sent none.
  ///
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func latestReport(
    of identity: String
  ) async throws(StoreError) -> StoredFrame? {
    guard let span = try await engine.reportSpan(of: identity) else { return nil }
    return try await engine.reports(
      of: identity, in: span.upperBound...span.upperBound, limit: Int(Int32.max)
    ).last
  }

  /// Collection times of a vehicle's first and last report, in seconds since the Unix epoch; nil
  /// if it has sent none.
  public nonisolated func reportSpan(
    of identity: String
  ) async throws(StoreError) -> ClosedRange<Int64>? {
    try await engine.reportSpan(of: identity)
  }

  /// Number of frames of a vehicle, or of all vehicles.
  public nonisolated func frameCount(
    of identity: String? = nil
  ) async throws(StoreError) -> Int {
    try await engine.frameCount(of: identity)
  }

  /// Signals of a vehicle by collection time; other columns are not read.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - signals: Which, for example `[SignalKey(.current), .cell(17)]`.
  ///   - span: Collection times in seconds since the Unix epoch, both ends included.
  /// - Returns: One series a signal, empty where it was never sent; nothing for an unknown vehicle.
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func series(
    of identity: String, signals: [SignalKey], in span: ClosedRange<Int64>
  ) async throws(StoreError) -> [SignalSeries] {
    try await engine.series(of: identity, signals: signals, in: span)
  }

  /// Signals that a vehicle has sent, by name.
  ///
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func signals(of identity: String) async throws(StoreError) -> [SignalKey] {
    try await engine.signals(of: identity)
  }

  /// The saved analysis state of a vehicle; nil if there is none.
  public nonisolated func snapshot(
    of identity: String
  ) async throws(StoreError) -> AnalysisSnapshot? {
    try await engine.snapshot(of: identity)
  }

  /// Saves analysis states in one transaction, replacing earlier ones.
  ///
  /// - Parameters:
  ///   - snapshots: States by VIN; vehicles that are not stored are passed over.
  ///   - time: Now, in seconds since the Unix epoch.
  /// - Throws: ``StoreError``; then the earlier states are kept.
  public nonisolated func save(
    _ snapshots: [String: AnalysisSnapshot], at time: Double
  ) async throws(StoreError) {
    try await engine.save(snapshots, at: time)
  }

  /// Seals the log and merges short blocks.
  ///
  /// - Returns: What is in column blocks afterwards.
  /// - Throws: ``StoreError``; the frames stay where they were.
  public nonisolated func compact() async throws(StoreError) -> CompactionSummary {
    try await engine.compact()
  }

  /// Removes old frames, whole blocks at a time; frames that are not sealed yet stay.
  ///
  /// - Parameter time: Blocks go whose frames were all collected before it, in Unix seconds.
  /// - Returns: Number of frames removed.
  /// - Throws: ``StoreError``.
  public nonisolated func removeFrames(
    collectedBefore time: Int64
  ) async throws(StoreError) -> Int {
    try await engine.removeFrames(collectedBefore: time)
  }
}
