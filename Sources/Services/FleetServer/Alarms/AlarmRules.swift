// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What becomes of a vehicle's alarms when its analysis speaks: raise, escalate, lower, clear.

public import BatteryDomain
import Foundation
public import TelemetryStore

/// What becomes of a vehicle's alarms when its analysis speaks, or a person does.
///
/// All times are those of the vehicle's data: the same telemetry gives the same alarms, whenever
/// it is analysed. A finding raises an alarm of its kind and subject; while that alarm is open,
/// nothing raises another. When the finding is gone for ``clearDwell``, the alarm closes; when it
/// comes back before, that counts as a flap and not as a new alarm.
public struct AlarmRules: Codable, Hashable, Sendable {
  /// Least severity that raises an alarm.
  public var lowest = Severity.watch
  /// How long a finding must be gone before its alarm closes, in seconds of the vehicle's data.
  public var clearDwell = 6 * 3_600.0
  /// How long a lower severity must last before the alarm's level falls, in seconds.
  public var lowerDwell = 6 * 3_600.0
  /// From this level on, nothing takes an alarm out of sight.
  public var neverShelved = 3

  /// Name under which the rules are stored.
  public static let name = "fleet-findings"
  /// Who acts when the analysis does.
  static let actor = "analysis"

  /// Creates the standing rules.
  public init() {}

  /// Level of a severity: 1 note, 2 watch, 3 act, 4 stop.
  public static func level(of severity: Severity) -> Int { severity.rank + 1 }

  /// What the findings of a vehicle change.
  ///
  /// - Parameters:
  ///   - open: The vehicle's open alarms.
  ///   - findings: What its analysis says now.
  ///   - identity: The vehicle.
  ///   - time: Time of its newest data, in seconds since the Unix epoch.
  ///   - version: Version of the rules in the store.
  /// - Returns: Alarms and audit entries to be stored together; empty if nothing changes.
  /// - Complexity: O(n) in alarms and findings.
  public func changes(
    open: [StoredAlarm], findings: [Finding], of identity: String, at time: Double, version: Int
  ) -> RecordChange {
    var change = RecordChange()
    var current: [Key: Finding] = [:]
    for finding in findings where finding.severity >= lowest {
      let key = Key(rule: finding.kind, scope: finding.subject.label)
      if let known = current[key], known.severity >= finding.severity { continue }
      current[key] = finding
    }
    var known: Set<Key> = []
    for alarm in open.sorted(by: { $0.id < $1.id }) {
      let key = Key(rule: alarm.rule, scope: alarm.scope)
      known.insert(key)
      if let finding = current[key] {
        follow(alarm, finding, time, &change)
      } else {
        quiet(alarm, time, &change)
      }
    }
    for (key, finding) in current.sorted(by: { $0.key < $1.key }) where !known.contains(key) {
      let alarm = StoredAlarm(
        identity: identity, rule: key.rule, ruleVersion: version, scope: key.scope,
        level: Self.level(of: finding.severity), title: finding.title,
        detail: Self.detail(finding), raisedAt: time)
      change.alarms.append(alarm)
      change.audit.append(Self.entry("alarm.raise", alarm, time, "level \(alarm.level)"))
    }
    return change
  }

  private struct Key: Hashable, Comparable {
    var rule: String
    var scope: String
    static func < (lhs: Key, rhs: Key) -> Bool { (lhs.rule, lhs.scope) < (rhs.rule, rhs.scope) }
  }

  /// The finding is there.
  private func follow(
    _ alarm: StoredAlarm, _ finding: Finding, _ time: Double, _ change: inout RecordChange
  ) {
    var next = alarm
    let level = Self.level(of: finding.severity)
    if next.quietSince != nil {
      next.quietSince = nil
      next.flaps += 1
      change.audit.append(Self.entry("alarm.return", alarm, time, "flap \(next.flaps)"))
    }
    if level > next.level {
      next.level = level
      next.highestLevel = max(next.highestLevel, level)
      // Who took notice of less has not taken notice of this.
      next.acknowledgedAt = nil
      next.acknowledgedBy = nil
      next.shelvedUntil = nil
      next.title = finding.title
      next.detail = Self.detail(finding)
      next.changedAt = time
      change.audit.append(Self.entry("alarm.escalate", alarm, time, "level \(level)"))
    } else if level < next.level, time - next.changedAt >= lowerDwell {
      next.level = level
      next.title = finding.title
      next.detail = Self.detail(finding)
      next.changedAt = time
      change.audit.append(Self.entry("alarm.lower", alarm, time, "level \(level)"))
    }
    if next != alarm { change.alarms.append(next) }
  }

  /// The finding is gone.
  private func quiet(_ alarm: StoredAlarm, _ time: Double, _ change: inout RecordChange) {
    var next = alarm
    guard let since = alarm.quietSince else {
      next.quietSince = time
      change.alarms.append(next)
      return
    }
    guard time - since >= clearDwell else { return }
    next.clearedAt = time
    next.changedAt = time
    change.alarms.append(next)
    change.audit.append(Self.entry("alarm.clear", alarm, time, "gone since \(since)"))
  }

  static func entry(
    _ action: String, _ alarm: StoredAlarm, _ time: Double, _ detail: String,
    by actor: String = AlarmRules.actor
  ) -> NewAuditEntry {
    let subject = [alarm.identity, alarm.rule, alarm.scope].filter { !$0.isEmpty }
    return NewAuditEntry(
      time: time, actor: actor, action: action, subject: subject.joined(separator: " / "),
      detail: detail)
  }

  private static func detail(_ finding: Finding) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(finding)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// What a person does to an alarm.
public enum AlarmAction: Hashable, Sendable {
  /// Takes notice.
  case acknowledge
  /// Takes it out of sight until a time, in seconds since the Unix epoch.
  case shelve(until: Double)
  /// Closes it, with the cause.
  case close(cause: String)
}

extension AlarmRules {
  /// An alarm after a person acted, with what is entered into the record.
  ///
  /// - Parameters:
  ///   - action: What the person does.
  ///   - alarm: The alarm as it is stored.
  ///   - person: Who.
  ///   - time: Now, in seconds since the Unix epoch.
  /// - Returns: What is to be stored together.
  /// - Throws: ``AlarmRefusal`` if the rules do not permit it.
  public func change(
    _ action: AlarmAction, _ alarm: StoredAlarm, by person: String, at time: Double
  ) throws(AlarmRefusal) -> RecordChange {
    guard !person.isEmpty else { throw .noName }
    guard alarm.isOpen else { throw .closed(id: alarm.id) }
    var next = alarm
    let entry: NewAuditEntry
    switch action {
    case .acknowledge:
      next.acknowledgedAt = time
      next.acknowledgedBy = person
      entry = Self.entry("alarm.acknowledge", alarm, time, "", by: person)
    case .shelve(let until):
      guard alarm.level < neverShelved else { throw .tooUrgent(level: alarm.level) }
      guard until > time, until - time <= 30 * 86_400 else { throw .badTime }
      next.shelvedUntil = until
      entry = Self.entry("alarm.shelve", alarm, time, "until \(until)", by: person)
    case .close(let cause):
      guard !cause.isEmpty else { throw .noCause }
      next.clearedAt = time
      next.cause = cause
      entry = Self.entry("alarm.close", alarm, time, cause, by: person)
    }
    return RecordChange(alarms: [next], audit: [entry])
  }
}

/// Why an action on an alarm is refused.
public enum AlarmRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such alarm.
  case unknown(id: Int64)
  /// It is closed already.
  case closed(id: Int64)
  /// It is too urgent to be out of sight.
  case tooUrgent(level: Int)
  /// The time is not within the next thirty days.
  case badTime
  /// Nobody is named.
  case noName
  /// No cause is stated.
  case noCause
  /// The store did not take it.
  case store(StoreError)

  /// One line: what and why.
  public var description: String {
    switch self {
    case .unknown(let id): "there is no alarm \(id)"
    case .closed(let id): "alarm \(id) is closed"
    case .tooUrgent(let level): "an alarm of level \(level) cannot be taken out of sight"
    case .badTime: "the time must lie within the next thirty days"
    case .noName: "name who does it"
    case .noCause: "state the cause"
    case .store(let error): "\(error)"
    }
  }
}
