// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms, audit and rules: one writer at a time, and no change made twice.

import Foundation
import Synchronization
package import TelemetryStore

extension PostgresEngine {
  package func commit(_ change: RecordChange) async throws(StoreError) -> RecordReceipt {
    // A change is not recognised by itself when its answer is lost: a token is stored with it, and
    // whoever tries again looks for the token first.
    let token = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    let attempt = Mutex<RecordReceipt?>(nil)
    return try await write { connection in
      if let receipt = attempt.withLock({ $0 }) {
        let rows = try connection.run(
          // Written, so that the answer waits for the standby even if the commit before did not.
          "UPDATE store_token SET made = now() WHERE token = $1 RETURNING 1", [.bytes(token)])
        if rows.count == 1 { return receipt }
      }
      return try connection.transaction {
        try connection.run(PostgresNames.lock(.records))
        try connection.run("INSERT INTO store_token(token) VALUES ($1)", [.bytes(token)])
        try connection.run("DELETE FROM store_token WHERE made < now() - interval '1 day'")
        let receipt = try RecordTables.commit(change, connection)
        attempt.withLock { $0 = receipt }
        return receipt
      }
    }
  }

  package func alarms(_ choice: AlarmChoice) async throws(StoreError) -> [StoredAlarm] {
    try await read { connection in
      var condition = "id > $1"
      var values: [PostgresValue] = [.int64(choice.after), .int64(Int64(max(0, choice.limit)))]
      if choice.onlyOpen { condition += " AND is_open" }
      if let identity = choice.identity {
        condition += " AND identity = $3"
        values.append(.text(identity))
      }
      let rows = try connection.run(
        "SELECT body FROM alarm WHERE \(condition) ORDER BY id LIMIT $2", values)
      return try (0..<rows.count).map { try RecordTables.decode(try rows.bytes($0, 0)) }
    }
  }

  package func auditTrail(
    after number: Int64, limit: Int
  ) async throws(StoreError) -> [AuditEntry] {
    try await read { connection in
      try Self.audit(after: number, limit: limit, connection)
    }
  }

  static func audit(
    after number: Int64, limit: Int, _ connection: PostgresConnection
  ) throws(PostgresError) -> [AuditEntry] {
    let rows = try connection.run(
      """
      SELECT number, time, actor, action, subject, detail, digest FROM audit
      WHERE number > $1 ORDER BY number LIMIT $2
      """, [.int64(number), .int64(Int64(max(0, limit)))])
    var entries: [AuditEntry] = []
    for row in 0..<rows.count { entries.append(try RecordTables.entry(rows, row)) }
    return entries
  }

  package func rules() async throws(StoreError) -> [StoredRule] {
    try await read { connection in
      let rows = try connection.run(
        "SELECT name, version, body, author, time FROM rule ORDER BY name, version")
      return try (0..<rows.count).map { try RecordTables.rule(rows, $0) }
    }
  }
}

/// Alarms, audit and rules in PostgreSQL, in the forms of the embedded engine.
private enum RecordTables {
  /// Makes a change in the transaction under way, which holds the lock of the records.
  static func commit(
    _ change: RecordChange, _ connection: PostgresConnection
  ) throws -> RecordReceipt {
    var receipt = RecordReceipt()
    for rule in change.rules { receipt.rules.append(try add(rule, connection)) }
    for alarm in change.alarms { receipt.alarms.append(try put(alarm, connection)) }
    if change.audit.isEmpty { return receipt }
    let newest = try connection.run(
      """
      SELECT number, time, actor, action, subject, detail, digest FROM audit
      ORDER BY number DESC LIMIT 1
      """)
    var last = newest.count == 0 ? nil : try entry(newest, 0)
    for entry in change.audit {
      let next = AuditEntry(entry, after: last)
      try connection.run(
        """
        INSERT INTO audit(number, time, actor, action, subject, detail, digest)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
          .int64(next.number), .double(entry.time), .text(entry.actor), .text(entry.action),
          .text(entry.subject), .text(entry.detail), .text(next.digest),
        ])
      receipt.audit.append(next)
      last = next
    }
    return receipt
  }

  private static func put(
    _ alarm: StoredAlarm, _ connection: PostgresConnection
  ) throws -> StoredAlarm {
    var next = alarm
    next.revision += 1
    if alarm.revision == 0 {
      let open = try connection.run(
        "SELECT id FROM alarm WHERE identity = $1 AND rule = $2 AND scope = $3 AND is_open",
        [.text(alarm.identity), .text(alarm.rule), .text(alarm.scope)])
      if alarm.isOpen, open.count > 0 {
        let id = try open.integer(0, 0)
        throw StoreError.conflict(
          what: "alarm \(id) of this vehicle, rule and scope is open already")
      }
      next.id = try connection.run("SELECT nextval(pg_get_serial_sequence('alarm', 'id'))")
        .integer(0, 0)
      try connection.run(
        """
        INSERT INTO alarm(id, identity, rule, scope, is_open, body) OVERRIDING SYSTEM VALUE
        VALUES ($1, $2, $3, $4, $5::int::boolean, $6)
        """,
        [
          .int64(next.id), .text(alarm.identity), .text(alarm.rule), .text(alarm.scope),
          .int32(next.isOpen ? 1 : 0), .bytes(try encode(next)),
        ])
      return next
    }
    let stored = try connection.run("SELECT body FROM alarm WHERE id = $1", [.int64(alarm.id)])
    guard stored.count == 1, case let known = try decode(try stored.bytes(0, 0)),
      known.revision == alarm.revision, known.identity == alarm.identity,
      known.rule == alarm.rule, known.scope == alarm.scope
    else {
      throw StoreError.conflict(
        what:
          "alarm \(alarm.id) was changed meanwhile (revision \(alarm.revision) is not the newest)")
    }
    if alarm.isOpen, !known.isOpen {
      throw StoreError.conflict(what: "alarm \(alarm.id) is closed: raise a new one")
    }
    try connection.run(
      "UPDATE alarm SET is_open = $2::int::boolean, body = $3 WHERE id = $1",
      [.int64(next.id), .int32(next.isOpen ? 1 : 0), .bytes(try encode(next))])
    return next
  }

  private static func add(
    _ rule: NewRule, _ connection: PostgresConnection
  ) throws -> StoredRule {
    let rows = try connection.run(
      """
      SELECT name, version, body, author, time FROM rule WHERE name = $1
      ORDER BY version DESC LIMIT 1
      """, [.text(rule.name)])
    let newest = rows.count == 0 ? nil : try self.rule(rows, 0)
    if let newest, newest.body == rule.body { return newest }
    let next = StoredRule(
      name: rule.name, version: (newest?.version ?? 0) + 1, body: rule.body, author: rule.author,
      time: rule.time)
    try connection.run(
      "INSERT INTO rule(name, version, body, author, time) VALUES ($1, $2, $3, $4, $5)",
      [
        .text(next.name), .int64(Int64(next.version)), .text(next.body), .text(next.author),
        .double(next.time),
      ])
    return next
  }

  static func entry(_ rows: PostgresRows, _ row: Int) throws(PostgresError) -> AuditEntry {
    AuditEntry(
      number: try rows.integer(row, 0),
      entry: NewAuditEntry(
        time: try rows.double(row, 1), actor: try rows.text(row, 2),
        action: try rows.text(row, 3), subject: try rows.text(row, 4),
        detail: try rows.text(row, 5)),
      digest: try rows.text(row, 6))
  }

  static func rule(_ rows: PostgresRows, _ row: Int) throws(PostgresError) -> StoredRule {
    StoredRule(
      name: try rows.text(row, 0), version: Int(try rows.integer(row, 1)),
      body: try rows.text(row, 2), author: try rows.text(row, 3), time: try rows.double(row, 4))
  }

  private static func encode(_ alarm: StoredAlarm) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return [UInt8](try encoder.encode(alarm))
  }

  static func decode(_ body: [UInt8]) throws -> StoredAlarm {
    try JSONDecoder().decode(StoredAlarm.self, from: Data(body))
  }
}
