// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Hands every record of a bus to everyone who listens.

import Synchronization
package import TelemetryCodec

/// Hands every record of a bus to everyone who listens, from any thread.
///
/// A listener that does not keep up loses the oldest records beyond 65,536.
package final class RecordListeners: Sendable {
  private typealias Listener = AsyncThrowingStream<CANRecord, any Error>.Continuation

  private struct State {
    var listeners: [Int: Listener] = [:]
    var count = 0
    var isFinished = false
  }

  private static let bufferCount = 65_536
  private let state = Mutex(State())

  /// Creates it without listeners.
  package init() {}

  /// How many listen now.
  package var count: Int { state.withLock { $0.listeners.count } }

  /// The records from now on; none after the end.
  package func listen() -> AsyncThrowingStream<CANRecord, any Error> {
    let (stream, continuation) = AsyncThrowingStream<CANRecord, any Error>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.bufferCount))
    let number = state.withLock { state -> Int? in
      guard !state.isFinished else { return nil }
      state.count += 1
      state.listeners[state.count] = continuation
      return state.count
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    // Outside the lock: a stream that has ended meanwhile calls this at once.
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.listeners[number] = nil }
    }
    return stream
  }

  /// Hands a record to everyone.
  package func yield(_ record: CANRecord) {
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(record) }
  }

  /// Ends all streams, now and later.
  ///
  /// - Parameter error: Why; nil for an end as it should be.
  package func finish(_ error: SourceError?) {
    let ending = state.withLock { state in
      state.isFinished = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in ending { listener.finish(throwing: error) }
  }
}
