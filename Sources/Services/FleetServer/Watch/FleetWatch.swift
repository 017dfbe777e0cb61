// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Watches the fleet: every committed frame goes through its vehicle's analysis exactly once.

public import FleetAnalytics
import Foundation
public import Logging
public import ServiceLifecycle
public import TelemetryStore

/// Watches the fleet: every committed frame goes through its vehicle's analysis exactly once, in
/// commit order.
///
/// The watch reads from the store instead of being handed frames, so a slow analysis never delays
/// an acknowledgement, and going on after a restart is the same step as going on live. States are
/// saved from time to time; after a crash the frames since the last saving are analysed again.
public actor FleetWatch: Service {
  private let store: TelemetryStore
  private let settings: WatchSettings
  private let logger: Logger
  private var monitors: [String: VehicleMonitor] = [:]
  private var backlog: Set<String> = []
  private var seen: Int64 = 0
  private var savedAt = ContinuousClock.now
  /// Vehicles whose findings have not become alarms yet.
  private var unraised: Set<String> = []
  private var ruleVersion: Int?
  private var raised = 0
  /// Where findings become alarms; nil if they do not.
  public nonisolated let alarms: AlarmBook?
  /// Opens what is sealed at rest.
  nonisolated let open: @Sendable (StoredFrame) -> StoredFrame

  /// Creates a watch; nothing is read before ``restore()`` or ``run()``.
  ///
  /// - Parameters:
  ///   - store: Where frames are and states are saved.
  ///   - settings: Division of the work.
  ///   - alarms: Where findings become alarms; nil to raise none.
  ///   - logger: For states that cannot be restored or saved.
  public init(
    store: TelemetryStore, settings: WatchSettings = WatchSettings(), alarms: AlarmBook? = nil,
    logger: Logger
  ) {
    self.alarms = alarms
    open = settings.open
    self.store = store
    self.settings = settings
    self.logger = logger
  }

  /// Follows the store until the service is told to shut down, then saves all states.
  public func run() async throws {
    let commits = await store.commits()
    try await restore()
    try await drain()
    let interval = settings.alarmInterval
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.follow(commits) }
      group.addTask {
        // Also when no frame comes any more: the last ones may have said something.
        while !Task.isCancelled {
          try await self.goingOn { try await self.raiseAlarms() }
          do { try await Task.sleep(for: interval) } catch { return }
        }
      }
      // Following ends with the service; an error of either ends both.
      try await group.next()
      group.cancelAll()
      try await group.waitForAll()
    }
    try await raiseAlarms()
    try await save()
  }

  private func follow(_ commits: AsyncStream<Int64>) async throws {
    for await _ in commits.cancelOnGracefulShutdown() {
      try await goingOn {
        try await self.drain()
        try await self.saveIfDue()
      }
    }
  }

  private func saveIfDue() async throws {
    if ContinuousClock.now - savedAt >= settings.snapshotInterval { try await save() }
  }

  /// Does a round that the next one repeats: a database that is away for a while ends nothing.
  private func goingOn(_ round: () async throws -> Void) async throws {
    do {
      try await round()
    } catch let error as StoreError {
      switch error {
      case .server, .conflict:
        logger.warning("the round is done again later", metadata: ["error": "\(error)"])
      default: throw error
      }
    }
  }

  /// Makes alarms of the findings of every vehicle that has sent something since the last round.
  ///
  /// - Throws: `StoreError` if the store cannot be read or written.
  public func raiseAlarms() async throws {
    guard let alarms else { return }
    let version: Int
    if let ruleVersion {
      version = ruleVersion
    } else {
      version = try await alarms.ruleVersion(at: Date().timeIntervalSince1970)
      ruleVersion = version
    }
    for identity in unraised.sorted() {
      guard let monitor = monitors[identity] else { continue }
      // The mark goes before the reading: frames that come meanwhile set it again.
      if !backlog.contains(identity) { unraised.remove(identity) }
      let (assessment, through) = await monitor.assessment()
      // An assessment that is a little old is taken again in the next round.
      let newest = await monitor.through
      if through != newest { unraised.insert(identity) }
      guard assessment.rows.used > 0 else { continue }
      do {
        raised += try await alarms.take(
          assessment.findings, of: identity, at: assessment.span.end, version: version
        ).count
      } catch {
        unraised.insert(identity)
        throw error
      }
    }
  }

  /// Takes up the saved state of every vehicle in the store.
  ///
  /// - Throws: `StoreError` if the store cannot be read.
  public func restore() async throws {
    for vehicle in try await store.vehicles() where monitors[vehicle.identity] == nil {
      let monitor = VehicleMonitor(identity: vehicle.identity, settings: settings)
      if let snapshot = try await store.snapshot(of: vehicle.identity),
        await !monitor.restore(snapshot)
      {
        logger.notice(
          "saved analysis is of another version: starting afresh from the frames",
          metadata: ["vehicle": "\(vehicle.identity)"])
      }
      monitors[vehicle.identity] = monitor
      backlog.insert(vehicle.identity)
      unraised.insert(vehicle.identity)
    }
  }

  /// Takes in everything committed so far, vehicle by vehicle in turn.
  ///
  /// - Throws: `StoreError` if the store cannot be read.
  public func drain() async throws {
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      let touched = try await store.identities(withFramesAfter: seen)
      seen = touched.newest
      backlog.formUnion(touched.identities)
      if alarms != nil { unraised.formUnion(touched.identities) }
      if backlog.isEmpty { return }
      try await round()
    }
  }

  private func round() async throws {
    for identity in backlog where monitors[identity] == nil {
      monitors[identity] = VehicleMonitor(identity: identity, settings: settings)
    }
    let work = backlog.sorted().compactMap { identity in
      monitors[identity].map { (identity, $0) }
    }
    let store = store
    let page = settings.page
    let finished = try await withThrowingTaskGroup(of: String?.self) { group in
      var finished: [String] = []
      var waiting = work.makeIterator()
      for _ in 0..<settings.workers {
        guard let (identity, monitor) = waiting.next() else { break }
        group.addTask { try await monitor.advance(store, limit: page) ? nil : identity }
      }
      while let done = try await group.next() {
        if let done { finished.append(done) }
        if let (identity, monitor) = waiting.next() {
          group.addTask { try await monitor.advance(store, limit: page) ? nil : identity }
        }
      }
      return finished
    }
    backlog.subtract(finished)
  }

  /// Saves the state of every vehicle that has changed.
  ///
  /// - Throws: `StoreError` if the store cannot be written.
  public func save() async throws {
    savedAt = .now
    for (identity, monitor) in monitors.sorted(by: { $0.key < $1.key }) {
      guard let snapshot = try await monitor.snapshot() else { continue }
      try await store.save([identity: snapshot], at: Date().timeIntervalSince1970)
    }
  }

  /// Number of vehicles with frames that are not analysed yet.
  public var backlogCount: Int { backlog.count }

  /// The vehicles under watch.
  public var identities: [String] { monitors.keys.sorted() }

  /// The assessment of a vehicle; nil for one that never sent a frame.
  ///
  /// - Parameter identity: VIN.
  /// - Returns: The assessment, and the id of the last frame that it rests on.
  public func assessment(of identity: String) async -> (VehicleAssessment, through: Int64)? {
    await monitors[identity]?.assessment()
  }

  /// When a vehicle's newest report was collected and its last frame received, in seconds since
  /// the Unix epoch; nil for one that never sent a frame.
  ///
  /// - Parameter identity: VIN.
  /// - Returns: The two times, each nil if unknown.
  public func lastSeen(of identity: String) async -> (collected: Int64?, received: Double?)? {
    await monitors[identity]?.lastSeen()
  }

  /// What the watch shows to a monitoring system.
  public func metrics() -> [ServiceMetric] {
    [
      ServiceMetric(
        "anodyne_watch_vehicles", help: "Vehicles under watch.", kind: .gauge,
        value: Double(monitors.count)),
      ServiceMetric(
        "anodyne_watch_backlog_vehicles", help: "Vehicles with frames not analysed yet.",
        kind: .gauge, value: Double(backlog.count)),
      ServiceMetric(
        "anodyne_watch_alarm_changes_total",
        help: "Alarms that the analysis raised or changed.", kind: .counter,
        value: Double(raised)),
      ServiceMetric(
        "anodyne_watch_frame_id", help: "Id of the newest committed frame noticed.",
        kind: .counter, value: Double(seen)),
    ]
  }
}
