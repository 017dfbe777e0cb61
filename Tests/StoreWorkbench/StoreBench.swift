// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Measures the store: appending, bytes a frame, reading a month of one signal.

import BatteryDomain
import Foundation
import TelemetryCodec
import TelemetryStore

/// Measures the store: appending, bytes a frame, reading a month of one signal.
enum StoreBench {
  /// Makes a vehicle's history, appends it, seals it and reads it back.
  ///
  /// - Parameters:
  ///   - days: Length of the history.
  ///   - rate: Seconds between reports, also while the vehicle is parked.
  /// - Throws: `StoreError`, or an error of the codec.
  static func run(days: Int, rate: Int64) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "anodyne-store-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try TelemetryStore(folder: folder)
    let clock = ContinuousClock()
    let total = days * 86_400 / Int(rate)
    let fleet = try SimulatedFrames(rate: rate)
    var made = 0
    var appending = Duration.zero
    var raw = 0
    while made < total {
      let frames = try fleet.next(limit: min(20_000, total - made))
      raw += frames.reduce(0) { $0 + $1.bytes.count }
      let begin = clock.now
      for start in stride(from: 0, to: frames.count, by: 1_000) {
        _ = try await store.append(Array(frames[start..<min(start + 1_000, frames.count)]))
      }
      appending += clock.now - begin
      made += frames.count
    }
    print(
      "append: \(made) frames of \(raw / made) bytes in commits of 1,000: "
        + "\(Int(Double(made) / seconds(appending))) frames/s, sealing in the background")
    let begin = clock.now
    let summary = try await store.compact()
    print("sealing the rest: \(milliseconds(clock.now - begin))")
    print(
      "size: \(summary.frames) frames in \(summary.blocks) blocks, "
        + String(
          format: "%.2f bytes a frame, %.1f times smaller", summary.bytesPerFrame,
          Double(raw) / Double(summary.bytes)))
    let identity = SimulatedFrames.identity
    guard let span = try await store.reportSpan(of: identity) else { return }
    for key in [SignalKey(.current), SignalKey(.stateOfCharge), .cell(48), .probe(5)] {
      var best = Duration.seconds(1_000)
      var first = Duration.zero
      var count = 0
      for attempt in 0..<5 {
        let begin = clock.now
        let series = try await store.series(of: identity, signals: [key], in: span)
        let buckets = series[0].buckets(width: 3_600)
        let spent = clock.now - begin
        if attempt == 0 { first = spent }
        best = min(best, spent)
        count = series[0].values.count
        if buckets.isEmpty { print("\(key.name) has no values") }
      }
      print(
        "read: \(days) days of \(key.name) every \(rate) s, \(count) values, with hourly buckets: "
          + "first \(milliseconds(first)), best of five \(milliseconds(best))")
    }
    try await store.close()
    let reopening = clock.now
    let again = try TelemetryStore(folder: folder)
    print("open: \(milliseconds(clock.now - reopening))")
    try await again.close()
  }

  /// Bytes a frame, and the time of making and of reading blocks, on one core.
  ///
  /// - Parameters:
  ///   - rows: Frames of a block.
  ///   - blocks: Number of blocks.
  ///   - rate: Seconds between reports.
  /// - Throws: `StoreError`, or an error of the codec.
  static func codec(rows: Int, blocks: Int, rate: Int64) throws {
    let fleet = try SimulatedFrames(rate: rate)
    var (bytes, frames) = (0, 0)
    var (encoding, decoding) = (Duration.zero, Duration.zero)
    let clock = ContinuousClock()
    for number in 0..<blocks {
      let some = try fleet.next(limit: rows).enumerated().map { place, frame in
        StoredFrame(
          id: Int64(number * rows + place + 1), collectionTime: frame.collectionTime,
          receiveTime: frame.receiveTime, command: frame.command, bytes: frame.bytes)
      }
      let begin = clock.now
      let block = try ColumnBlock.encode(some)
      let middle = clock.now
      let back = try ColumnBlock.decode(block)
      decoding += clock.now - middle
      encoding += middle - begin
      guard back.map(\.bytes) == some.map(\.bytes), back.map(\.id) == some.map(\.id) else {
        throw CocoaError(.coderInvalidValue)
      }
      bytes += block.count
      frames += rows
    }
    print(
      String(
        format: "codec: %d blocks of %d rows every %d s: %.2f bytes a frame, "
          + "making %.2f µs a frame, reading %.2f µs a frame", blocks, rows, Int(rate),
        Double(bytes) / Double(frames), seconds(encoding) * 1e6 / Double(frames),
        seconds(decoding) * 1e6 / Double(frames)))
  }

  /// Bytes a frame of captured frames, all in one block as one vehicle would send them.
  static func sizes(of path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var frames: [StoredFrame] = []
    var reports: [StoredFrame] = []
    for line in text.split(separator: "\n").dropFirst() {
      guard let hex = line.split(separator: "\t").last else { continue }
      let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      let bytes = stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
      }
      guard let frame = try? Frame(bytes: bytes) else { continue }
      let time = frame.time?.unixSeconds ?? 0
      let stored = StoredFrame(
        id: Int64(frames.count + 1), collectionTime: time, receiveTime: Double(time),
        command: bytes[2], bytes: bytes)
      frames.append(stored)
      if bytes[2] == 2 || bytes[2] == 3 { reports.append(stored) }
    }
    for (name, some) in [("all captured frames", frames), ("captured reports", reports)] {
      let block = try ColumnBlock.encode(some)
      let raw = some.reduce(0) { $0 + $1.bytes.count }
      let each = String(format: "%.1f", Double(block.count) / Double(some.count))
      print(
        "size: \(some.count) \(name), \(raw / some.count) bytes each, "
          + "\(each) bytes a frame in one block")
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private static func milliseconds(_ duration: Duration) -> String {
    String(format: "%.1f ms", seconds(duration) * 1_000)
  }
}
