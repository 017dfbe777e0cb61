// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms: one a finding, through flaps, escalation, restarts, sealed stores and people.

import BatteryDomain
import FleetAnalytics
import FleetServer
import Foundation
import FrameCryptography
import Hummingbird
import HummingbirdTesting
import TelemetryGateway
import TelemetryStore
import Testing

@Suite struct AlarmTests {
  private func finding(
    _ severity: Severity, _ subject: Subject = .cell(7), kind: String = "drift"
  ) -> Finding {
    Finding(
      kind: kind, title: "\(subject.label) \(severity)", subject: subject, since: nil,
      severity: severity, confidence: 0.9, risk: 50, controlNode: .cellInconsistency,
      baseline: "its siblings", evidence: [.init(name: "drift", value: 3, unit: "mV")],
      recommendedAction: "Inspect.")
  }

  private func book(
    _ body: (TelemetryStore, AlarmBook) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    try await body(store, AlarmBook(store: store))
    try await store.close()
  }

  @Test func `a finding raises one alarm, however often it is said`() async throws {
    try await book { store, book in
      for time in [10.0, 20, 30] {
        _ = try await book.take(
          [finding(.act), finding(.watch), finding(.note, .cell(9))], of: "V", at: time, version: 1)
      }
      let alarms = try await store.alarms()
      #expect(alarms.count == 1 && alarms[0].level == 3 && alarms[0].scope == "cell 7")
      #expect(alarms[0].raisedAt == 10 && alarms[0].revision == 1)
      #expect(try await store.auditTrail().map(\.entry.action) == ["alarm.raise"])
    }
  }

  @Test func `an alarm flaps within its dwell and closes after it`() async throws {
    try await book { store, book in
      let dwell = book.rules.clearDwell
      _ = try await book.take([finding(.watch)], of: "V", at: 0, version: 1)
      for turn in 1...3 {
        let time = Double(turn) * 1_000
        _ = try await book.take([], of: "V", at: time, version: 1)
        _ = try await book.take([finding(.watch)], of: "V", at: time + 500, version: 1)
      }
      var alarms = try await store.alarms()
      #expect(alarms.count == 1 && alarms[0].flaps == 3 && alarms[0].isOpen)
      _ = try await book.take([], of: "V", at: 5_000, version: 1)
      _ = try await book.take([], of: "V", at: 5_000 + dwell - 1, version: 1)
      #expect(try await store.alarms()[0].isOpen)
      _ = try await book.take([], of: "V", at: 5_000 + dwell, version: 1)
      alarms = try await store.alarms()
      #expect(!alarms[0].isOpen && alarms[0].cause == nil)
      _ = try await book.take([finding(.watch)], of: "V", at: 90_000, version: 1)
      #expect(try await store.alarms(AlarmChoice(onlyOpen: true)).map(\.id) == [alarms[0].id + 1])
    }
  }

  @Test func `who took notice of less is asked again when it gets worse`() async throws {
    try await book { store, book in
      let id = try await book.take([finding(.watch)], of: "V", at: 0, version: 1)[0].id
      _ = try await book.act(.acknowledge, on: id, by: "ann", at: 5)
      _ = try await book.act(.shelve(until: 1_000), on: id, by: "ann", at: 6)
      _ = try await book.take([finding(.stop)], of: "V", at: 10, version: 1)
      var alarm = try #require(try await store.alarms().first)
      #expect(alarm.level == 4 && alarm.acknowledgedAt == nil && alarm.shelvedUntil == nil)
      await #expect(throws: AlarmRefusal.tooUrgent(level: 4)) {
        _ = try await book.act(.shelve(until: 1_000), on: id, by: "ann", at: 20)
      }
      // It falls only after its dwell.
      _ = try await book.take([finding(.watch)], of: "V", at: 20, version: 1)
      #expect(try await store.alarms()[0].level == 4)
      _ = try await book.take(
        [finding(.watch)], of: "V", at: 20 + book.rules.lowerDwell, version: 1)
      alarm = try await store.alarms()[0]
      #expect(alarm.level == 2 && alarm.highestLevel == 4)
      await #expect(throws: AlarmRefusal.noCause) {
        _ = try await book.act(.close(cause: ""), on: id, by: "ann", at: 30)
      }
      _ = try await book.act(.close(cause: "cell replaced"), on: id, by: "ann", at: 30)
      await #expect(throws: AlarmRefusal.closed(id: id)) {
        _ = try await book.act(.acknowledge, on: id, by: "bob", at: 31)
      }
      await #expect(throws: AlarmRefusal.unknown(id: 99)) {
        _ = try await book.act(.acknowledge, on: 99, by: "bob", at: 31)
      }
      // A number from a request that no alarm can have.
      await #expect(throws: AlarmRefusal.unknown(id: .min)) {
        _ = try await book.act(.acknowledge, on: .min, by: "bob", at: 31)
      }
    }
  }

  @Test func `two analyses of one vehicle raise each alarm once`() async throws {
    try await book { store, book in
      let findings = (1...6).map { finding(.watch, .cell($0)) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask { _ = try await book.take(findings, of: "V", at: 1, version: 1) }
        }
        try await group.waitForAll()
      }
      #expect(try await store.alarms().count == 6)
      #expect(try await store.auditTrail().count == 6)
    }
  }

  private let vehicle = MadeUpVehicle(vin: "SINKS000000000002", sinking: (cell: 7, rate: 0.012))

  @Test func `what the watch raised and a person acknowledged survives a restart`() async throws {
    let folder = try TemporaryFolder()
    var store = try TelemetryStore(folder: folder.url)
    _ = try await store.append(try vehicle.frames())
    var watch = FleetWatch(store: store, alarms: AlarmBook(store: store), logger: quiet)
    try await watch.drain()
    try await watch.raiseAlarms()
    let raised = try await store.alarms()
    let alarm = try #require(raised.first { $0.scope == "cell 7" })
    #expect(alarm.level >= 3 && alarm.identity == vehicle.vin)
    try await watch.save()
    let book = try #require(watch.alarms)
    _ = try await book.act(.acknowledge, on: alarm.id, by: "ann", at: 1)
    try await store.close()

    store = try TelemetryStore(folder: folder.url)
    watch = FleetWatch(store: store, alarms: AlarmBook(store: store), logger: quiet)
    try await watch.restore()
    try await watch.drain()
    try await watch.raiseAlarms()
    let after = try await store.alarms()
    #expect(after.map(\.id) == raised.map(\.id))
    #expect(after.first { $0.id == alarm.id }?.acknowledgedBy == "ann")
    #expect(try await store.rules().map(\.version) == [1])
    try await store.close()
  }

  @Test func `a sealed store is analysed under pseudonyms, and no name is on the disk`()
    async throws
  {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    let seal = try FrameSeal(masterKey: Array(1...32))
    let sink = SealingSink(store, seal: seal)
    _ = try await sink.append(try vehicle.frames())
    let name = seal.pseudonym(of: vehicle.vin)
    var settings = WatchSettings()
    settings.open = { seal.opened($0) }
    let watch = FleetWatch(
      store: store, settings: settings, alarms: AlarmBook(store: store), logger: quiet)
    try await watch.drain()
    try await watch.raiseAlarms()
    #expect(await watch.identities == [name])
    let (assessment, _) = try #require(await watch.assessment(of: name))
    #expect(assessment.rows.received == 720 && assessment.findings.first?.subject == .cell(7))
    #expect(try await store.alarms().allSatisfy { $0.identity == name })
    try await watch.save()
    _ = try await store.compact()
    try await store.close()
    let files = FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil)
    let needle = Data(vehicle.vin.utf8)
    for case let file as URL in files ?? .init() {
      guard let data = try? Data(contentsOf: file) else { continue }
      #expect(data.range(of: needle) == nil, "\(file.lastPathComponent)")
    }
  }

  @Test func `alarms are listed and acted on over HTTP`() async throws {
    try await book { store, book in
      let id = try await book.take([finding(.watch)], of: "V", at: 0, version: 1)[0].id
      let watch = FleetWatch(store: store, alarms: book, logger: quiet)
      let server = FleetServer(
        settings: FleetSettings(), store: store, watch: watch, logger: quiet)
      try await server.application.test(.router) { client in
        let json = HTTPFields([.init(name: .contentType, value: "application/json")])
        let list = try await client.execute(uri: "/api/alarms?open=true", method: .get)
        #expect(String(buffer: list.body).contains("\"scope\":\"cell 7\""))
        let path = "/api/alarms/\(id)/acknowledge"
        let plain = try await client.execute(
          uri: path, method: .post, body: .init(string: "{\"by\":\"ann\"}"))
        #expect(plain.status == .unsupportedMediaType)
        let done = try await client.execute(
          uri: path, method: .post, headers: json, body: .init(string: "{\"by\":\"ann\"}"))
        #expect(done.status == .ok)
        #expect(String(buffer: done.body).contains("\"acknowledged_by\":\"ann\""))
        let unknown = try await client.execute(
          uri: "/api/alarms/99/acknowledge", method: .post, headers: json,
          body: .init(string: "{\"by\":\"ann\"}"))
        #expect(unknown.status == .notFound)
        let wrong = try await client.execute(
          uri: "/api/alarms/\(id)/explode", method: .post, headers: json,
          body: .init(string: "{\"by\":\"ann\"}"))
        #expect(wrong.status == .badRequest)
      }
      #expect(try await store.alarms()[0].acknowledgedBy == "ann")
    }
  }
}
