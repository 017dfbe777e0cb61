// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Carries out what the state machine of a session decides.

import Logging
import NIOCore
import TelemetryCodec
import TelemetryStore

/// Carries out what the state machine of a session decides, for the frames of one read at a time.
struct SessionDriver {
  let store: TelemetryStore
  let metrics: GatewayMetrics
  let registry: SessionRegistry
  let channel: any Channel
  let logger: Logger
  private var session = GatewaySession()
  private var identity: String?

  init(
    store: TelemetryStore, metrics: GatewayMetrics, registry: SessionRegistry,
    channel: any Channel, logger: Logger
  ) {
    self.store = store
    self.metrics = metrics
    self.registry = registry
    self.channel = channel
    self.logger = logger
  }

  /// Stores what needs storing and gives the answers, in the order of the frames.
  ///
  /// - Parameters:
  ///   - frames: The frames of one read.
  ///   - time: When they arrived, in seconds since the Unix epoch.
  /// - Returns: The bytes to send, and whether the connection stays open.
  mutating func handle(_ frames: [Frame], at time: Double) async -> (ByteBuffer, Bool) {
    var isOpen = true
    var due: [(request: Frame, answer: Frame?)] = []
    var pending: [NewFrame] = []
    decide: for frame in frames {
      switch session.handle(.received(frame, at: time)) {
      case .ignore: break
      case .store(let stored, answering: let request):
        due.append((request, nil))
        pending.append(stored)
        countSkew(of: stored)
      case .answer(let answer, let refusal):
        due.append((frame, answer))
        if let refusal { metrics.update { $0.refused[refusal, default: 0] += 1 } }
      case .close(let reason, let answer):
        if let answer { due.append((frame, answer)) }
        countClose(reason)
        isOpen = false
        break decide
      }
    }
    let outcomes = await commit(pending)
    if outcomes == nil {
      _ = session.handle(.storeFailed)
      countClose(.storeFailed)
      isOpen = false
    } else {
      enterRegistry()
    }
    var bytes = ByteBuffer()
    for (request, answer) in due {
      let answer = answer ?? request.answer(outcomes == nil ? .error : .success)
      if let encoded = try? answer.encoded() { bytes.writeBytes(encoded) }
    }
    return (bytes, isOpen)
  }

  /// Forgets the login when the connection has ended.
  func end() {
    if let identity { registry.leave(identity, channel) }
  }

  private func commit(_ pending: [NewFrame]) async -> [AppendOutcome]? {
    do {
      let outcomes = try await store.append(pending)
      metrics.update {
        $0.acknowledged += outcomes.count
        for outcome in outcomes {
          if case .duplicate = outcome { $0.duplicates += 1 }
        }
      }
      return outcomes
    } catch {
      logger.error("frames not stored, not acknowledged", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  private mutating func enterRegistry() {
    guard case .active(let active) = session.phase else {
      if let identity { registry.leave(identity, channel) }
      identity = nil
      return
    }
    guard identity != active else { return }
    identity = active
    if let old = registry.enter(active, channel) {
      countClose(.replaced)
      old.close(promise: nil)
    }
  }

  private func countClose(_ reason: GatewaySession.CloseReason) {
    metrics.update { $0.closed[reason, default: 0] += 1 }
  }

  private func countSkew(of frame: NewFrame) {
    guard frame.command == Command.realTimeReport.rawValue else { return }
    let skew = abs(frame.receiveTime - Double(frame.collectionTime))
    if skew > 180 {
      metrics.update { $0.skewErrors += 1 }
    } else if skew > 30 {
      metrics.update { $0.skewWarnings += 1 }
    }
  }
}
