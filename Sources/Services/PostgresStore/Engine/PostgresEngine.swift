// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The scale-out engine: the same log and blocks in PostgreSQL, hash-partitioned by vehicle.

import Synchronization
package import TelemetryStore

/// The scale-out engine: the same log and blocks in PostgreSQL, hash-partitioned by vehicle.
///
/// Frames are rows of a log table until they are sealed into the column blocks of the embedded
/// engine; the transaction that inserts a block deletes its frames, so a frame is at every moment in
/// exactly one of the two. Several processes may write and read at once. A commit whose fate is
/// unknown, because the server went away during it, is done again: what it had stored is recognised.
package final class PostgresEngine: StoreEngine {
  /// What the server must promise.
  package enum Durability: Sendable {
    /// Commits are flushed, on a synchronous standby too if there is one; else opening fails.
    case required
    /// Whatever the server does. For tests that must then find a loss.
    case unchecked
  }

  package let path: String
  let settings: StoreSettings
  let writer: PostgresSession
  let sealer: PostgresSession
  let readers: [PostgresSession]
  let blocks = BlockCache()
  let patience: Duration
  let counters = Mutex(PostgresCounters())
  private let nextReader = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)

  /// Opens or makes a store in a database.
  ///
  /// - Parameters:
  ///   - address: `postgres://user@host:5432/database`; several hosts, and every other form and
  ///     option of libpq, may be given.
  ///   - schema: Schema of the tables; made if absent.
  ///   - settings: Sizes.
  ///   - durability: What the server must promise.
  ///   - patience: How long an operation tries again when the server is away.
  /// - Throws: ``StoreError`` with the place and the way out.
  package init(
    _ address: String, schema: String = "anodyne", settings: StoreSettings = StoreSettings(),
    durability: Durability = .required, patience: Duration = .seconds(30)
  ) throws(StoreError) {
    let parsed: PostgresAddress
    do throws(PostgresError) {
      parsed = try PostgresAddress(address)
    } catch {
      throw StoreError(error)
    }
    path = parsed.place
    self.settings = settings
    self.patience = patience
    let name = PostgresNames.quoted(schema)
    let check: @Sendable (PostgresConnection) throws(PostgresError) -> Void = {
      connection throws(PostgresError) in
      try Self.settle(connection, in: name)
      if durability == .required { try Self.check(connection) }
    }
    writer = PostgresSession("writer", parsed, prepare: check)
    sealer = PostgresSession("sealer", parsed, prepare: check)
    readers = (0..<settings.readerCount).map { number in
      PostgresSession("reader.\(number)", parsed) { connection throws(PostgresError) in
        try Self.settle(connection, in: name)
      }
    }
    do throws(StoreError) {
      try writer.runNow(patience: .seconds(5)) { connection in
        try PostgresSchema.migrate(connection, schema: schema)
      }
    } catch {
      writer.closeNow()
      throw error
    }
  }

  /// Opens what is there for reading, also on a standby; nothing is changed or made.
  ///
  /// - Parameters:
  ///   - address: `postgres://user@host:5432/database`.
  ///   - schema: Schema of the tables.
  ///   - patience: How long an operation tries again when the server is away.
  /// - Throws: ``StoreError`` with the place and the way out.
  package init(
    reading address: String, schema: String = "anodyne", patience: Duration = .seconds(10)
  ) throws(StoreError) {
    let parsed: PostgresAddress
    do throws(PostgresError) {
      parsed = try PostgresAddress(address)
    } catch {
      throw StoreError(error)
    }
    path = parsed.place
    settings = StoreSettings(readerCount: 1)
    self.patience = patience
    let name = PostgresNames.quoted(schema)
    let prepare: @Sendable (PostgresConnection) throws(PostgresError) -> Void = {
      connection throws(PostgresError) in
      try Self.settle(connection, in: name)
      try connection.execute("SET default_transaction_read_only = on")
    }
    writer = PostgresSession("writer", parsed, prepare: prepare)
    sealer = PostgresSession("sealer", parsed, prepare: prepare)
    let reader = PostgresSession("reader", parsed, prepare: prepare)
    readers = [reader]
    let place = path
    try reader.runNow(patience: .seconds(5)) { connection in
      let rows = try connection.run("SELECT to_regclass('store_version') IS NULL")
      if try rows.isTrue(0, 0) {
        throw StoreError.cannotOpen(path: place, reason: "there is no store in this database")
      }
      let version = Int32(
        truncatingIfNeeded: try connection.run("SELECT max(version) FROM store_version")
          .integer(0, 0))
      if version > PostgresSchema.migrations.count {
        throw PostgresError.tooNew(place: place, version: version)
      }
      if version < PostgresSchema.migrations.count {
        throw StoreError.cannotOpen(
          path: place, reason: "an earlier version made it: run anodyne store init first")
      }
    }
  }

  /// Settles what every connection needs.
  private static func settle(
    _ connection: PostgresConnection, in schema: String
  ) throws(PostgresError) {
    // Counting on other servers is done there.
    try connection.execute("SET search_path TO \(schema); SET enable_partitionwise_aggregate = on")
    connection.isSharded = try connection.run(
      """
      SELECT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass('frame') AND c.relkind = 'f')
      """
    ).isTrue(0, 0)
  }

  /// Refuses a server that would lose what it confirmed.
  private static func check(_ connection: PostgresConnection) throws(PostgresError) {
    let rows = try connection.run(
      """
      SELECT current_setting('fsync'), current_setting('full_page_writes'),
        current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
        current_setting('statement_timeout')
      """)
    let place = connection.place
    for (column, setting) in ["fsync", "full_page_writes"].enumerated() {
      let value = try rows.text(0, column)
      guard value == "on" else {
        throw .unsafe(place: place, setting: setting, value: value, need: "\(setting)=on")
      }
    }
    let commit = try rows.text(0, 2)
    let hasStandby = try !rows.text(0, 3).isEmpty
    let isSafe =
      commit == "on" || commit == "remote_apply"
      || !hasStandby && ["local", "remote_write"].contains(commit)
    guard isSafe else {
      throw .unsafe(
        place: place, setting: "synchronous_commit", value: commit, need: "synchronous_commit=on")
    }
    // A statement that is cut short while it waits for its standby counts as committed.
    try connection.execute("SET statement_timeout = 0")
  }

  // MARK: - Work

  /// Writes, after what was given to the writer before.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresConnection) throws -> Value
  ) async throws(StoreError) -> Value {
    try checkOpen()
    return try await writer.run(patience: patience, body)
  }

  /// Seals, merges or removes, after what was given to the sealer before.
  func seal<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresConnection) throws -> Value
  ) async throws(StoreError) -> Value {
    try checkOpen()
    return try await sealer.run(patience: patience, body)
  }

  /// Reads on one of several connections.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresConnection) throws -> Value
  ) async throws(StoreError) -> Value {
    try checkOpen()
    let number = nextReader.wrappingAdd(1, ordering: .relaxed).oldValue
    return try await readers[abs(number % readers.count)].run(patience: patience, body)
  }

  private func checkOpen() throws(StoreError) {
    if isClosed.load(ordering: .acquiring) { throw .closed }
  }

  package func close() async throws(StoreError) {
    if isClosed.exchange(true, ordering: .acquiringAndReleasing) { return }
    await writer.close()
    await sealer.close()
    for reader in readers { await reader.close() }
  }

  package func metrics() async -> [ServiceMetric] {
    let sessions = [writer, sealer] + readers
    let connections = sessions.reduce(0) { $0 + $1.connections }
    return counters.withLock { $0.metrics(connections: connections) }
  }
}

/// What the engine counts about itself.
struct PostgresCounters {
  var bytesSinceSeal = 0
  var isSealing = false
  var seals = 0
  var sealFailures = 0
  var lastSealFailure: String?
  var searches = 0
  var unreadableBlocks = 0

  func metrics(connections: Int) -> [ServiceMetric] {
    [
      ServiceMetric(
        "anodyne_store_connections_total",
        help: "Connections made to the database; more than at the start are reconnections.",
        kind: .counter, value: Double(connections)),
      ServiceMetric(
        "anodyne_store_unsealed_bytes", help: "Bytes of frames taken in since the last sealing.",
        kind: .gauge, value: Double(bytesSinceSeal)),
      ServiceMetric(
        "anodyne_store_seals_total", help: "Times the log was sealed into column blocks.",
        kind: .counter, value: Double(seals)),
      ServiceMetric(
        "anodyne_store_seal_failures_total",
        help: "Times sealing failed; the log keeps the frames.", kind: .counter,
        value: Double(sealFailures)),
      ServiceMetric(
        "anodyne_store_block_searches_total",
        help: "Commits for which blocks were searched for frames sent again.", kind: .counter,
        value: Double(searches)),
      ServiceMetric(
        "anodyne_store_skipped_blocks_total",
        help: "Blocks that the search for a duplicate left out because they cannot be read.",
        kind: .counter, value: Double(unreadableBlocks)),
    ]
      + (lastSealFailure.map { reason in
        [
          ServiceMetric(
            "anodyne_store_last_seal_failure", help: "Why sealing failed last.", kind: .gauge,
            value: 1, labels: ["reason": reason])
        ]
      } ?? [])
  }
}

/// Blocks searched lately, by key; blocks never change.
final class BlockCache: Sendable {
  private struct Contents {
    var blocks: [Int64: [StoredFrame]] = [:]
    var order: [Int64] = []
  }

  private static let most = 32
  private let contents = Mutex(Contents())

  /// Frames of a block, if it was read lately.
  func frames(_ key: Int64) -> [StoredFrame]? { contents.withLock { $0.blocks[key] } }

  /// Keeps the frames of a block for the next search.
  func keep(_ frames: [StoredFrame], of key: Int64) {
    contents.withLock { contents in
      if contents.blocks.updateValue(frames, forKey: key) == nil { contents.order.append(key) }
      while contents.order.count > Self.most {
        contents.blocks[contents.order.removeFirst()] = nil
      }
    }
  }
}
