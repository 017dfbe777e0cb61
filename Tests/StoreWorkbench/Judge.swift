// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Compares a store with everything that was acknowledged before the process was killed.

import Foundation
import TelemetryStore

/// Compares a store with everything that was acknowledged before the process was killed.
struct Judge {
  let seed: UInt64
  /// Acknowledged numbers of each vehicle.
  private(set) var acknowledged: [Int: Set<Int>] = [:]
  private(set) var saved: [Int: Int64] = [:]
  private(set) var frames = 0

  init(seed: UInt64) { self.seed = seed }

  /// Whether the process got as far as opening the store.
  private(set) var opened = false

  /// Takes the lines of one life of the process in; a line that was cut off counts for nothing.
  mutating func read(_ text: String) {
    opened = text.hasPrefix("R\n")
    let whole = text.lastIndex(of: "\n").map { text[..<$0] } ?? ""
    for line in whole.split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count == 3, let vehicle = Int(parts[1]), let number = Int64(parts[2]) else {
        continue
      }
      if parts[0] == "F" {
        acknowledged[vehicle, default: []].insert(Int(number))
      } else {
        saved[vehicle] = max(saved[vehicle] ?? 0, number)
      }
    }
  }

  /// Opens the store and lists everything that is wrong.
  ///
  /// - Returns: Faults, the time to open, and a number that no vehicle has used.
  mutating func judge(
    _ open: () throws -> TelemetryStore
  ) async throws -> (faults: [String], restart: Duration, next: Int) {
    let clock = ContinuousClock()
    let begin = clock.now
    let store: TelemetryStore
    do {
      store = try open()
    } catch {
      return (["the store does not open: \(error)"], clock.now - begin, 0)
    }
    let restart = clock.now - begin
    var faults: [String] = []
    var next = 0
    frames = 0
    let load = Load(seed: seed)
    for vehicle in 0..<Load.vehicles {
      let identity = Load.identity(vehicle)
      let stored = try await store.frames(of: identity, after: 0, limit: 1 << 24)
      frames += stored.count
      var found: Set<Int> = []
      for frame in stored {
        let number = try number(of: frame, vehicle: vehicle, load)
        guard let number else {
          faults.append("\(identity): frame \(frame.id) was never sent")
          continue
        }
        if !found.insert(number).inserted {
          faults.append("\(identity): number \(number) is stored twice")
        }
      }
      for number in (acknowledged[vehicle] ?? []).subtracting(found).sorted() {
        faults.append("\(identity): number \(number) was acknowledged and is gone")
      }
      next = max(next, (found.max() ?? -1) + 1)
      if let id = saved[vehicle], try await store.snapshot(of: identity)?.frameID ?? 0 < id {
        faults.append("\(identity): the analysis saved at frame \(id) is gone")
      }
    }
    try await store.close()
    return (faults, restart, next)
  }

  /// Which frame of the load this is; nil if none.
  private func number(of frame: StoredFrame, vehicle: Int, _ load: Load) throws -> Int? {
    let place = Int(frame.collectionTime - Load.start)
    for number in [place, place + 3_600] where number >= 0 {
      if try load.frame(vehicle: vehicle, number: number).bytes == frame.bytes { return number }
    }
    return nil
  }
}
