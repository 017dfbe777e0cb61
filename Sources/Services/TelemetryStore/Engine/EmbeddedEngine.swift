// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The embedded engine: a flushed log, sealed into column blocks, with an index in SQLite.

import Dispatch
package import Foundation
import GRDB
import Synchronization

/// The embedded engine: a flushed log, sealed into column blocks, with an index in SQLite.
///
/// A folder holds `telemetry.sqlite` (vehicles, places of blocks, analysis states, the highest
/// sealed id), `log/` (frames as they came, newest) and `blocks/` (frames by columns, older). A
/// frame is durable once its batch in the log is flushed. Frames with ids up to the sealed one are
/// in blocks, all others in the log; the transaction that enters blocks moves that border, so a
/// frame is at every moment in exactly one of the two.
///
/// Mutable state is in two mutexes; `log` is taken before
/// `state`, never the other way round. Appending, sealing and reading run on queues of their own,
/// because a flush blocks its thread.
package final class EmbeddedEngine: StoreEngine {
  /// How the index commits.
  package enum IndexDurability: String, Sendable {
    /// Every commit is flushed.
    case full = "FULL"
    /// A commit may be lost with the power. For tests that must then fail.
    case normal = "NORMAL"
  }

  package let path: String
  let folder: String
  let settings: StoreSettings
  let files: any StoreFiles
  let pool: DatabasePool
  let state: Mutex<EngineState>
  /// The end of the log; nil in an engine that only reads.
  let log: Mutex<FrameLog?>
  let handles = BlockHandles()
  let writer = DispatchQueue(label: "anodyne.store.writer")
  let sealer = DispatchQueue(label: "anodyne.store.sealer", qos: .utility)
  let readers = DispatchQueue(label: "anodyne.store.readers", attributes: .concurrent)
  private let lock: FolderLock?

  var logFolder: String { folder + "/log" }
  var blockFolder: String { folder + "/blocks" }

  /// Opens or makes a store in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the store is; made if absent.
  ///   - settings: Sizes.
  ///   - files: File layer of log and blocks; the index is always in the real file system.
  ///   - durability: How the index commits.
  /// - Throws: ``StoreError`` with the path and the way out.
  package init(
    folder: URL, settings: StoreSettings, files: any StoreFiles = PosixFiles(),
    durability: IndexDurability = .full
  ) throws(StoreError) {
    self.folder = folder.path
    self.settings = settings
    self.files = files
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .cannotOpen(path: folder.path, reason: error.localizedDescription)
    }
    let lock = try FolderLock(path: folder.appending(path: "telemetry.lock").path)
    self.lock = lock
    path = folder.appending(path: "telemetry.sqlite").path
    do {
      pool = try Self.openIndex(
        path: path, readers: settings.readerCount, durability: durability)
      var opening = StoreOpening(
        folder: folder.path, settings: settings, files: files, pool: pool)
      let frameLog = try opening.run()
      state = Mutex(opening.state)
      log = Mutex(frameLog)
    } catch {
      lock.release()
      throw StoreError(error, path: path)
    }
    sealIfDue()
  }

  /// Opens what is there now for reading, also while another process writes it.
  ///
  /// Nothing is changed, and nothing that comes later is seen.
  ///
  /// - Parameter folder: Folder of the store.
  /// - Throws: ``StoreError`` with the path and the way out.
  package init(reading folder: URL) throws(StoreError) {
    self.folder = folder.path
    settings = StoreSettings()
    files = PosixFiles()
    lock = nil
    path = folder.appending(path: "telemetry.sqlite").path
    do {
      _ = try StoreIndexReader.path(in: folder.path)
      pool = try DatabasePool(path: path, configuration: StoreIndexReader.configuration)
      try pool.read(StoreIndexReader.check(path))
      var opening = StoreOpening(
        folder: folder.path, settings: settings, files: files, pool: pool)
      try opening.look()
      state = Mutex(opening.state)
      log = Mutex(nil)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  private static func openIndex(
    path: String, readers: Int, durability: IndexDurability
  ) throws -> DatabasePool {
    var configuration = Configuration()
    configuration.maximumReaderCount = readers
    configuration.busyMode = .timeout(5)
    let pool = try DatabasePool(path: path, configuration: configuration)
    // The pool sets NORMAL while it opens, after the configuration's own preparation has run.
    try pool.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA synchronous=\(durability.rawValue)")
    }
    let migrator = StoreSchema.migrator
    if try pool.read(migrator.hasBeenSuperseded) { throw StoreError.tooNew(path: path) }
    try migrator.migrate(pool)
    return pool
  }

  /// The writer's `synchronous` level of the index; 2 is FULL.
  func synchronousLevel() async throws(StoreError) -> Int {
    do {
      return try await pool.writeWithoutTransaction {
        try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  package func close() async throws(StoreError) {
    try await run(on: writer) { [self] in
      let next = state.withLock { $0.nextID }
      log.withLock { $0?.prove(nextID: next) }
    }
    try await run(on: sealer) {}
    state.withLock { $0.isClosed = true }
    // Folds SQLite's log into its file.
    if lock != nil {
      _ = try? await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    }
    do { try pool.close() } catch { throw StoreError(error, path: path) }
    handles.closeAll()
    lock?.release()
  }

  package func metrics() async -> [ServiceMetric] {
    let (unsealed, segments, seals, failures, reason, skipped, waits) = state.withLock { state in
      (
        state.nextID - 1 - state.sealedThrough, state.segments.count, state.seals,
        state.sealFailures, state.lastSealFailure, state.skippedBlocks, state.waits
      )
    }
    return [
      ServiceMetric(
        "anodyne_store_unsealed_frames", help: "Frames in the log and in no column block yet.",
        kind: .gauge, value: Double(unsealed)),
      ServiceMetric(
        "anodyne_store_log_segments", help: "Files of the log.", kind: .gauge,
        value: Double(segments)),
      ServiceMetric(
        "anodyne_store_seals_total", help: "Times the log was sealed into column blocks.",
        kind: .counter, value: Double(seals)),
      ServiceMetric(
        "anodyne_store_seal_failures_total",
        help: "Times sealing failed; the log keeps the frames.",
        kind: .counter, value: Double(failures)),
      ServiceMetric(
        "anodyne_store_waits_total",
        help: "Commits that waited because the log grew faster than it was sealed.",
        kind: .counter, value: Double(waits)),
      ServiceMetric(
        "anodyne_store_skipped_blocks_total",
        help: "Blocks that the search for a duplicate left out because they cannot be read.",
        kind: .counter, value: Double(skipped)),
    ]
      + (reason.map { reason in
        [
          ServiceMetric(
            "anodyne_store_last_seal_failure", help: "Why sealing failed last.", kind: .gauge,
            value: 1, labels: ["reason": reason])
        ]
      } ?? [])
  }

  /// Looks at the state of an engine that is not closed.
  func look<Value>(_ body: (EngineState) -> Value) throws(StoreError) -> Value {
    guard let value = state.withLock({ $0.isClosed ? nil : Optional(body($0)) }) else {
      throw .closed
    }
    return value
  }

  /// Runs blocking work on a queue.
  func run<Value: Sendable>(
    on queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Value
  ) async throws(StoreError) -> Value {
    let path = path
    let result: Result<Value, StoreError> = await withCheckedContinuation { answer in
      queue.async {
        do {
          answer.resume(returning: .success(try body()))
        } catch {
          answer.resume(returning: .failure(StoreError(error, path: path)))
        }
      }
    }
    return try result.get()
  }
}
