// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms, audit and rules in the embedded engine: the contract, and what a restart keeps.

import Foundation
import GRDB
import StoreContract
import TelemetryStore
import Testing

@Suite struct RecordContractTests {
  @Test(arguments: RecordContract.all)
  func `the embedded engine keeps the contract`(contract: RecordContract) async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    try await contract.check(store)
    try await store.close()
  }

  @Test func `alarms, audit and rules survive a restart and a backup`() async throws {
    let folder = try TemporaryFolder()
    let first = try TelemetryStore(folder: folder.url)
    let change = RecordChange(
      alarms: [StoredAlarm(identity: "V", rule: "r", level: 3, title: "t", raisedAt: 1)],
      audit: [NewAuditEntry(time: 1, actor: "a", action: "b", subject: "c")],
      rules: [NewRule(name: "r", body: "{}", author: "a", time: 1)])
    let receipt = try await first.commit(change)
    try await first.close()
    let copy = try TemporaryFolder()
    let target = copy.url.appending(path: "copy")
    _ = try StoreBackup.copy(folder.url, to: target)
    for url in [folder.url, target] {
      let second = try TelemetryStore(folder: url)
      #expect(try await second.alarms() == receipt.alarms)
      #expect(try await second.auditTrail() == receipt.audit)
      #expect(try await second.rules() == receipt.rules)
      try await second.close()
    }
  }

  @Test func `a changed audit entry is found by verify`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    for number in 1...3 {
      _ = try await store.commit(
        RecordChange(audit: [
          NewAuditEntry(time: Double(number), actor: "a", action: "b", subject: "c")
        ]))
    }
    try await store.close()
    var verifier = StoreVerifier(folder: folder.url)
    #expect(try verifier.run().isWhole)
    let index = try DatabaseQueue(path: folder.url.appending(path: "telemetry.sqlite").path)
    try await index.write { try $0.execute(sql: "UPDATE audit SET actor = 'x' WHERE number = 2") }
    try index.close()
    verifier = StoreVerifier(folder: folder.url)
    let faults = try verifier.run().faults
    #expect(faults.map(\.reason) == ["audit entry 2 was changed, or one before it is gone"])
  }
}
