// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A simulated fleet that really connects: vehicles, links, manifest, summary.

import Foundation
import Synchronization
public import TelemetryCodec
public import TelemetryGateway
public import Testbed

/// A simulated fleet that connects to a gateway, each vehicle over a connection of its own.
public struct FleetSimulation: Sendable {
  /// What became of the fleet so far.
  public struct Summary: Codable, Hashable, Sendable {
    /// Vehicles in the fleet.
    public var vehicles = 0
    /// Vehicles that are done.
    public var finished = 0
    /// Reports handed to the links, duplicates included.
    public var sent = 0
    /// Reports that the gateway acknowledged.
    public var acknowledged = 0
    /// Reports that the gateway refused for good.
    public var refused = 0
    /// Connections made.
    public var connections = 0
    /// Reports that had waited in a tunnel.
    public var reissued = 0
    /// Reports sent a second time.
    public var duplicates = 0
    /// Connections broken on purpose.
    public var interruptions = 0

    /// Whether every report was acknowledged.
    public var isComplete: Bool {
      finished == vehicles && acknowledged == sent && refused == 0
    }

    enum CodingKeys: String, CodingKey {
      case vehicles, finished, sent, acknowledged, refused, connections, reissued, duplicates
      case interruptions
    }
  }

  private let scenario: FleetScenario
  private let count: Int
  private let start: Double
  private let duration: Double
  private let seed: UInt64
  private let edition: Edition
  private let speed: Double?
  private let link: LinkSettings

  /// Prepares a fleet.
  ///
  /// - Parameters:
  ///   - scenario: What the vehicles are and do.
  ///   - count: How many; at least 1.
  ///   - start: Time of the start in seconds since the Unix epoch.
  ///   - duration: Simulated time in seconds.
  ///   - seed: Seed of everything random.
  ///   - edition: Edition of the reports.
  ///   - speed: Times the clock; nil as fast as reports are acknowledged.
  ///   - link: Where to.
  public init(
    scenario: FleetScenario, count: Int, start: Double, duration: Double, seed: UInt64,
    edition: Edition, speed: Double?, link: LinkSettings
  ) {
    self.scenario = scenario
    self.count = count
    self.start = start
    self.duration = duration
    self.seed = seed
    self.edition = edition
    self.speed = speed
    self.link = link
  }

  /// The vehicles that get a fault, with what is wrong: the ground truth.
  public func faultyVehicles() -> [SimulatedVehicle] {
    (0..<count).lazy.map { scenario.vehicle($0, of: count, start: start, seed: seed) }
      .filter { !$0.faults.isEmpty }
  }

  /// Runs the fleet to its end.
  ///
  /// - Parameters:
  ///   - manifest: Told every acknowledged report; nil for none.
  ///   - progress: Told the summary after every window of every vehicle, from any task.
  /// - Returns: What became of the fleet.
  /// - Throws: ``SimulationError/vehiclesFailed(count:of:first:)`` when vehicles gave up, after all
  ///   others are done; `CancellationError`.
  public func run(
    manifest: Manifest? = nil, progress: @escaping @Sendable (Summary) -> Void = { _ in }
  ) async throws -> Summary {
    let board = Board(vehicles: count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<count {
        group.addTask {
          do {
            try await drive(index, manifest, board, progress)
          } catch let error as CancellationError {
            throw error
          } catch {
            board.fail("\(FleetScenario.identity(index)): \(error)")
          }
        }
      }
      try await group.waitForAll()
    }
    let (summary, failures, first) = board.result
    if failures > 0 {
      throw SimulationError.vehiclesFailed(count: failures, of: count, first: first)
    }
    return summary
  }

  private func drive(
    _ index: Int, _ manifest: Manifest?, _ board: Board,
    _ progress: @Sendable (Summary) -> Void
  ) async throws {
    let vehicle = scenario.vehicle(index, of: count, start: start, seed: seed)
    guard let identifier = UniqueIdentifier(vehicle.identity) else {
      throw GatewayError.cannotEncode(row: 0, reason: "\(vehicle.identity) is no VIN")
    }
    var feed = try VehicleFeed(
      vehicle: vehicle, identifier: identifier, edition: edition, radio: scenario.radio,
      seed: seed ^ (UInt64(index + 1) &* 0xA24B_AED4_963E_E407), duration: duration, speed: speed)
    var before = LinkSummary()
    var told = VehicleFeed.Tally()
    let result = try await VehicleLink(identity: identifier, settings: link, edition: edition)
      .send(
        from: { try await feed.next() },
        acknowledged: { manifest?.note($0) },
        progress: { now in
          progress(board.add(now, since: before, feed.tally, since: told))
          before = now
          told = feed.tally
        })
    _ = board.add(result, since: before, feed.tally, since: told)
    progress(board.finishOne())
  }
}

/// The sum over all vehicles.
private final class Board: Sendable {
  private struct State {
    var summary: FleetSimulation.Summary
    var failures = 0
    var first = ""
  }

  private let state: Mutex<State>

  init(vehicles: Int) {
    var summary = FleetSimulation.Summary()
    summary.vehicles = vehicles
    state = Mutex(State(summary: summary))
  }

  var result: (FleetSimulation.Summary, Int, String) {
    state.withLock { ($0.summary, $0.failures, $0.first) }
  }

  func add(
    _ link: LinkSummary, since before: LinkSummary, _ tally: VehicleFeed.Tally,
    since told: VehicleFeed.Tally
  ) -> FleetSimulation.Summary {
    state.withLock { state in
      state.summary.sent += link.sent - before.sent
      state.summary.acknowledged += link.acknowledged - before.acknowledged
      state.summary.refused += link.refused - before.refused
      state.summary.connections += link.connections - before.connections
      state.summary.reissued += tally.reissued - told.reissued
      state.summary.duplicates += tally.duplicates - told.duplicates
      state.summary.interruptions += tally.interruptions - told.interruptions
      return state.summary
    }
  }

  func finishOne() -> FleetSimulation.Summary {
    state.withLock { state in
      state.summary.finished += 1
      return state.summary
    }
  }

  func fail(_ text: String) {
    state.withLock { state in
      state.failures += 1
      if state.failures == 1 { state.first = text }
    }
  }
}
