// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Measures the scale-out engine: appending, bytes a frame on the server's disk, a month of a signal.

import BatteryDomain
import Foundation
import PostgresStore
import TelemetryStore
import TestSupport

/// Measures the scale-out engine: appending, bytes a frame on the server's disk, a month of a signal.
enum PostgresBench {
  private static let schema = "bench"
  private static let vehicles = 200

  /// Makes a vehicle's history and a fleet's frames, stores them and reads them back.
  ///
  /// - Parameters:
  ///   - days: Length of the history.
  ///   - rate: Seconds between reports.
  ///   - address: A server; nil starts one of its own with the settings that `postgresql` comes with.
  /// - Throws: `StoreError`, or what the server's programs say.
  static func run(days: Int, rate: Int64, address: String?) async throws {
    var cluster: PostgresCluster?
    if address == nil { cluster = try PostgresCluster() }
    guard let place = address ?? cluster?.address() else { return }
    let engine = try PostgresEngine(place, schema: schema)
    let store = TelemetryStore(engine: engine)
    let clock = ContinuousClock()
    let total = days * 86_400 / Int(rate)
    let source = try SimulatedFrames(rate: rate)
    var (made, raw) = (0, 0)
    var appending = Duration.zero
    while made < total {
      let frames = try source.next(limit: min(20_000, total - made))
      raw += frames.reduce(0) { $0 + $1.bytes.count }
      let begin = clock.now
      for start in stride(from: 0, to: frames.count, by: 1_000) {
        _ = try await store.append(Array(frames[start..<min(start + 1_000, frames.count)]))
      }
      appending += clock.now - begin
      made += frames.count
    }
    print(
      "append: \(made) frames of \(raw / made) bytes in commits of 1,000, one vehicle: "
        + "\(Int(Double(made) / seconds(appending))) frames/s, sealing in the background")
    var begin = clock.now
    let summary = try await store.compact()
    print("sealing the rest: \(milliseconds(clock.now - begin))")
    print(
      "size: \(summary.frames) frames in \(summary.blocks) blocks, "
        + String(format: "%.2f bytes a frame in blocks", summary.bytesPerFrame))
    if let cluster {
      let size = try cluster.query(
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 'block\\_%' "
          + "AND relkind = 'r' AND relnamespace = '\(schema)'::regnamespace")
      if let bytes = Double(size) {
        print(
          String(
            format: "on the server's disk with TOAST and indices: %.2f bytes a frame",
            bytes / Double(summary.frames)))
      }
    }
    guard let span = try await store.reportSpan(of: SimulatedFrames.identity) else { return }
    for key in [SignalKey(.current), SignalKey(.stateOfCharge), .cell(48), .probe(5)] {
      var times: [Duration] = []
      var count = 0
      for _ in 0..<5 {
        begin = clock.now
        let series = try await store.series(of: SimulatedFrames.identity, signals: [key], in: span)
        _ = series[0].buckets(width: 3_600)
        times.append(clock.now - begin)
        count = series[0].values.count
      }
      print(
        "read: \(days) days of \(key.name) every \(rate) s, \(count) values, with hourly buckets: "
          + "first \(milliseconds(times[0])), best of five \(milliseconds(times.min() ?? .zero))")
    }
    try await fleet(store, clock)
    try await store.close()
  }

  /// Many vehicles, a frame of each at a time, as a gateway hands them on.
  private static func fleet(_ store: TelemetryStore, _ clock: ContinuousClock) async throws {
    let load = Load(seed: 7)
    let rounds = 250
    // Frames are made first: their making is not what is measured.
    var batches: [[NewFrame]] = []
    for number in 0..<rounds {
      batches.append(
        try (0..<vehicles).map { try load.frame(vehicle: $0, number: number) })
    }
    let begin = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for part in 0..<10 {
        let share = batches.map { Array($0[part * vehicles / 10..<(part + 1) * vehicles / 10]) }
        group.addTask {
          for frames in share { _ = try await store.append(frames) }
        }
      }
      try await group.waitForAll()
    }
    let spent = seconds(clock.now - begin)
    let metrics = await store.metrics()
    let commits = metrics.first { $0.name == "anodyne_store_commits_total" }?.value ?? 0
    print(
      "append: \(rounds * vehicles) frames of \(vehicles) vehicles from ten callers, one in fifty "
        + "late by an hour: \(Int(Double(rounds * vehicles) / spent)) frames/s, \(Int(commits)) "
        + "commits in all")
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private static func milliseconds(_ duration: Duration) -> String {
    String(format: "%.1f ms", seconds(duration) * 1_000)
  }
}
