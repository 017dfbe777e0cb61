// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rules that raise alarms, in versions that never change.

/// A version of a rule, on its way into the store.
public struct NewRule: Hashable, Sendable {
  /// Name of the rule.
  public var name: String
  /// What it says, as JSON.
  public var body: String
  /// Who made it.
  public var author: String
  /// When, in seconds since the Unix epoch.
  public var time: Double

  /// States a version of a rule.
  public init(name: String, body: String, author: String, time: Double) {
    self.name = name
    self.body = body
    self.author = author
    self.time = time
  }
}

/// A version of a rule; it never changes.
public struct StoredRule: Hashable, Sendable {
  /// Name of the rule.
  public var name: String
  /// Its version, from 1 without gaps.
  public var version: Int
  /// What it says, as JSON.
  public var body: String
  /// Who made it.
  public var author: String
  /// When, in seconds since the Unix epoch.
  public var time: Double

  /// Restates a stored version.
  public init(name: String, version: Int, body: String, author: String, time: Double) {
    self.name = name
    self.version = version
    self.body = body
    self.author = author
    self.time = time
  }
}

/// Changes of alarms, audit and rules that are made together or not at all.
public struct RecordChange: Hashable, Sendable {
  /// Alarms to raise (revision 0) or to change (the revision that was read).
  public var alarms: [StoredAlarm]
  /// What is entered into the record of who did what.
  public var audit: [NewAuditEntry]
  /// New versions of rules; one that says what the newest says is not stored again.
  public var rules: [NewRule]

  /// States a change.
  public init(
    alarms: [StoredAlarm] = [], audit: [NewAuditEntry] = [], rules: [NewRule] = []
  ) {
    self.alarms = alarms
    self.audit = audit
    self.rules = rules
  }
}

/// What a change left in the store, in the order of the change.
public struct RecordReceipt: Hashable, Sendable {
  /// The alarms, with ids and new revisions.
  public var alarms: [StoredAlarm]
  /// The entries, with numbers and digests.
  public var audit: [AuditEntry]
  /// The rules, with versions.
  public var rules: [StoredRule]

  /// States what was stored.
  public init(
    alarms: [StoredAlarm] = [], audit: [AuditEntry] = [], rules: [StoredRule] = []
  ) {
    self.alarms = alarms
    self.audit = audit
    self.rules = rules
  }
}
