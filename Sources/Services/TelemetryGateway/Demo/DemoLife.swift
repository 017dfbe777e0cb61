// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One simulated vehicle's reports: what lies behind, then what happens now.

import BatteryDomain
import Foundation
import TelemetryCodec
import Testbed

/// One simulated vehicle's reports: what lies behind, then what happens now.
struct DemoLife {
  private var vehicle: SimulatedVehicle
  private let writer: ReportWriter
  private let identifier: UniqueIdentifier
  /// From when on the vehicle reports more often while it is parked; the same at every start, so
  /// that a restart lives through the same life.
  private let liveBegin: Double
  private let historyEnd: Double
  private let pace: Double
  private var live: (simulated: Double, began: ContinuousClock.Instant)?
  private var lastSent = ContinuousClock.now

  /// Silence after which a vehicle shows a sign of life.
  private static let heartbeat = Duration.seconds(60)
  private static let quarterDay = 21_600.0
  /// Often enough to see something move at sixty times the clock.
  private static let liveSampling = SimulatedVehicle.Sampling(active: 30, parked: 300)

  init(
    vehicle: SimulatedVehicle, writer: ReportWriter, identifier: UniqueIdentifier,
    liveBegin: Double, historyEnd: Double, pace: Double
  ) {
    self.liveBegin = liveBegin
    self.vehicle = vehicle
    self.writer = writer
    self.identifier = identifier
    self.historyEnd = historyEnd
    self.pace = pace
  }

  /// Lives through what was sent before, without sending it again.
  mutating func skip(to time: Double) async throws {
    while vehicle.time < time {
      try Task.checkCancellation()
      let before = vehicle.time
      let rows = advance(until: min(time, before + Self.quarterDay))
      // No row is due before that time any more.
      if rows.rowCount == 0, vehicle.time == before { return }
      // The pages and the gateway come first.
      await Task.yield()
    }
  }

  /// The next reports of the history; nil once it is sent.
  mutating func nextHistory() async throws -> [Frame]? {
    await Task.yield()
    var ahead = Self.quarterDay
    while vehicle.time < historyEnd {
      try Task.checkCancellation()
      let end = min(historyEnd, vehicle.time + ahead)
      let batch = advance(until: end)
      if batch.rowCount > 0 { return try frames(of: batch, .reissuedReport) }
      if end >= historyEnd { return nil }
      ahead *= 2
    }
    return nil
  }

  /// The next live reports; waits until there are some, or for a sign of life.
  mutating func nextLive() async throws -> [Frame] {
    let start = live ?? (vehicle.time, .now)
    live = start
    while true {
      try await Task.sleep(for: .milliseconds(250))
      let elapsed = (ContinuousClock.now - start.began) / .seconds(1)
      let now = Date().timeIntervalSince1970
      let batch = advance(until: min(start.simulated + pace * elapsed, now))
      if batch.rowCount > 0 {
        lastSent = .now
        return try frames(of: batch, .realTimeReport)
      }
      if ContinuousClock.now - lastSent > Self.heartbeat {
        lastSent = .now
        return [Frame(edition: .edition2016, command: .heartbeat, identifier: identifier)]
      }
    }
  }

  /// Advances, switching to live sampling at the one time set for it.
  private mutating func advance(until end: Double) -> RecordBatch {
    guard vehicle.sampling != Self.liveSampling else { return vehicle.advance(until: end) }
    if end < liveBegin { return vehicle.advance(until: end) }
    let batch = vehicle.advance(until: liveBegin)
    vehicle.sampling = Self.liveSampling
    return batch.rowCount > 0 ? batch : vehicle.advance(until: end)
  }

  private func frames(of batch: RecordBatch, _ command: Command) throws -> [Frame] {
    try (0..<batch.rowCount).map { try writer.frame(of: batch, row: $0, command: command) }
  }
}
