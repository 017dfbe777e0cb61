// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Simulated vehicles that really connect to the gateway: history first, then live driving.

import BatteryDomain
public import Foundation
public import ServiceLifecycle
import Synchronization
import TelemetryCodec
public import TelemetryStore
public import Testbed

/// Simulated vehicles that connect to the gateway over TCP: first they send their history as
/// reissued reports, then they drive on, faster than the clock until they have caught up with it.
///
/// What a vehicle has sent is read from the store, so a restart goes on behind its last report.
public struct DemoFleetService: Service {
  /// What the demonstration tells a person.
  public enum Event: Sendable {
    /// The vehicles, with what was put into them, before anything is sent.
    case began([SimulatedVehicle], historyDays: Double)
    /// All vehicles have sent their history: this many reports in this time.
    case live(reports: Int, duration: Duration)
  }

  private let store: TelemetryStore
  private let link: LinkSettings
  private let folder: URL
  private let pace: Double
  private let tell: @Sendable (Event) -> Void

  /// Creates a service.
  ///
  /// - Parameters:
  ///   - store: Says what each vehicle has sent.
  ///   - link: Where the gateway is.
  ///   - folder: Where the plan is kept, usually that of the store.
  ///   - pace: Times the clock while behind it.
  ///   - tell: Told what happens.
  public init(
    store: TelemetryStore, link: LinkSettings, folder: URL, pace: Double = 60,
    tell: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    precondition(pace >= 1, "the demonstration cannot be slower than the clock")
    self.store = store
    self.link = link
    self.folder = folder
    self.pace = pace
    self.tell = tell
  }

  /// Sends until the service is told to shut down.
  ///
  /// - Throws: ``GatewayError`` if the gateway stays away, an error of Foundation if the plan
  ///   cannot be kept.
  public func run() async throws {
    let now = Date().timeIntervalSince1970
    let plan = try DemoPlan.load(from: folder, now: now)
    let fleet = DemoFleet.vehicles(
      start: plan.start, historyDays: plan.historyDays, seed: plan.seed)
    tell(.began(fleet, historyDays: plan.historyDays))
    let progress = DemoProgress(vehicles: fleet.count)
    do {
      try await cancelWhenGracefulShutdown {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for vehicle in fleet {
            group.addTask(priority: .background) {
              try await drive(vehicle, plan: plan, now: now, progress: progress)
            }
          }
          try await group.waitForAll()
        }
      }
    } catch is CancellationError {
      // A graceful shutdown is how the demonstration ends.
    }
  }

  private func drive(
    _ vehicle: SimulatedVehicle, plan: DemoPlan, now: Double, progress: DemoProgress
  ) async throws {
    guard let identifier = UniqueIdentifier(vehicle.identity) else {
      throw GatewayError.cannotEncode(row: 0, reason: "\(vehicle.identity) is no VIN")
    }
    var life = DemoLife(
      vehicle: vehicle, writer: try ReportWriter(schema: vehicle.schema, identifier: identifier),
      identifier: identifier, liveBegin: plan.start + plan.historyDays * 86_400,
      historyEnd: max(plan.start + plan.historyDays * 86_400, now - DemoPlan.lead * 86_400),
      pace: pace)
    if let sent = try await store.reportSpan(of: vehicle.identity) {
      try await life.skip(to: Double(sent.upperBound))
    }
    let isFinal = Mutex(false)
    _ = try await VehicleLink(identity: identifier, settings: link).send(from: {
      if let history = try await life.nextHistory() {
        progress.add(history.count)
        return history
      }
      let isFirst = isFinal.withLock { done in
        defer { done = true }
        return !done
      }
      if isFirst, let total = progress.finish() {
        tell(.live(reports: total.reports, duration: total.duration))
      }
      return try await life.nextLive()
    })
  }
}

/// How far the vehicles are with their history.
private final class DemoProgress: Sendable {
  private struct State {
    var open: Int
    var reports = 0
  }

  private let state: Mutex<State>
  private let began = ContinuousClock.now

  init(vehicles: Int) { state = Mutex(State(open: vehicles)) }

  func add(_ reports: Int) { state.withLock { $0.reports += reports } }

  /// Notes that one vehicle is done; gives the total when it was the last.
  func finish() -> (reports: Int, duration: Duration)? {
    state.withLock { state in
      state.open -= 1
      return state.open == 0 ? (state.reports, ContinuousClock.now - began) : nil
    }
  }
}
