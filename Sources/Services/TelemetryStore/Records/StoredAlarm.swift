// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An alarm as the store keeps it: one per vehicle, rule and scope as long as it is open.

/// An alarm as the store keeps it.
///
/// At most one alarm of a vehicle, rule and scope is open at a time; every engine enforces it, also
/// when several processes raise it at once. What may follow what is the business of whoever
/// changes alarms, not of the store.
public struct StoredAlarm: Hashable, Sendable, Codable {
  /// Key; 0 before the alarm is stored.
  public var id: Int64
  /// Counts the changes; 0 before the alarm is stored. A change of an older revision is refused.
  public var revision: Int
  /// Vehicle, under the name that its frames are stored under.
  public var identity: String
  /// Name of the rule that raised it.
  public var rule: String
  /// Version of the rule.
  public var ruleVersion: Int
  /// The part of the vehicle, for example `cell 17`; empty for all of it.
  public var scope: String
  /// Urgency from 1, a note, to 4, stop.
  public var level: Int
  /// Highest level since it was raised.
  public var highestLevel: Int
  /// One line for a list.
  public var title: String
  /// What it rests on, as JSON; empty without.
  public var detail: String
  /// When it was raised, in seconds since the Unix epoch.
  public var raisedAt: Double
  /// When it changed last, in seconds since the Unix epoch.
  public var changedAt: Double
  /// When somebody took notice, in seconds since the Unix epoch; nil before.
  public var acknowledgedAt: Double?
  /// Who took notice.
  public var acknowledgedBy: String?
  /// Until when it is out of sight, in seconds since the Unix epoch; nil if it is not.
  public var shelvedUntil: Double?
  /// Since when what raised it is no longer seen, in seconds since the Unix epoch; nil while it is.
  public var quietSince: Double?
  /// When it was closed, in seconds since the Unix epoch; nil while it is open.
  public var clearedAt: Double?
  /// Why it was closed, if a person did.
  public var cause: String?
  /// How often it came back after it had gone quiet.
  public var flaps: Int

  /// States an alarm that is not stored yet.
  ///
  /// - Parameters:
  ///   - identity: Vehicle.
  ///   - rule: Name of the rule.
  ///   - ruleVersion: Version of the rule.
  ///   - scope: Part of the vehicle; empty for all of it.
  ///   - level: Urgency from 1 to 4.
  ///   - title: One line.
  ///   - detail: What it rests on, as JSON.
  ///   - time: When it was raised, in seconds since the Unix epoch.
  public init(
    identity: String, rule: String, ruleVersion: Int = 1, scope: String = "", level: Int,
    title: String, detail: String = "", raisedAt time: Double
  ) {
    id = 0
    revision = 0
    self.identity = identity
    self.rule = rule
    self.ruleVersion = ruleVersion
    self.scope = scope
    self.level = level
    highestLevel = level
    self.title = title
    self.detail = detail
    raisedAt = time
    changedAt = time
    flaps = 0
  }

  /// Whether it has not been closed.
  public var isOpen: Bool { clearedAt == nil }
}

/// Which alarms are asked for.
public struct AlarmChoice: Hashable, Sendable {
  /// Only of this vehicle; nil for all.
  public var identity: String?
  /// Only those that are not closed.
  public var onlyOpen: Bool
  /// Only those stored after this one.
  public var after: Int64
  /// Largest number returned.
  public var limit: Int

  /// Chooses alarms.
  ///
  /// - Parameters:
  ///   - identity: Only of this vehicle; nil for all.
  ///   - onlyOpen: Only those that are not closed.
  ///   - after: Only those with a larger id.
  ///   - limit: Largest number returned.
  public init(
    identity: String? = nil, onlyOpen: Bool = false, after: Int64 = 0, limit: Int = 10_000
  ) {
    self.identity = identity
    self.onlyOpen = onlyOpen
    self.after = after
    self.limit = limit
  }
}
