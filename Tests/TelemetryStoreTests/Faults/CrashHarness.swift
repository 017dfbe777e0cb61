// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs a store over a failing disk and judges what is left: the judge of all crash tests.

import Foundation
import TelemetryStore
import TestSupport

/// Runs a store over a failing disk and judges what is left.
struct CrashHarness {
  /// What went wrong in the judge's eyes.
  enum Verdict: Error, Hashable, CustomStringConvertible {
    case lost(id: Int64)
    case changed(id: Int64)
    case twice(id: Int64)
    case invented(id: Int64)
    case refused(String)

    var description: String {
      switch self {
      case .lost(let id): "frame \(id) was acknowledged and is gone"
      case .changed(let id): "frame \(id) has other bytes than were acknowledged"
      case .twice(let id): "the unit of frame \(id) is stored twice"
      case .invented(let id): "frame \(id) was never sent"
      case .refused(let reason): "the store does not open: \(reason)"
      }
    }
  }

  fileprivate struct Unit: Hashable {
    var identity: String
    var time: Int64
    var bytes: [UInt8]
  }

  let folder: TemporaryFolder
  let disk: SimulatedDisk
  private var random: Seeded
  private var sent: [Unit] = []
  private var acknowledged: [Int64: Unit] = [:]
  private var clock: Int64 = 1_700_000_000
  private(set) var crashes = 0

  init(seed: UInt64, syncs: Bool = true) throws {
    folder = try TemporaryFolder()
    disk = SimulatedDisk(seed: seed &* 31 &+ 7, syncs: syncs)
    random = Seeded(seed)
  }

  /// Number of frames acknowledged so far.
  var acknowledgedCount: Int { acknowledged.count }

  private func open() throws -> EmbeddedEngine {
    try EmbeddedEngine(
      folder: folder.url,
      settings: StoreSettings(segmentBytes: 4_096, segmentsPerSeal: 1_000, rowsPerBlock: 16),
      files: disk)
  }

  /// Appends, seals and merges until the armed fault strikes, then starts again and judges.
  mutating func round(_ fault: SimulatedDisk.Fault, steps: Int = 12) async throws {
    var engine: EmbeddedEngine?
    disk.arm(fault, shortWrites: Bool.random(using: &random))
    do {
      engine = try open()
      if let engine {
        for _ in 0..<steps { try await step(engine) }
      }
    } catch is StoreError {
      // What the fault did to the store; what counts is what it left.
    }
    if let engine { try? await engine.close() }
    crashes += 1
    disk.restart()
    try await judge()
  }

  private mutating func step(_ engine: EmbeddedEngine) async throws {
    if Int.random(in: 0..<6, using: &random) == 0 {
      _ = try await engine.compact()
      return
    }
    var frames: [NewFrame] = []
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      if let old = sent.randomElement(using: &random), Int.random(in: 0..<5, using: &random) == 0 {
        // Sent again, as a vehicle does that got no answer.
        frames.append(NewFrame(old))
        continue
      }
      // Clocks jump, back and far ahead.
      clock += Int64([1, 1, 1, 10, -25, 100_000].randomElement(using: &random) ?? 1)
      frames.append(
        try report(
          "VIN0000000000000\(Int.random(in: 1...3, using: &random))", at: clock,
          cells: (0..<5).map { _ in .random(in: 3...4, using: &random) }))
    }
    for frame in frames { sent.append(Unit(frame)) }
    do {
      let outcomes = try await engine.append(frames)
      for (frame, outcome) in zip(frames, outcomes) {
        switch outcome {
        case .stored(let id), .duplicate(let id): acknowledged[id] = Unit(frame)
        }
      }
    } catch {
      // A full disk may be tried again; the rest of the round does so with other frames.
      guard case .diskFull = error else { throw error }
    }
  }

  /// Opens the store as the crash left it and compares it with what was acknowledged.
  private mutating func judge() async throws {
    let engine: EmbeddedEngine
    do { engine = try open() } catch { throw Verdict.refused("\(error)") }
    var found: [Int64: Unit] = [:]
    var units: Set<Unit> = []
    let known = Set(sent)
    for vehicle in try await engine.vehicles() {
      for frame in try await engine.frames(of: vehicle.identity, after: 0, limit: 1 << 20) {
        let unit = Unit(
          identity: vehicle.identity, time: frame.collectionTime, bytes: frame.bytes)
        if !known.contains(unit) { throw Verdict.invented(id: frame.id) }
        if !units.insert(unit).inserted { throw Verdict.twice(id: frame.id) }
        found[frame.id] = unit
      }
    }
    for (id, unit) in acknowledged {
      guard let there = found[id] else { throw Verdict.lost(id: id) }
      if there != unit { throw Verdict.changed(id: id) }
    }
    // Frames that were kept without an acknowledgement are as good as acknowledged from here on:
    // a reader has seen them.
    acknowledged = found
    try await engine.close()
  }
}

extension CrashHarness.Unit {
  fileprivate init(_ frame: NewFrame) {
    self.init(identity: frame.identity, time: frame.collectionTime, bytes: frame.bytes)
  }
}

extension NewFrame {
  fileprivate init(_ unit: CrashHarness.Unit) {
    self.init(
      identity: unit.identity, collectionTime: unit.time, receiveTime: Double(unit.time),
      command: 2, bytes: unit.bytes, unit: 24..<unit.bytes.count - 1)
  }
}
