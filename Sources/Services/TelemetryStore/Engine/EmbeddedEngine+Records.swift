// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms, audit and rules in tables of the index.

import Foundation
import GRDB

extension EmbeddedEngine {
  package func commit(_ change: RecordChange) async throws(StoreError) -> RecordReceipt {
    do {
      return try await pool.write { db in try RecordTables.commit(change, db) }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  package func alarms(_ choice: AlarmChoice) async throws(StoreError) -> [StoredAlarm] {
    try await records { db in try RecordTables.alarms(choice, db) }
  }

  package func auditTrail(
    after number: Int64, limit: Int
  ) async throws(StoreError) -> [AuditEntry] {
    try await records { db in try RecordTables.audit(after: number, limit: limit, db) }
  }

  package func rules() async throws(StoreError) -> [StoredRule] {
    try await records { db in try RecordTables.rules(db) }
  }

  private func records<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreError) -> Value {
    do { return try await pool.read(body) } catch { throw StoreError(error, path: path) }
  }
}

/// Alarms, audit and rules in SQLite.
enum RecordTables {
  /// Makes a change in the transaction under way.
  static func commit(_ change: RecordChange, _ db: Database) throws -> RecordReceipt {
    var receipt = RecordReceipt()
    for rule in change.rules { receipt.rules.append(try add(rule, db)) }
    for alarm in change.alarms { receipt.alarms.append(try put(alarm, db)) }
    var last = try newestAudit(db)
    for entry in change.audit {
      let next = AuditEntry(entry, after: last)
      try db.cachedStatement(
        sql: """
          INSERT INTO audit(number, time, actor, action, subject, detail, digest)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        next.number, entry.time, entry.actor, entry.action, entry.subject, entry.detail,
        next.digest,
      ])
      receipt.audit.append(next)
      last = next
    }
    return receipt
  }

  // MARK: - Alarms

  private static func put(_ alarm: StoredAlarm, _ db: Database) throws -> StoredAlarm {
    var next = alarm
    next.revision += 1
    if alarm.revision == 0 {
      let open = try Int64.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT id FROM alarm WHERE identity = ? AND rule = ? AND scope = ? AND is_open = 1
            """), arguments: [alarm.identity, alarm.rule, alarm.scope])
      if alarm.isOpen, let open {
        throw StoreError.conflict(
          what: "alarm \(open) of this vehicle, rule and scope is open already")
      }
      try db.cachedStatement(
        sql: "INSERT INTO alarm(identity, rule, scope, is_open, body) VALUES (?, ?, ?, ?, x'')"
      ).execute(arguments: [alarm.identity, alarm.rule, alarm.scope, alarm.isOpen])
      next.id = db.lastInsertedRowID
    } else {
      let stored = try Data.fetchOne(
        db.cachedStatement(sql: "SELECT body FROM alarm WHERE id = ?"), arguments: [alarm.id])
      guard let known = try stored.map(decode), known.revision == alarm.revision,
        known.identity == alarm.identity, known.rule == alarm.rule, known.scope == alarm.scope
      else {
        throw StoreError.conflict(
          what:
            "alarm \(alarm.id) was changed meanwhile (revision \(alarm.revision) is not the newest)"
        )
      }
      if alarm.isOpen, !known.isOpen {
        throw StoreError.conflict(what: "alarm \(alarm.id) is closed: raise a new one")
      }
    }
    try db.cachedStatement(sql: "UPDATE alarm SET is_open = ?, body = ? WHERE id = ?")
      .execute(arguments: [next.isOpen, try encode(next), next.id])
    return next
  }

  static func alarms(_ choice: AlarmChoice, _ db: Database) throws -> [StoredAlarm] {
    var condition = "id > ?"
    var arguments: StatementArguments = [choice.after]
    if choice.onlyOpen { condition += " AND is_open = 1" }
    if let identity = choice.identity {
      condition += " AND identity = ?"
      arguments += [identity]
    }
    arguments += [max(0, choice.limit)]
    return try Data.fetchAll(
      db.cachedStatement(sql: "SELECT body FROM alarm WHERE \(condition) ORDER BY id LIMIT ?"),
      arguments: arguments
    ).map(decode)
  }

  private static func encode(_ alarm: StoredAlarm) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(alarm)
  }

  private static func decode(_ body: Data) throws -> StoredAlarm {
    try JSONDecoder().decode(StoredAlarm.self, from: body)
  }

  // MARK: - Audit

  private static func newestAudit(_ db: Database) throws -> AuditEntry? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT number, time, actor, action, subject, detail, digest FROM audit
          ORDER BY number DESC LIMIT 1
          """)
    ).map(entry)
  }

  static func audit(after number: Int64, limit: Int, _ db: Database) throws -> [AuditEntry] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT number, time, actor, action, subject, detail, digest FROM audit
          WHERE number > ? ORDER BY number LIMIT ?
          """), arguments: [number, max(0, limit)]
    ).map(entry)
  }

  private static func entry(_ row: Row) -> AuditEntry {
    AuditEntry(
      number: row[0],
      entry: NewAuditEntry(
        time: row[1], actor: row[2], action: row[3], subject: row[4], detail: row[5]),
      digest: row[6])
  }

  // MARK: - Rules

  private static func add(_ rule: NewRule, _ db: Database) throws -> StoredRule {
    let newest = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT name, version, body, author, time FROM rule WHERE name = ?
          ORDER BY version DESC LIMIT 1
          """), arguments: [rule.name]
    ).map(stored)
    if let newest, newest.body == rule.body { return newest }
    let next = StoredRule(
      name: rule.name, version: (newest?.version ?? 0) + 1, body: rule.body,
      author: rule.author, time: rule.time)
    try db.cachedStatement(
      sql: "INSERT INTO rule(name, version, body, author, time) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [next.name, next.version, next.body, next.author, next.time])
    return next
  }

  static func rules(_ db: Database) throws -> [StoredRule] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT name, version, body, author, time FROM rule ORDER BY name, version")
    ).map(stored)
  }

  private static func stored(_ row: Row) -> StoredRule {
    StoredRule(name: row[0], version: row[1], body: row[2], author: row[3], time: row[4])
  }
}
