// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every committed frame is analysed once, whatever stops in between.

import BatteryDomain
import FleetAnalytics
import FleetServer
import Foundation
import TelemetryStore
import Testing

@Suite struct FleetWatchTests {
  private let vehicle = MadeUpVehicle(
    vin: "SINKS000000000002", sinking: (cell: 7, rate: 0.012))

  private func whole() async throws -> VehicleAssessment {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    _ = try await store.append(try vehicle.frames())
    let watch = FleetWatch(store: store, logger: quiet)
    try await watch.drain()
    let (assessment, _) = try #require(await watch.assessment(of: vehicle.vin))
    try await store.close()
    return assessment
  }

  @Test func `the watch says what the analysis says of the same rows`() async throws {
    let live = try await whole()
    var direct = VehicleAnalysis(identity: vehicle.vin)
    var table = ReportTable(identity: vehicle.vin)
    for (number, frame) in try vehicle.frames().enumerated() {
      table.add(
        StoredFrame(
          id: Int64(number + 1), collectionTime: frame.collectionTime, receiveTime: 0, command: 2,
          bytes: frame.bytes))
    }
    for batch in table.takeBatches() { direct.ingest(batch) }
    #expect(differences(live, direct.assessment()) == [])
    #expect(live.rows.received == 720)
    let top = try #require(live.findings.first)
    #expect(top.subject == .cell(7))
    #expect(live.severity >= .act)
  }

  @Test func `a restart in the middle ends with the same assessment`() async throws {
    let folder = try TemporaryFolder()
    let frames = try vehicle.frames()
    for end in [377, 500, frames.count] {
      // Each turn opens the store anew, as a restarted program does.
      let store = try TelemetryStore(folder: folder.url)
      let known = try await store.frameCount()
      let watch = FleetWatch(store: store, logger: quiet)
      try await watch.restore()
      _ = try await store.append(Array(frames[known..<end]))
      try await watch.drain()
      try await watch.save()
      try await store.close()
    }
    let store = try TelemetryStore(folder: folder.url)
    let watch = FleetWatch(store: store, logger: quiet)
    try await watch.restore()
    try await watch.drain()
    let (restarted, _) = try #require(await watch.assessment(of: vehicle.vin))
    #expect(differences(restarted, try await whole()) == [])
    let seen = try #require(await watch.lastSeen(of: vehicle.vin))
    #expect(seen.collected == frames.last?.collectionTime)
    #expect(seen.received == frames.last?.receiveTime)
    try await store.close()
  }

  @Test func `a crash without saving loses nothing and counts nothing twice`() async throws {
    let folder = try TemporaryFolder()
    let frames = try vehicle.frames()
    let first = try TelemetryStore(folder: folder.url)
    let early = FleetWatch(store: first, logger: quiet)
    _ = try await first.append(Array(frames[..<500]))
    try await early.drain()
    try await early.save()
    _ = try await first.append(Array(frames[500..<700]))
    try await early.drain()
    // No saving of the last 200 frames: the process is gone.
    try await first.close()

    let second = try TelemetryStore(folder: folder.url)
    let late = FleetWatch(store: second, logger: quiet)
    try await late.restore()
    try await late.drain()
    let (assessment, _) = try #require(await late.assessment(of: vehicle.vin))
    #expect(assessment.rows.received == 700)
    #expect(assessment.rows.duplicate == 0)
    try await second.close()
  }

  @Test func `a state of another version makes the analysis start afresh`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    _ = try await store.append(Array(try vehicle.frames()[..<100]))
    try await store.save(
      [vehicle.vin: AnalysisSnapshot(frameID: 100, revision: "0", state: [1, 2, 3])], at: 0)
    let watch = FleetWatch(store: store, logger: quiet)
    try await watch.restore()
    try await watch.drain()
    let (assessment, _) = try #require(await watch.assessment(of: vehicle.vin))
    #expect(assessment.rows.received == 100)
    try await store.close()
  }

  @Test func `a report that comes late does not change what is known`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    var frames = Array(try vehicle.frames()[..<600])
    let late = frames.remove(at: 200)
    _ = try await store.append(frames)
    let watch = FleetWatch(store: store, logger: quiet)
    try await watch.drain()
    let (before, _) = try #require(await watch.assessment(of: vehicle.vin))
    _ = try await store.append([late])
    let again = FleetWatch(store: store, logger: quiet)
    try await again.drain()
    let (after, _) = try #require(await again.assessment(of: vehicle.vin))
    #expect(after.rows.late == 1)
    #expect(after.span == before.span)
    #expect(differences(after, before) == ["rows"])
    try await store.close()
  }
}
