// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Simulated vehicles over real connections into a real store, judged by their manifest.

import FleetSimulator
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testbed
import Testing

@Suite("Simulated fleets over real connections", .timeLimit(.minutes(5)))
struct FleetSimulationTests {
  private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Small packs, so that the test is about the link.
  private var scenario: FleetScenario {
    var scenario = FleetScenario()
    scenario.design = PackDesign(moduleCount: 2, cellsPerModule: 6, probesPerModule: 1)
    scenario.sampling = .init(active: 30, parked: 300)
    scenario.radio.tunnelsPerDay = 40
    scenario.radio.tunnel = 120...1_200
    scenario.radio.breaksPerDay = 20
    scenario.radio.duplicateShare = 0.02
    scenario.radio.clockOffset = 3
    scenario.radio.clockDrift = 50
    scenario.radio.clockSetsPerDay = 4
    return scenario
  }

  private func simulation(_ edition: Edition, port: Int, attempts: Int = 8) -> FleetSimulation {
    FleetSimulation(
      scenario: scenario, count: 4, start: 1_767_225_600, duration: 86_400, seed: 11,
      edition: edition, speed: nil,
      link: LinkSettings(
        host: "127.0.0.1", port: port, window: 32, attempts: attempts,
        firstPause: .milliseconds(1)))
  }

  private func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "anodyne-fleet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }

  /// The store's folder and the manifest of a fleet that ran against a gateway in this process.
  private func run(
    _ edition: Edition, in folder: URL
  ) async throws -> (FleetSimulation.Summary, manifest: String) {
    let store = try TelemetryStore(folder: folder.appending(path: "data"))
    let gateway = try await GatewayServer.bind(
      GatewaySettings(port: 0), store: store, logger: quiet)
    let file = folder.appending(path: "sent.jsonl")
    let summary = try await withThrowingTaskGroup(of: Void.self) { group in
      let services = ServiceGroup(services: [gateway], logger: quiet)
      group.addTask { try await services.run() }
      let manifest = try Manifest(path: file.path)
      let summary = try await simulation(edition, port: gateway.port).run(manifest: manifest)
      try manifest.finish()
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
      return summary
    }
    try await store.close()
    return (summary, try String(contentsOf: file, encoding: .utf8))
  }

  @Test(
    "everything acknowledged is in the store exactly once, through tunnels, breaks and duplicates",
    arguments: Edition.allCases)
  func everything(edition: Edition) async throws {
    try await withFolder { folder in
      let (summary, manifest) = try await run(edition, in: folder)
      #expect(summary.isComplete)
      #expect(summary.vehicles == 4 && summary.finished == 4)
      #expect(summary.reissued > 0 && summary.duplicates > 0 && summary.interruptions > 0)
      #expect(summary.connections > 4)
      let store = try TelemetryStore(folder: folder.appending(path: "data"))
      let check = try await ManifestCheck(manifest: manifest, store: store)
      #expect(check.isClean && check.missing == 0 && check.doubled == 0 && check.unnamed == 0)
      #expect(check.reports + check.repeated == summary.acknowledged)
      #expect(check.repeated >= summary.duplicates)
      // The judge can find a loss: a line that nobody sent, and a store that lacks what was sent.
      let forged = manifest + #"{"asset":"ANSIM000000000001","sha256":"00"}"# + "\n"
      let found = try await ManifestCheck(manifest: forged, store: store)
      #expect(!found.isClean && found.missing == 1 && found.examples.count == 1)
      let short = manifest.split(separator: "\n").dropFirst().joined(separator: "\n")
      #expect(try await ManifestCheck(manifest: short, store: store).unnamed <= 1)
      try await store.close()
    }
  }

  @Test("the same seed sends the same bytes")
  func repeatable() async throws {
    let first = try await withFolder { try await run(.edition2016, in: $0).manifest }
    let second = try await withFolder { try await run(.edition2016, in: $0).manifest }
    func hashes(_ text: String) -> Set<Substring> {
      Set(text.split(separator: "\n").compactMap { $0.split(separator: "sha256").last })
    }
    #expect(hashes(first) == hashes(second))
    #expect(hashes(first).count > 500)
  }

  @Test("vehicles without a gateway say so, and how many")
  func nobody() async throws {
    await #expect {
      try await simulation(.edition2016, port: 1, attempts: 2).run()
    } throws: { error in
      let text = "\(error)"
      return text.contains("4 of 4 vehicles gave up") && text.contains("127.0.0.1")
    }
  }

  @Test("a broken manifest is named by its line")
  func broken() async throws {
    try await withFolder { folder in
      let store = try TelemetryStore(folder: folder)
      await #expect {
        _ = try await ManifestCheck(
          manifest: "{\"asset\":\"a\",\"sha256\":\"b\"}\nx\n", store: store)
      } throws: { "\($0)".contains("line 2") }
      try await store.close()
    }
  }
}
