// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What every engine must do with alarms, audit and rules; test targets run it on theirs.

public import TelemetryStore

/// Something that an engine does against its contract.
public struct ContractViolation: Error, CustomStringConvertible {
  /// What was expected.
  public let description: String
}

/// A promise of every engine, checked on an empty store.
public struct RecordContract: Sendable, CustomStringConvertible {
  /// The promise as a sentence.
  public let description: String
  /// Checks it; throws ``ContractViolation``.
  public let check: @Sendable (TelemetryStore) async throws -> Void

  private init(
    _ description: String, _ check: @escaping @Sendable (TelemetryStore) async throws -> Void
  ) {
    self.description = description
    self.check = check
  }

  private static func expect(_ condition: Bool, _ what: String) throws {
    if !condition { throw ContractViolation(description: what) }
  }

  private static func alarm(
    _ identity: String = "V1", rule: String = "drift", scope: String = "cell 3", level: Int = 2
  ) -> StoredAlarm {
    StoredAlarm(
      identity: identity, rule: rule, scope: scope, level: level, title: "Cell 3 drifts \u{2603}",
      detail: #"{"value":1}"#, raisedAt: 1_700_000_000.25)
  }

  private static func refuses(
    _ store: TelemetryStore, _ change: RecordChange, _ what: String
  ) async throws {
    do throws(StoreError) {
      _ = try await store.commit(change)
    } catch .conflict {
      return
    }
    throw ContractViolation(description: what)
  }

  /// All promises.
  public static let all: [RecordContract] = [
    RecordContract("an alarm comes back as it was stored, with an id and a revision") { store in
      let stored = try await store.commit(RecordChange(alarms: [alarm(), alarm("V2")])).alarms
      try expect(stored.map(\.revision) == [1, 1], "first revisions are 1")
      try expect(stored[0].id > 0 && stored[1].id > stored[0].id, "ids grow")
      var same = alarm()
      same.id = stored[0].id
      same.revision = 1
      try expect(stored[0] == same, "nothing else of an alarm changes")
      let all = try await store.alarms()
      try expect(all == stored, "what is read is what was answered")
      let mine = try await store.alarms(AlarmChoice(identity: "V2"))
      try expect(mine == [stored[1]], "alarms can be chosen by vehicle")
      let later = try await store.alarms(AlarmChoice(after: stored[0].id, limit: 5))
      try expect(later == [stored[1]], "alarms can be paged")
    },
    RecordContract("one alarm of a vehicle, rule and scope is open at a time") { store in
      var first = try await store.commit(RecordChange(alarms: [alarm()])).alarms[0]
      try await refuses(store, RecordChange(alarms: [alarm()]), "a second open alarm was taken")
      _ = try await store.commit(RecordChange(alarms: [alarm(scope: "cell 4")]))
      _ = try await store.commit(RecordChange(alarms: [alarm(rule: "other")]))
      first.clearedAt = 1_700_000_100
      let closed = try await store.commit(RecordChange(alarms: [first])).alarms[0]
      let second = try await store.commit(RecordChange(alarms: [alarm()])).alarms[0]
      try expect(second.id != closed.id, "a new alarm has an id of its own")
      let open = try await store.alarms(AlarmChoice(identity: "V1", onlyOpen: true))
      try expect(
        !open.contains { $0.id == closed.id } && open.contains { $0.id == second.id },
        "open alarms are those that are not closed")
      var again = closed
      again.clearedAt = nil
      try await refuses(store, RecordChange(alarms: [again]), "a closed alarm was opened again")
    },
    RecordContract("a change of an older revision is refused whole") { store in
      let first = try await store.commit(RecordChange(alarms: [alarm()])).alarms[0]
      var mine = first
      mine.acknowledgedAt = 5
      mine.acknowledgedBy = "me"
      _ = try await store.commit(RecordChange(alarms: [mine]))
      var yours = first
      yours.level = 4
      try await refuses(
        store,
        RecordChange(
          alarms: [alarm("V9"), yours],
          audit: [NewAuditEntry(time: 1, actor: "you", action: "x", subject: "y")]),
        "a change of an old revision was taken")
      let all = try await store.alarms()
      try expect(all.count == 1 && all[0].acknowledgedBy == "me", "the refused change left traces")
      let trail = try await store.auditTrail()
      try expect(trail.isEmpty, "the refused change left an audit entry")
    },
    RecordContract("of many that raise an alarm at once, one succeeds") { store in
      let taken = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<16 {
          group.addTask {
            (try? await store.commit(RecordChange(alarms: [alarm()]))) != nil
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      try expect(taken == 1, "\(taken) of 16 raised it")
      let open = try await store.alarms(AlarmChoice(onlyOpen: true))
      try expect(open.count == 1, "\(open.count) alarms are open")
    },
    RecordContract("the record of who did what is a chain without gaps") { store in
      func entry(_ number: Int) -> NewAuditEntry {
        NewAuditEntry(
          time: Double(number) / 3, actor: "op\(number)", action: "alarm.raise", subject: "V1",
          detail: "caf\u{E9} \"\(number)\"")
      }
      let first = try await store.commit(RecordChange(audit: [entry(1), entry(2)])).audit
      let second = try await store.commit(RecordChange(audit: [entry(3)])).audit
      let trail = try await store.auditTrail()
      try expect(trail == first + second, "the record is what was answered")
      try expect(trail.map(\.number) == [1, 2, 3], "numbers have no gaps")
      for (place, entry) in trail.enumerated() {
        try expect(entry.follows(place == 0 ? nil : trail[place - 1]), "an entry does not follow")
      }
      var changed = trail[1]
      changed.entry.actor = "someone else"
      try expect(!changed.follows(trail[0]), "a changed entry still follows")
      let rest = try await store.auditTrail(after: 1, limit: 1)
      try expect(rest == [trail[1]], "the record can be paged")
    },
    RecordContract("a rule's versions count up and never change") { store in
      func rule(_ body: String, _ name: String = "drift") -> NewRule {
        NewRule(name: name, body: body, author: "me", time: 7)
      }
      let first = try await store.commit(RecordChange(rules: [rule("{}"), rule("{}", "other")]))
      try expect(first.rules.map(\.version) == [1, 1], "versions begin at 1")
      let again = try await store.commit(RecordChange(rules: [rule("{}")])).rules
      try expect(again == [first.rules[0]], "the same body is not stored twice")
      let next = try await store.commit(RecordChange(rules: [rule(#"{"limit":2}"#)])).rules
      try expect(next[0].version == 2, "another body is another version")
      let all = try await store.rules()
      try expect(all == [first.rules[0], next[0], first.rules[1]], "all versions are there")
    },
  ]
}
