// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Kills writers, servers and primaries of the scale-out engine, and judges what is left.

import Foundation
import NumericalMethods
import PostgresStore
import TelemetryStore
import TestSupport

/// Kills writers, servers and primaries of the scale-out engine, and judges what is left.
struct PostgresTorture {
  /// What a run was asked for.
  struct Options {
    var rounds = 50
    var seed: UInt64 = 1
    /// Longest time between two events in milliseconds.
    var longest = 400
    /// Kill the primary and promote its standby, instead of killing and starting one server.
    var failover = false
    /// The writers' `synchronous_commit`; with `local` or `off` a failover must lose frames.
    var commit = "on"
    /// Longest time in seconds from a kill until frames are acknowledged again.
    var restartLimit = 5.0
  }

  private static let schema = "torture"

  let options: Options
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "anodyne-torture-\(UUID().uuidString)")
  private let clock = ContinuousClock()

  init(_ options: Options) { self.options = options }

  /// Runs all rounds, stopping at the first fault.
  ///
  /// - Returns: Whether everything acknowledged was there after every round.
  func run() async throws -> Bool {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var random = SplitMix64(seed: options.seed)
    var judge = Judge(seed: options.seed)
    var server = try PostgresCluster(settings: [
      "shared_buffers": "32MB", "max_connections": "40", "max_wal_senders": "4",
      "log_min_messages": "fatal",
      // Else a server that crashed flushes every file of its folder by itself before it starts.
      "recovery_init_sync_method": "syncfs",
    ])
    var (longest, next, acknowledged) = (Duration.zero, 0, 0)
    for round in 1...options.rounds {
      let life: (text: String, restart: Duration)
      if options.failover {
        (server, life) = try failOver(from: server, first: next, &random)
      } else {
        life = try restart(server, first: next, &random)
      }
      judge.read(life.text)
      longest = max(longest, life.restart)
      let current = server
      var (faults, opening, following) = try await judge.judge {
        TelemetryStore(
          engine: try PostgresEngine(
            current.address(), schema: Self.schema, settings: Writing.settings,
            durability: .unchecked), settings: Writing.settings)
      }
      longest = max(longest, opening)
      if life.restart > .seconds(options.restartLimit) {
        faults.append("writing went on only after \(life.restart)")
      }
      next = following
      acknowledged = judge.acknowledged.values.reduce(0) { $0 + $1.count }
      guard faults.isEmpty else {
        print("round \(round): FAULTS")
        for fault in faults.prefix(10) { print("  \(fault)") }
        return false
      }
    }
    print(
      """
      \(options.rounds) rounds of \(options.failover ? "failover" : "killed writers and servers"): \
      \(acknowledged) frames acknowledged, \(judge.frames) stored, none lost, none twice, none \
      invented; longest pause until frames were acknowledged again \(longest)
      """)
    return true
  }

  // MARK: - Rounds

  /// Kills the writer, the server's first process or all of its processes.
  private func restart(
    _ server: PostgresCluster, first: Int, _ random: inout SplitMix64
  ) throws -> (text: String, restart: Duration) {
    let writer = try Writer(self, server.address(options: commitOption), first: first)
    defer { writer.kill() }
    try writer.waitForMore()
    pause(&random)
    let kind = Int.random(in: 0..<3, using: &random)
    if kind == 0 { return (writer.kill(), .zero) }
    let begin = clock.now
    server.kill(children: kind == 1)
    try startPatiently(server)
    let before = writer.text.count
    try writer.waitForMore(than: before)
    let pauseTime = clock.now - begin
    pause(&random)
    return (writer.kill(), pauseTime)
  }

  /// Cuts the stream to the standby, kills the primary, promotes the standby.
  private func failOver(
    from primary: PostgresCluster, first: Int, _ random: inout SplitMix64
  ) throws -> (PostgresCluster, (text: String, restart: Duration)) {
    let standby = try PostgresCluster(standbyOf: primary, name: "standby")
    try primary.configure(["synchronous_standby_names": "standby"])
    try primary.reload()
    try waitUntil("the standby is synchronous") {
      try primary.query(
        "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"
    }
    let writer = try Writer(
      self, primary.address(or: [standby], options: commitOption), first: first)
    defer { writer.kill() }
    try writer.waitForMore()
    pause(&random)
    // A network that stalls before the machine dies: what was not sent dies with it.
    let sender = pid_t(try primary.query("SELECT pid FROM pg_stat_replication LIMIT 1")) ?? 0
    if sender > 0 { Foundation.kill(sender, SIGSTOP) }
    usleep(UInt32.random(in: 0...60_000, using: &random))
    let begin = clock.now
    primary.kill()
    try standby.configure(["synchronous_standby_names": ""])
    try standby.promote()
    try standby.reload()
    let before = writer.text.count
    try writer.waitForMore(than: before)
    let pauseTime = clock.now - begin
    pause(&random)
    return (standby, (writer.kill(), pauseTime))
  }

  private var commitOption: String { "&options=-csynchronous_commit%3D\(options.commit)" }

  private func pause(_ random: inout SplitMix64) {
    usleep(UInt32(Int.random(in: 5...options.longest, using: &random)) * 1_000)
  }

  /// Starts a server whose last processes may still be ending.
  private func startPatiently(_ server: PostgresCluster) throws {
    var attempts = 0
    while true {
      do { return try server.start() } catch {
        attempts += 1
        if attempts == 40 { throw error }
        usleep(50_000)
      }
    }
  }

  private func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<2_000 {
      if try condition() { return }
      usleep(10_000)
    }
    throw PostgresCluster.Failure(description: "in vain waited until \(what)")
  }

  // MARK: - The process that writes

  /// A process that appends and tells what was acknowledged.
  private final class Writer {
    private let process = Process()
    private let log: URL
    private let errors: URL

    init(_ torture: PostgresTorture, _ address: String, first: Int) throws {
      log = torture.folder.appending(path: "acknowledged")
      errors = torture.folder.appending(path: "errors")
      for file in [log, errors] {
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
          throw CocoaError(.fileWriteUnknown)
        }
      }
      process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      process.arguments = [
        "pgwrite", address, PostgresTorture.schema, String(torture.options.seed), String(first),
      ]
      process.standardOutput = try FileHandle(forWritingTo: log)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Waits until more was acknowledged.
    func waitForMore(than count: Int = 2) throws {
      for _ in 0..<12_000 {
        if text.count > count { return }
        guard process.isRunning else { break }
        usleep(5_000)
      }
      let reason = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
      throw PostgresCluster.Failure(description: "the writer acknowledges nothing: \(reason)")
    }

    @discardableResult
    func kill() -> String {
      if process.isRunning {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      return text
    }
  }
}
