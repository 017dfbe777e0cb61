// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What every engine must do with alarms, audit and rules; frames have theirs in TelemetryStoreTests.

import Foundation
import PostgresStore
import StoreContract
import TelemetryStore
import TestSupport
import Testing

@Suite(.enabled(if: isInstalled, absence)) struct PostgresContractTests {
  @Test(arguments: RecordContract.all)
  func `the scale-out engine keeps the contract`(contract: RecordContract) async throws {
    let store = TelemetryStore(engine: try openEngine(freshSchema()))
    try await contract.check(store)
    try await store.close()
  }

  @Test func `alarms, audit and rules survive a restart`() async throws {
    let schema = freshSchema()
    let first = TelemetryStore(engine: try openEngine(schema))
    let receipt = try await first.commit(
      RecordChange(
        alarms: [StoredAlarm(identity: "V", rule: "r", level: 3, title: "t", raisedAt: 1)],
        audit: [NewAuditEntry(time: 1, actor: "a", action: "b", subject: "c")],
        rules: [NewRule(name: "r", body: "{}", author: "a", time: 1)]))
    try await first.close()
    let second = TelemetryStore(engine: try openEngine(schema))
    #expect(try await second.alarms() == receipt.alarms)
    #expect(try await second.auditTrail() == receipt.audit)
    #expect(try await second.rules() == receipt.rules)
    try await second.close()
  }
}
