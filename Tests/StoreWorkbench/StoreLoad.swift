// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The store under a fleet's load: does the log stay short, and how long does opening a long one take.

import Foundation
import TelemetryCodec
import TelemetryStore

/// The store under a fleet's load.
enum StoreLoad {
  /// Frames of many vehicles made of a few simulated ones: another name, another time.
  private struct Fleet {
    private let templates: [[UInt8]]
    private let names: [(text: String, bytes: [UInt8])]
    private var made = 0

    init(vehicles: Int) throws {
      let fleet = try SimulatedFrames(rate: 1)
      templates = try fleet.next(limit: 4_096).map(\.bytes)
      names = (0..<vehicles).map { number in
        let digits = String(number)
        let name = "FLEET" + String(repeating: "0", count: 12 - digits.count) + digits
        return (name, Array(name.utf8))
      }
    }

    mutating func next(_ count: Int) throws -> [NewFrame] {
      try (0..<count).map { _ in
        defer { made += 1 }
        let (vehicle, number) = (made % names.count, made / names.count)
        let time = 1_700_000_000 + Int64(number)
        var bytes = templates[(number + vehicle * 31) % templates.count]
        bytes.replaceSubrange(4..<21, with: names[vehicle].bytes)
        guard let wire = WireTime(unixSeconds: time) else { throw CocoaError(.coderInvalidValue) }
        bytes[24] = wire.yearSince2000
        bytes[25] = wire.month
        bytes[26] = wire.day
        bytes[27] = wire.hour
        bytes[28] = wire.minute
        bytes[29] = wire.second
        var check: UInt8 = 0
        for index in 2..<bytes.count - 1 { check ^= bytes[index] }
        bytes[bytes.count - 1] = check
        return NewFrame(
          identity: names[vehicle].text, collectionTime: time, receiveTime: Double(time) + 0.1,
          command: 2, bytes: bytes, unit: 24..<bytes.count - 1)
      }
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private static func folder() -> URL {
    FileManager.default.temporaryDirectory
      .appending(path: "anodyne-store-load-\(UUID().uuidString)")
  }

  /// Feeds a fleet's frames at a steady rate and watches the log.
  ///
  /// - Parameters:
  ///   - vehicles: Vehicles that report in turn.
  ///   - frames: Frames in all.
  ///   - rate: Frames a second.
  /// - Throws: `StoreError`, or an error of the codec.
  static func ingest(vehicles: Int, frames: Int, rate: Int) async throws {
    let place = folder()
    defer { try? FileManager.default.removeItem(at: place) }
    let store = try TelemetryStore(folder: place)
    var fleet = try Fleet(vehicles: vehicles)
    let clock = ContinuousClock()
    let begin = clock.now
    var (done, longest, most) = (0, Duration.zero, 0.0)
    var raw = 0
    while done < frames {
      let batch = try fleet.next(min(1_000, frames - done))
      raw += batch.reduce(0) { $0 + $1.bytes.count }
      let due = begin + .seconds(Double(done) / Double(rate))
      if clock.now < due { try await Task.sleep(until: due, clock: clock) }
      let start = clock.now
      _ = try await store.append(batch)
      longest = max(longest, clock.now - start)
      done += batch.count
      if done % 20_000 == 0 {
        let metrics = await store.metrics()
        most = max(
          most, metrics.first { $0.name == "anodyne_store_log_segments" }?.value ?? 0)
      }
    }
    let spent = seconds(clock.now - begin)
    let metrics = await store.metrics()
    func value(_ name: String) -> Double { metrics.first { $0.name == name }?.value ?? 0 }
    print(
      String(
        format: "ingest: %d frames of %d vehicles, %.0f frames/s asked, %.0f reached; "
          + "longest commit %.0f ms, at most %.0f log files, %.0f waits, "
          + "%.0f sealings, %.0f failed, %.0f frames unsealed",
        frames, vehicles, Double(rate), Double(frames) / spent, seconds(longest) * 1_000, most,
        value("anodyne_store_waits_total"), value("anodyne_store_seals_total"),
        value("anodyne_store_seal_failures_total"), value("anodyne_store_unsealed_frames")))
    let sealing = clock.now
    let summary = try await store.compact()
    print(
      String(
        format: "compact: %.1f s, %d blocks, %.2f bytes a frame of %d",
        seconds(clock.now - sealing), summary.blocks, summary.bytesPerFrame, raw / frames))
    try await store.close()
  }

  /// Opens a store whose log holds everything.
  ///
  /// - Parameters:
  ///   - frames: Frames in the log.
  ///   - limit: Longest time it may take, in seconds.
  /// - Returns: Whether it took no longer.
  /// - Throws: `StoreError`, or an error of the codec.
  static func restart(frames: Int, limit: Double) async throws -> Bool {
    let place = folder()
    defer { try? FileManager.default.removeItem(at: place) }
    var settings = StoreSettings(segmentsPerSeal: 1_000)
    settings.mostSegments = 1_000
    var store = try TelemetryStore(folder: place, settings: settings)
    var fleet = try Fleet(vehicles: 10_000)
    var done = 0
    while done < frames {
      let batch = try fleet.next(min(10_000, frames - done))
      _ = try await store.append(batch)
      done += batch.count
    }
    try await store.close()
    let clock = ContinuousClock()
    let begin = clock.now
    store = try TelemetryStore(folder: place, settings: settings)
    let spent = seconds(clock.now - begin)
    let count = try await store.frameCount()
    let segments =
      await store.metrics()
      .first { $0.name == "anodyne_store_log_segments" }?.value ?? 0
    try await store.close()
    print(
      String(
        format: "restart: %d frames in %.0f log files opened in %.2f s (limit %.0f s)", count,
        segments, spent, limit))
    return count == frames && spent <= limit
  }
}
