// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The alarms of the fleet: rules in front, the store behind, nothing kept in memory.

public import BatteryDomain
import Foundation
public import TelemetryStore

/// The alarms of the fleet.
///
/// What is open is read from the store each time and written back in one transaction, so a restart
/// changes nothing, and two processes on one store raise no alarm twice: who comes second reads
/// again and finds it open.
public struct AlarmBook: Sendable {
  private let store: TelemetryStore
  /// What becomes of alarms.
  public let rules: AlarmRules
  private static let attempts = 5

  /// Opens the book.
  ///
  /// - Parameters:
  ///   - store: Where alarms are.
  ///   - rules: What becomes of them.
  public init(store: TelemetryStore, rules: AlarmRules = AlarmRules()) {
    self.store = store
    self.rules = rules
  }

  /// Stores the rules, unless they are the newest version already.
  ///
  /// - Parameter time: Now, in seconds since the Unix epoch.
  /// - Returns: Their version.
  /// - Throws: `StoreError`.
  public func ruleVersion(at time: Double) async throws(StoreError) -> Int {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let body = (try? encoder.encode(rules)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    let rule = NewRule(name: AlarmRules.name, body: body, author: AlarmRules.actor, time: time)
    return try await store.commit(RecordChange(rules: [rule])).rules.first?.version ?? 1
  }

  /// Takes in what the analysis of a vehicle says.
  ///
  /// - Parameters:
  ///   - findings: All findings of the vehicle.
  ///   - identity: The vehicle, as it is stored.
  ///   - time: Time of its newest data, in seconds since the Unix epoch.
  ///   - version: Version of the rules.
  /// - Returns: The alarms that changed.
  /// - Throws: `StoreError`; then nothing was changed.
  public func take(
    _ findings: [Finding], of identity: String, at time: Double, version: Int
  ) async throws(StoreError) -> [StoredAlarm] {
    var attempt = 0
    while true {
      attempt += 1
      let open = try await store.alarms(AlarmChoice(identity: identity, onlyOpen: true))
      let change = rules.changes(
        open: open, findings: findings, of: identity, at: time, version: version)
      if change.alarms.isEmpty { return [] }
      do throws(StoreError) {
        return try await store.commit(change).alarms
      } catch {
        guard case .conflict = error, attempt < Self.attempts else { throw error }
      }
    }
  }

  /// Does what a person asks for.
  ///
  /// - Parameters:
  ///   - action: What.
  ///   - id: The alarm.
  ///   - person: Who.
  ///   - time: Now, in seconds since the Unix epoch.
  /// - Returns: The alarm afterwards.
  /// - Throws: ``AlarmRefusal``.
  public func act(
    _ action: AlarmAction, on id: Int64, by person: String, at time: Double
  ) async throws(AlarmRefusal) -> StoredAlarm {
    guard id > 0 else { throw .unknown(id: id) }
    var attempt = 0
    while true {
      attempt += 1
      let found: [StoredAlarm]
      do throws(StoreError) {
        found = try await store.alarms(AlarmChoice(after: id - 1, limit: 1))
      } catch {
        throw .store(error)
      }
      guard let alarm = found.first, alarm.id == id else { throw .unknown(id: id) }
      let change = try rules.change(action, alarm, by: person, at: time)
      do throws(StoreError) {
        if let stored = try await store.commit(change).alarms.first { return stored }
        throw .closed
      } catch {
        guard case .conflict = error, attempt < Self.attempts else { throw .store(error) }
      }
    }
  }
}
