// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Brings the frames of all connections to the store in few large calls.

import Logging
import NIOCore
import Synchronization
import TelemetryStore

/// Brings the frames of all connections to the store in few large calls, and the outcomes back.
///
/// A connection has at most one parcel under way, so its frames keep their order. While more
/// bytes wait than the store takes in ``PaceLimit/delay``, connections stop reading: that bounds
/// the time from socket to disk, and the memory when the store is slow.
final class IngestQueue: Sendable {
  /// Frames of one connection, and who waits for their outcome.
  struct Parcel: Sendable {
    var frames: [NewFrame]
    var byteCount: Int
    var arrived: NIODeadline
    var owner: NIOLoopBound<SessionHandler>
    var loop: any EventLoop
  }

  private struct State {
    var parcels: [Parcel] = []
    var bytes = 0
    var parked: [(owner: NIOLoopBound<SessionHandler>, loop: any EventLoop)] = []
    var consumers: [CheckedContinuation<[Parcel]?, Never>] = []
    var isFinished = false
    var isFailing = false
    var pace: PaceLimit
    /// When the calls of the store that are under way began.
    var calls: [Int: NIODeadline] = [:]
    var callCount = 0
  }

  /// Frames handed to the store in one call, about.
  private static let batch = 8_192
  /// A call of the store that takes longer means that it is stuck.
  private static let patience = TimeAmount.seconds(5)
  private let state: Mutex<State>

  init(byteLimit: Int) { state = Mutex(State(pace: PaceLimit(most: byteLimit))) }

  /// Bytes that wait for the store, those under way included.
  var pendingByteCount: Int { state.withLock { $0.bytes } }

  /// Whether the store is behind: as much waits as may at all, or a call of it takes too long.
  var isBehind: Bool {
    state.withLock { state in
      if state.bytes >= state.pace.most { return true }
      let oldest = state.calls.values.min()
      return oldest.map { NIODeadline.now() - $0 > Self.patience } ?? false
    }
  }
  /// Bytes that may wait now.
  var byteLimit: Int { state.withLock { $0.pace.limit } }
  /// Whether the last call of the store failed.
  var isFailing: Bool { state.withLock { $0.isFailing } }

  func submit(_ parcel: Parcel) {
    let (consumer, batch) = state.withLock {
      state -> (CheckedContinuation<[Parcel]?, Never>?, [Parcel]) in
      state.parcels.append(parcel)
      state.bytes += parcel.byteCount
      state.pace.submitted(parcel.byteCount)
      guard let consumer = state.consumers.popLast() else { return (nil, []) }
      return (consumer, Self.take(&state))
    }
    consumer?.resume(returning: batch)
  }

  /// Whether a connection may read on; if not it is told as soon as it may.
  func mayRead(_ owner: NIOLoopBound<SessionHandler>, on loop: any EventLoop) -> Bool {
    state.withLock { state in
      if state.bytes < state.pace.limit { return true }
      state.parked.append((owner, loop))
      return false
    }
  }

  /// Lets the consumers end once everything is stored.
  func finish() {
    let waiting = state.withLock { state in
      state.isFinished = true
      defer { state.consumers = [] }
      return state.consumers
    }
    for consumer in waiting { consumer.resume(returning: nil) }
  }

  /// Stores parcels until ``finish()``; several may run at one time.
  func run(_ sink: any FrameSink, metrics: GatewayMetrics, clocks: ClockBook, logger: Logger)
    async
  {
    while let parcels = await next() {
      let frames = parcels.count == 1 ? parcels[0].frames : parcels.flatMap(\.frames)
      let bytes = parcels.reduce(0) { $0 + $1.byteCount }
      let call = begin()
      var outcomes: [AppendOutcome]?
      do throws(StoreError) {
        outcomes = try await sink.append(frames)
      } catch {
        logger.error("frames not stored, not acknowledged", metadata: ["reason": "\(error)"])
      }
      let now = NIODeadline.now()
      end(call, bytes: bytes, isFailing: outcomes == nil, at: now)
      if let outcomes {
        metrics.countStored(frames, outcomes, parcels, at: now)
        clocks.add(frames, outcomes)
      }
      deliver(outcomes != nil, parcels)
      release(bytes)
    }
  }

  private func begin() -> Int {
    state.withLock { state in
      state.callCount += 1
      state.calls[state.callCount] = .now()
      return state.callCount
    }
  }

  private func end(_ call: Int, bytes: Int, isFailing: Bool, at now: NIODeadline) {
    state.withLock { state in
      state.isFailing = isFailing
      guard let began = state.calls.removeValue(forKey: call), !isFailing else { return }
      func seconds(_ time: NIODeadline) -> Double { Double(time.uptimeNanoseconds) / 1e9 }
      state.pace.stored(bytes, from: seconds(began), to: seconds(now))
    }
  }

  private func deliver(_ isStored: Bool, _ parcels: [Parcel]) {
    var loops: [ObjectIdentifier: (loop: any EventLoop, owners: [NIOLoopBound<SessionHandler>])] =
      [:]
    for parcel in parcels {
      loops[ObjectIdentifier(parcel.loop), default: (parcel.loop, [])].owners.append(parcel.owner)
    }
    for (loop, owners) in loops.values {
      loop.execute { for owner in owners { owner.value.stored(isStored) } }
    }
  }

  /// Lets as many connections read on as there is room for; all of them once nothing waits, since
  /// those that are asked may have nothing to send.
  private func release(_ bytes: Int) {
    let parked = state.withLock { state in
      state.bytes -= bytes
      let count =
        state.bytes == 0 ? state.parked.count : state.pace.parcels(besides: state.bytes)
      let woken = state.parked.prefix(count)
      state.parked.removeFirst(woken.count)
      return woken
    }
    for (owner, loop) in parked { loop.execute { owner.value.unpark() } }
  }

  private func next() async -> [Parcel]? {
    await withCheckedContinuation { continuation in
      let ready: [Parcel]?? = state.withLock { state in
        if !state.parcels.isEmpty { return .some(Self.take(&state)) }
        if state.isFinished { return .some(nil) }
        state.consumers.append(continuation)
        return nil
      }
      if let ready { continuation.resume(returning: ready) }
    }
  }

  private static func take(_ state: inout State) -> [Parcel] {
    var count = 0
    var end = 0
    while end < state.parcels.count, count < batch {
      count += state.parcels[end].frames.count
      end += 1
    }
    if end == state.parcels.count {
      defer { state.parcels = [] }
      return state.parcels
    }
    defer { state.parcels.removeFirst(end) }
    return Array(state.parcels[..<end])
  }
}
