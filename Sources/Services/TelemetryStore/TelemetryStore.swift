// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The durable home of every acknowledged frame: group commits in front of an engine.

public import Foundation

/// The durable home of every acknowledged frame.
///
/// When ``append(_:)`` returns, the frames are on the disk and survive a kill of the process and a
/// power cut. Frames that arrive together share one commit (by count and by time), and callers
/// wait when too many are pending, so memory stays bounded. A data unit that a vehicle sends twice
/// is stored once. Where the frames go is the business of a ``StoreEngine``: a folder of its own,
/// or PostgreSQL.
public actor TelemetryStore {
  private struct Pending {
    var frames: [NewFrame]
    var answer: CheckedContinuation<Result<[AppendOutcome], StoreError>, Never>
  }

  private enum State {
    case open
    case closing
    case failed(StoreError)
  }

  /// Where the data are, for messages.
  public nonisolated let path: String
  /// The settings it was opened with.
  public nonisolated let settings: StoreSettings
  /// What keeps the frames.
  public nonisolated let engine: any StoreEngine
  private var state = State.open
  private var pending: [Pending] = []
  private var pendingCount = 0
  private var writer: Task<Void, Never>?
  private var pause: Task<Void, Never>?
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var listeners: [Int: AsyncStream<Int64>.Continuation] = [:]
  private var listenerCount = 0
  private var counters = StoreCounters()

  /// Opens or makes the store in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the database lives; made if absent.
  ///   - settings: Grouping and limits.
  /// - Throws: ``StoreError`` with the path and the way out.
  public init(folder: URL, settings: StoreSettings = StoreSettings()) throws(StoreError) {
    self.init(engine: try EmbeddedEngine(folder: folder, settings: settings), settings: settings)
  }

  /// Puts group commits in front of an engine.
  ///
  /// - Parameters:
  ///   - engine: What keeps the frames.
  ///   - settings: Grouping and limits.
  public init(engine: any StoreEngine, settings: StoreSettings = StoreSettings()) {
    self.engine = engine
    self.settings = settings
    path = engine.path
  }

  /// Stores frames and returns once they are durable.
  ///
  /// All frames of one call are part of one transaction. While ``StoreSettings/pendingLimit``
  /// frames are pending, the caller waits before its frames are taken.
  ///
  /// - Parameter frames: Frames in the order received.
  /// - Returns: One outcome a frame, in the same order.
  /// - Throws: ``StoreError``; then none of these frames may be acknowledged.
  public func append(_ frames: [NewFrame]) async throws(StoreError) -> [AppendOutcome] {
    if frames.isEmpty { return [] }
    while pendingCount >= settings.pendingLimit {
      await withCheckedContinuation { waiting.append($0) }
    }
    switch state {
    case .open: break
    case .closing: throw .closed
    case .failed(let error): throw error
    }
    let result = await withCheckedContinuation { answer in
      pending.append(Pending(frames: frames, answer: answer))
      pendingCount += frames.count
      if writer == nil {
        // Not structured on purpose: the commit must outlive a cancelled caller.
        writer = Task { await self.writePending() }
      } else if pendingCount >= settings.commitCount {
        pause?.cancel()
      }
    }
    return try result.get()
  }

  /// Ids of the newest committed frames as commits happen; a slow reader sees only the newest.
  public func commits() -> AsyncStream<Int64> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Int64.self, bufferingPolicy: .bufferingNewest(1))
    listenerCount += 1
    let number = listenerCount
    listeners[number] = continuation
    continuation.onTermination = { _ in Task { await self.forget(listener: number) } }
    return stream
  }

  private func forget(listener number: Int) { listeners[number] = nil }

  /// Waits for pending commits, then closes the database; later appends fail.
  ///
  /// - Throws: ``StoreError`` if the database cannot be closed properly.
  public func close() async throws(StoreError) {
    if case .open = state { state = .closing }
    pause?.cancel()
    if let writer { await writer.value }
    for listener in listeners.values { listener.finish() }
    listeners = [:]
    try await engine.close()
  }

  /// Counters since the store was opened.
  public func metrics() async -> [ServiceMetric] {
    counters.metrics(pending: pendingCount) + (await engine.metrics())
  }

  // MARK: - Writing

  private func writePending() async {
    while !pending.isEmpty {
      let delay = settings.commitDelay
      let isSmall = pendingCount < settings.commitCount
      if isSmall, delay > Duration.zero, case .open = state {
        let sleeping = Task { _ = try? await Task.sleep(for: delay) }
        pause = sleeping
        await sleeping.value
        pause = nil
      }
      let group = pending
      pending = []
      let result = await commit(group.flatMap(\.frames))
      pendingCount = pending.reduce(0) { $0 + $1.frames.count }
      var start = 0
      for member in group {
        let end = start + member.frames.count
        member.answer.resume(returning: result.map { Array($0[start..<end]) })
        start = end
      }
      for caller in waiting { caller.resume() }
      waiting = []
    }
    writer = nil
  }

  private func commit(_ frames: [NewFrame]) async -> Result<[AppendOutcome], StoreError> {
    if case .failed(let error) = state { return .failure(error) }
    do {
      let outcomes = try await engine.append(frames)
      counters.count(outcomes)
      let newest = outcomes.reduce(Int64(0)) { newest, outcome in
        if case .stored(let id) = outcome { max(newest, id) } else { newest }
      }
      if newest > 0 { for listener in listeners.values { listener.yield(newest) } }
      return .success(outcomes)
    } catch {
      let failure = error
      counters.failures += 1
      // After a failed flush the state of the pages on disk is unknown: never acknowledge again.
      if case .inputOutput = failure { state = .failed(failure) }
      return .failure(failure)
    }
  }
}
