// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The sending platform's side: stored frames to an upstream platform, at least once.

public import Foundation
public import FrameCryptography
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization
import TelemetryCodec
public import TelemetryStore

/// Forwards stored frames to an upstream platform, at least once.
///
/// Only what the store has committed is forwarded; a cursor on disk moves when the upstream has
/// acknowledged, so that after a restart, on either side, the rest follows and at most one
/// window comes twice. A frame that is refused three times is quarantined and passed over, so that
/// one bad frame does not hold up the others, but only while the upstream accepts others: the newest
/// report that it took is sent again, as a reissue, and must be taken again. An upstream that refuses
/// everything is left and tried again after a pause, and the cursor stays.
///
/// Frames of a vehicle are sent in the order of the store. A refused frame is sent again behind the
/// others of its window, and a window with refusals may come once more after a pause: an upstream
/// that refuses sees such frames late and twice, and sorts by the time of collection.
public final class PlatformForwarder: Service {
  private struct Counts {
    var forwarded = 0
    var refused = 0
    var connections = 0
    var isConnected = false
    var behind: Int64 = 0
    /// The newest report that the upstream took, as a reissue; nil while none is known.
    var proof: Frame?
  }

  private let settings: ForwardSettings
  private let source: any FrameSource
  private let file: URL
  private let seal: FrameSeal?
  private let quarantine: any Quarantine
  private let logger: Logger
  private let now: @Sendable () -> Double
  private let counts = Mutex(Counts())

  /// Attempts to get one frame accepted.
  private static let attempts = 3

  /// Creates a forwarder.
  ///
  /// - Parameters:
  ///   - settings: The upstream platform.
  ///   - source: The store.
  ///   - folder: Where the cursor is kept.
  ///   - seal: Opens frames that are stored sealed.
  ///   - quarantine: Where frames go that the upstream refuses.
  ///   - logger: For connections and refusals.
  ///   - now: Gives the time, Unix seconds.
  public init(
    _ settings: ForwardSettings, source: any FrameSource, folder: URL, seal: FrameSeal? = nil,
    quarantine: any Quarantine = NoQuarantine(), logger: Logger,
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) {
    self.settings = settings
    self.source = source
    file = folder.appending(path: "forward-\(settings.name).json")
    self.seal = seal
    self.quarantine = quarantine
    self.logger = logger
    self.now = now
  }

  /// Frames acknowledged by the upstream since the start.
  public var forwarded: Int { counts.withLock { $0.forwarded } }

  /// What it counts.
  public func metrics() -> [ServiceMetric] {
    let now = counts.withLock { $0 }
    func metric(
      _ name: String, _ help: String, _ kind: ServiceMetric.Kind, _ value: Double
    ) -> ServiceMetric {
      ServiceMetric(
        "anodyne_forward_" + name, help: help, kind: kind, value: value,
        labels: ["upstream": settings.name])
    }
    return [
      metric(
        "frames_total", "Frames acknowledged by the upstream.", .counter, Double(now.forwarded)),
      metric(
        "refused_total", "Frames refused by the upstream and passed over.", .counter,
        Double(now.refused)),
      metric("connections_total", "Logins at the upstream.", .counter, Double(now.connections)),
      metric(
        "connected", "Whether it is logged in at the upstream.", .gauge, now.isConnected ? 1 : 0),
      metric(
        "behind", "Newest stored frame id minus the acknowledged one.", .gauge,
        Double(now.behind)),
    ]
  }

  /// Forwards until the service is told to shut down; then logs out. Whatever fails on the way is
  /// logged and tried again after a pause.
  ///
  /// - Throws: An error of Foundation if the cursor cannot be read at the start.
  public func run() async throws {
    var cursor = try ForwardCursor.load(file)
    var failures = 0
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      let before = forwarded
      do {
        try await session(&cursor)
        failures = 0
      } catch let error as StoreError {
        logger.error("forwarding stops: store", metadata: ["reason": "\(error)"])
        failures += 1
      } catch let error as CocoaError {
        logger.error(
          "forwarding stops: cursor file",
          metadata: ["upstream": "\(settings.name)", "reason": "\(error)"])
        failures += 1
      } catch {
        failures = forwarded > before ? 1 : failures + 1
        logger.notice(
          "upstream lost",
          metadata: ["upstream": "\(settings.name)", "reason": "\(Self.words(error))"])
      }
      counts.withLock { $0.isConnected = false }
      if failures > 0 { await pause(failures) }
    }
  }

  private static func words(_ error: any Error) -> String {
    if let error = error as? GatewayError { return error.description }
    return LinkConnection.isLoss(error) ? "\(error)" : "\(type(of: error))"
  }

  private func pause(_ failures: Int) async {
    var pause = settings.firstPause
    for _ in 1..<max(1, failures) where pause < settings.longestPause { pause *= 2 }
    let wait = min(pause, settings.longestPause)
    try? await cancelWhenGracefulShutdown { try await Task.sleep(for: wait) }
  }

  /// One connection: login, frames until shutdown, logout.
  private func session(_ cursor: inout ForwardCursor) async throws {
    let connection = try await LinkConnection.open(
      host: settings.host, port: settings.port, tls: settings.tls,
      timeout: TimeAmount(duration: settings.answerTimeout))
    var moving = cursor
    defer { cursor = moving }
    try await connection.executeThenClose { inbound, outbound in
      var exchange = Exchange(
        answers: inbound.makeAsyncIterator(), outbound: outbound, channel: connection.channel,
        timeout: TimeAmount(duration: settings.answerTimeout))
      try await logIn(&exchange)
      counts.withLock {
        $0.isConnected = true
        $0.connections += 1
      }
      while !Task.isCancelled, !Task.isShuttingDownGracefully {
        if try await forward(&moving, &exchange) { continue }
        try await wait(after: moving.base, &exchange)
      }
      try? await logOut(&exchange)
    }
  }

  /// Waits for the next commit or, at the latest after a while, shows a sign of life.
  private func wait(after base: Int64, _ exchange: inout Exchange) async throws {
    let commits = await source.commits()
    // What was committed between the last look and this line is not announced any more.
    guard try await source.identities(withFramesAfter: base).newest <= base else { return }
    let period = Duration.seconds(30)
    let isNew = try? await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          for await _ in commits { return true }
          return false
        }
        group.addTask {
          try await Task.sleep(for: period)
          return false
        }
        defer { group.cancelAll() }
        return try await group.next() ?? false
      }
    }
    guard isNew == false, !Task.isCancelled, !Task.isShuttingDownGracefully,
      let identifier = UniqueIdentifier(settings.identity)
    else { return }
    _ = try await exchange.ask(
      Frame(edition: .edition2016, command: .heartbeat, identifier: identifier))
  }

  // MARK: - Frames

  /// Forwards what is behind the cursor.
  ///
  /// - Returns: Whether there was anything.
  private func forward(_ cursor: inout ForwardCursor, _ exchange: inout Exchange) async throws
    -> Bool
  {
    let (identities, newest) = try await source.identities(withFramesAfter: cursor.base)
    guard newest > cursor.base else { return false }
    counts.withLock { $0.behind = newest - cursor.base }
    var waits = false
    for identity in identities {
      while !Task.isShuttingDownGracefully {
        let stored = try await source.frames(
          of: identity, after: cursor.place(of: identity), limit: settings.window)
        let due = stored.prefix { $0.id <= newest }
        guard let last = due.last else { break }
        let frames = due.compactMap { prepared($0) }
        let before = forwarded
        let refused = try await send(frames, &exchange)
        if !refused.isEmpty {
          guard let proof = counts.withLock({ $0.proof }) else {
            // Whether it is the frames or the upstream shows only once it takes another report.
            waits = true
            break
          }
          guard try await exchange.answers(to: [proof]).isEmpty else {
            counts.withLock { $0.proof = nil }
            throw GatewayError.connectionLost("the upstream refuses what it took before")
          }
          for frame in refused { pass((try? frame.encoded()) ?? [], "refused") }
        }
        cursor.advance(identity, to: last.id)
        if forwarded > before { try cursor.save(file) }
        if due.count < stored.count || stored.count < settings.window { break }
      }
    }
    guard !Task.isShuttingDownGracefully else { return true }
    if waits {
      guard counts.withLock({ $0.proof != nil }) else {
        throw GatewayError.connectionLost("the upstream refuses every report")
      }
      return true
    }
    cursor.complete(through: newest)
    try cursor.save(file)
    counts.withLock { $0.behind = 0 }
    return true
  }

  /// The frame as the upstream gets it; nil for one that is not meant for it.
  private func prepared(_ stored: StoredFrame) -> Frame? {
    var frame: Frame?
    if FrameSeal.isSealed(stored.bytes) {
      frame = seal?.open(stored.bytes)
    } else {
      frame = try? Frame(bytes: stored.bytes)
    }
    guard var frame else {
      pass(stored.bytes, "unreadable")
      return nil
    }
    let identity = frame.identifier.text
    guard settings.vehicles.contains(where: { $0.matches(identity) }) else { return nil }
    if frame.command == .realTimeReport,
      now() - Double(stored.collectionTime) > settings.reissueAfter
    {
      frame.command = .reissuedReport
    }
    return frame
  }

  /// Sends frames until each is acknowledged or refused as often as allowed.
  ///
  /// - Returns: The frames that were refused.
  private func send(_ frames: [Frame], _ exchange: inout Exchange) async throws -> [Frame] {
    var rest = frames
    for _ in 1...Self.attempts where !rest.isEmpty {
      let refused = try await exchange.answers(to: rest)
      let taken = Self.newestReport(in: rest, without: refused)
      counts.withLock {
        $0.forwarded += rest.count - refused.count
        if let taken { $0.proof = taken }
      }
      rest = refused
    }
    return rest
  }

  /// The newest report among the frames that were not refused, as a reissue.
  private static func newestReport(in sent: [Frame], without refused: [Frame]) -> Frame? {
    var refused = refused[...]
    for frame in sent.reversed() {
      if frame == refused.last {
        refused.removeLast()
      } else if frame.command == .realTimeReport || frame.command == .reissuedReport {
        var report = frame
        report.command = .reissuedReport
        return report
      }
    }
    return nil
  }

  private func pass(_ bytes: [UInt8], _ why: String) {
    counts.withLock { $0.refused += 1 }
    quarantine.add(
      QuarantineRecord(
        time: now(), address: "\(settings.host):\(settings.port)", reason: "upstream_\(why)",
        detail: settings.name, bytes: bytes))
  }

  // MARK: - Login

  private func logIn(_ exchange: inout Exchange) async throws {
    guard let identifier = UniqueIdentifier(settings.identity),
      let user = WireText.bytes(of: settings.user, count: PlatformLogin.userLength),
      let password = WireText.bytes(of: settings.password, count: PlatformLogin.passwordLength)
    else { throw GatewayError.loginRefused(identity: settings.name) }
    let login = try Frame(
      edition: .edition2016, command: .platformLogin, identifier: identifier,
      unit: .platformLogin(
        PlatformLogin(
          time: try time(), serial: serial, user: user, password: password, encryption: .none)))
    guard try await exchange.ask(login).acknowledgement == .success else {
      throw GatewayError.loginRefused(identity: settings.name)
    }
  }

  private func logOut(_ exchange: inout Exchange) async throws {
    guard let identifier = UniqueIdentifier(settings.identity) else { return }
    _ = try await exchange.ask(
      Frame(
        edition: .edition2016, command: .platformLogout, identifier: identifier,
        unit: .logout(Logout(time: try time(), serial: serial))))
  }

  /// The serial number of the login: one more each time, within its range.
  private var serial: UInt16 {
    UInt16(truncatingIfNeeded: counts.withLock { $0.connections } % 65_531 + 1)
  }

  private func time() throws(GatewayError) -> WireTime {
    guard let time = WireTime(unixSeconds: Int64(now())) else {
      throw .protocolViolation("the clock of this machine is not between the years 2000 and 2099")
    }
    return time
  }
}
