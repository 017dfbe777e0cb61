// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What all connections of a gateway share.

import Foundation
public import FrameCryptography
import Logging
import NIOCore
import NIOSSL
import Synchronization
import TelemetryCodec
import TelemetryStore

/// What all connections of a gateway share.
final class GatewayCore: Sendable {
  private struct Shared {
    var access: AccessRegistry
    var tls: NIOSSLContext?
    var admission: Admission
    var totalRate: TokenBucket
    var logRate: TokenBucket
    var passwordRate: TokenBucket
    var channels: [ObjectIdentifier: any Channel] = [:]
    var isDraining = false
  }

  let settings: GatewaySettings
  let metrics: GatewayMetrics
  let sessions = SessionRegistry()
  let clocks = ClockBook()
  let ingest: IngestQueue
  let quarantine: any Quarantine
  let names: IdentityNames
  let logger: Logger
  private let shared: Mutex<Shared>

  init(
    _ settings: GatewaySettings, metrics: GatewayMetrics, quarantine: any Quarantine,
    names: IdentityNames, logger: Logger
  ) throws(GatewayError) {
    self.settings = settings
    self.metrics = metrics
    self.quarantine = quarantine
    self.names = names
    self.logger = logger
    ingest = IngestQueue(byteLimit: settings.pendingBytes)
    let context = try settings.tls?.context()
    let now = Self.seconds()
    shared = Mutex(
      Shared(
        access: settings.access, tls: context,
        admission: Admission(settings.admission, at: now),
        totalRate: TokenBucket(
          rate: settings.totalFramesPerSecond, burst: settings.totalFramesPerSecond, at: now),
        logRate: TokenBucket(rate: 10, burst: 100, at: now),
        passwordRate: TokenBucket(rate: 20, burst: 100, at: now)))
  }

  /// Seconds of a clock that never steps back, for pace and limits.
  static func seconds() -> Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }

  /// The wall clock, Unix seconds.
  static func wallClock() -> Double { Date().timeIntervalSince1970 }

  var access: AccessRegistry { shared.withLock { $0.access } }
  var tlsContext: NIOSSLContext? { shared.withLock { $0.tls } }

  /// Takes a new registry and reads the certificates again; every connection keeps to it from now
  /// on, and closes if its peer's entry is gone or another one.
  func reload(_ access: AccessRegistry) throws(GatewayError) {
    let context = try settings.tls?.context()
    let open = shared.withLock { shared in
      shared.access = access
      shared.tls = context
      return Array(shared.channels.values)
    }
    for channel in open {
      channel.pipeline.fireUserInboundEventTriggered(GatewaySignal.reload(access))
    }
  }

  // MARK: - Connections

  func arrived(_ address: String) -> Admission.Verdict {
    shared.withLock { shared in
      shared.isDraining
        ? .refuse(.shutdown) : shared.admission.arrived(address, at: Self.seconds())
    }
  }

  func left(_ address: String) {
    shared.withLock { $0.admission.left(address, at: Self.seconds()) }
  }

  func loginFailed(_ address: String) {
    shared.withLock { $0.admission.failed(address, at: Self.seconds()) }
  }

  func loginSucceeded(_ address: String) { shared.withLock { $0.admission.succeeded(address) } }

  /// Takes frames from the rate of all connections.
  ///
  /// - Returns: Seconds to wait before reading on.
  func takeTotal(_ frames: Int) -> Double {
    shared.withLock { $0.totalRate.take(Double(frames), at: Self.seconds()) }
  }

  /// Whether a password may be checked now: each check costs its event loop milliseconds.
  func mayCheckPassword() -> Bool {
    shared.withLock { shared in
      if shared.passwordRate.take(1, at: Self.seconds()) == 0 { return true }
      shared.passwordRate.giveBack(1)
      return false
    }
  }

  func add(_ channel: any Channel) {
    let isLate = shared.withLock { shared in
      shared.channels[ObjectIdentifier(channel)] = channel
      return shared.isDraining
    }
    metrics.update {
      $0.accepted += 1
      $0.open += 1
    }
    channel.closeFuture.whenComplete { _ in
      self.shared.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
      self.metrics.update { $0.open -= 1 }
    }
    if isLate { channel.pipeline.fireUserInboundEventTriggered(GatewaySignal.close(.shutdown)) }
  }

  /// Tells all connections to end and gives the channels that are still open.
  func drain() -> [any Channel] {
    let open = shared.withLock { shared in
      shared.isDraining = true
      return Array(shared.channels.values)
    }
    for channel in open {
      channel.pipeline.fireUserInboundEventTriggered(GatewaySignal.close(.shutdown))
    }
    return open
  }

  // MARK: - Telling

  /// Counts, quarantines and, not too often, logs a refusal.
  func refused(
    _ reason: GatewaySession.Refusal, detail: String, identity: String, address: String,
    bytes: [UInt8]
  ) {
    metrics.update { $0.refused[reason, default: 0] += 1 }
    quarantine.add(
      QuarantineRecord(
        time: Self.wallClock(), address: address, reason: reason.rawValue, detail: detail,
        bytes: bytes))
    guard mayLog() else { return }
    logger.notice(
      "frame refused",
      metadata: [
        "reason": "\(reason.rawValue)", "detail": "\(detail)", "peer": "\(address)",
        "id": "\(names.name(of: identity))",
      ])
  }

  func closed(_ reason: GatewaySession.CloseReason, address: String) {
    metrics.update { $0.closed[reason, default: 0] += 1 }
    guard reason != .shutdown, mayLog() else { return }
    logger.info(
      "connection closed", metadata: ["reason": "\(reason.rawValue)", "peer": "\(address)"])
  }

  private func mayLog() -> Bool {
    shared.withLock { shared in
      if shared.logRate.take(1, at: Self.seconds()) == 0 { return true }
      shared.logRate.giveBack(1)
      return false
    }
  }
}

/// What is told to a connection from outside.
enum GatewaySignal: Sendable {
  /// End after the answers due.
  case close(GatewaySession.CloseReason)
  /// Send a command and tell what the vehicle answers.
  case command(Frame, at: WireTime, seconds: Double, EventLoopPromise<Frame>)
  /// Keep to another registry.
  case reload(AccessRegistry)
}

/// How vehicles are named in logs: under a pseudonym unless it is asked for otherwise.
public struct IdentityNames: Sendable {
  private let seal: FrameSeal?
  private let isPlain: Bool
  private let key: [UInt8]

  /// Chooses the form.
  ///
  /// - Parameters:
  ///   - isPlain: Whether VINs stand in logs as they are.
  ///   - seal: Gives the pseudonyms under which the store keeps vehicles; without it pseudonyms
  ///     hold for this run alone.
  public init(isPlain: Bool = false, seal: FrameSeal? = nil) {
    self.isPlain = isPlain
    self.seal = seal
    var random = SystemRandomNumberGenerator()
    key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// The name of a vehicle in a log.
  public func name(of identity: String) -> String {
    if isPlain { return identity }
    if let seal { return seal.pseudonym(of: identity) }
    let hash = Digest.hmacSHA256(key: key, Array(identity.utf8))
    return "~" + Digest.hexadecimal(hash.prefix(6))
  }

  /// The name of a vehicle in the audit: one that still means the same vehicle after a restart, that
  /// is its pseudonym in a sealed store and otherwise its identity.
  public func auditName(of identity: String) -> String { seal?.pseudonym(of: identity) ?? identity }
}
