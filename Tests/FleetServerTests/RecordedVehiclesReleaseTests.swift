// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Recorded vehicles sent through the gateway rank as they do when their file is analysed.

import BatteryDomain
import BatteryFiles
import FleetAnalytics
import FleetServer
import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import ServiceLifecycle
import TelemetryGateway
import TelemetryStore
import TestSupport
import Testing

private let car2 = "ev_fault_vehicles/car2_processed.csv.zip"
private let car3 = "ev_fault_vehicles/car3_processed.csv.zip"

@Suite(
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"),
  .enabled(
    if: Datasets.has(car2) && Datasets.has(car3), Comment(rawValue: Datasets.skipMessage)),
  .timeLimit(.minutes(3)))
struct RecordedVehiclesReleaseTests {
  private func direct(_ path: String, _ identity: String) throws -> VehicleAssessment {
    let file = try DataFile.open(Datasets.file(path).path)
    var table = try #require(file.tables.first)
    var analysis = VehicleAnalysis(identity: identity)
    while let batch = try table.next() { analysis.ingest(batch) }
    return analysis.assessment()
  }

  private func replay(_ path: String, _ identity: String, port: Int) async throws {
    let file = try DataFile.open(Datasets.file(path).path)
    var replay = try TableReplay(
      reader: try #require(file.tables.first), identity: identity,
      settings: LinkSettings(host: "127.0.0.1", port: port))
    let summary = try await replay.run()
    #expect(summary.link.isComplete)
    #expect(summary.skipped == 0)
  }

  /// What a person acts on: the cells and what is said of them, in order.
  private func verdicts(_ assessment: VehicleAssessment) -> [String] {
    assessment.findings.filter { $0.severity >= .watch }.map {
      "\($0.severity) \($0.kind) \($0.subject.label)"
    }
  }

  @Test func `car2 and car3 end with the ranking that their files give`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    let watch = FleetWatch(store: store, logger: quiet)
    let gateway = try await GatewayServer.bind(
      GatewaySettings(port: 0), store: store, logger: quiet)
    let services = ServiceGroup(services: [watch, gateway], logger: quiet)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await services.run() }
      try await replay(car3, "car3", port: gateway.port)
      try await replay(car2, "car2", port: gateway.port)
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
    }
    // What the watch had not read when it was stopped, it reads now, as after a restart.
    let restarted = FleetWatch(store: store, logger: quiet)
    try await restarted.restore()
    try await restarted.drain()

    for (path, identity) in [(car2, "car2"), (car3, "car3")] {
      let (live, _) = try #require(await restarted.assessment(of: identity))
      let direct = try direct(path, identity)
      #expect(verdicts(live) == verdicts(direct), "\(identity)")
      #expect(live.severity == direct.severity)
      #expect((live.risk - direct.risk).magnitude < 0.5)
      let outliers = { (assessment: VehicleAssessment) in
        assessment.cells.filter { $0.severity > .note }.map { "\($0.cell) \($0.severity)" }
      }
      #expect(outliers(live) == outliers(direct))
    }

    let server = FleetServer(
      settings: FleetSettings(), store: store, watch: restarted, logger: quiet)
    try await server.application.test(.router) { client in
      try await client.execute(uri: "/api/vehicles", method: .get) { response in
        let list = try #require(
          try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
            as? [String: Any])
        let vehicles = try #require(list["vehicles"] as? [[String: Any]])
        #expect(vehicles.map { $0["identity"] as? String } == ["car2", "car3"])
        #expect(vehicles.map { $0["severity"] as? String } == ["act", "watch"])
        let cells = vehicles.map {
          (($0["finding"] as? [String: Any])?["subject"] as? [String: Any])?["number"] as? Int
        }
        #expect(cells == [82, 81])
      }
    }
    try await store.close()
  }
}
