// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms, the record of who did what, and rules.

extension TelemetryStore {
  /// Makes changes of alarms, audit and rules together, and returns once they are durable.
  ///
  /// - Parameter change: What is to be stored.
  /// - Returns: What is in the store now, in the order of the change.
  /// - Throws: ``StoreError/conflict(what:)`` if an alarm of the vehicle, rule and scope is open
  ///   already or was changed meanwhile: read it again, then decide; nothing of the change is kept
  ///   after any error.
  public nonisolated func commit(_ change: RecordChange) async throws(StoreError) -> RecordReceipt {
    try await engine.commit(change)
  }

  /// Alarms by id.
  ///
  /// - Parameter choice: Which.
  /// - Returns: The alarms, oldest first.
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func alarms(
    _ choice: AlarmChoice = AlarmChoice()
  ) async throws(StoreError) -> [StoredAlarm] {
    try await engine.alarms(choice)
  }

  /// The record of who did what, in its order.
  ///
  /// - Parameters:
  ///   - number: Only entries behind this one.
  ///   - limit: Largest number returned.
  /// - Returns: The entries, oldest first.
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func auditTrail(
    after number: Int64 = 0, limit: Int = 10_000
  ) async throws(StoreError) -> [AuditEntry] {
    try await engine.auditTrail(after: number, limit: limit)
  }

  /// All versions of all rules, by name and version.
  ///
  /// - Throws: ``StoreError`` if the store cannot be read.
  public nonisolated func rules() async throws(StoreError) -> [StoredRule] {
    try await engine.rules()
  }
}
