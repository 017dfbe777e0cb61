// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The process that is killed: appends as fast as it can and tells what was acknowledged.

import Foundation
import TelemetryStore

/// The process that is killed: appends as fast as it can and tells what was acknowledged.
enum Writing {
  /// Small pieces, so that sealing and merging happen all the time.
  static let settings = StoreSettings(
    commitCount: 200, commitDelay: .milliseconds(1), segmentBytes: 96 << 10, segmentsPerSeal: 2,
    rowsPerBlock: 256)

  /// Appends for ever, each vehicle from a number on.
  ///
  /// Writes one line an acknowledgement to the standard output: `F vehicle number` for a frame,
  /// `S vehicle id` for a saved analysis.
  static func run(
    folder: URL, seed: UInt64, from first: Int, files: any StoreFiles,
    durability: EmbeddedEngine.IndexDurability
  ) async throws {
    let engine = try EmbeddedEngine(
      folder: folder, settings: settings, files: files, durability: durability)
    try await run(TelemetryStore(engine: engine, settings: settings), seed: seed, from: first)
  }

  /// Appends to a store for ever.
  static func run(_ store: TelemetryStore, seed: UInt64, from first: Int) async throws {
    let load = Load(seed: seed)
    say("R\n")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for vehicle in 0..<Load.vehicles {
        group.addTask {
          var number = first
          while true {
            // Every seventh batch begins with the last frame again, as after a lost answer.
            let again = number > first && number % 7 == 0 ? 1 : 0
            let count = 1 + (number * 13 + vehicle) % 9
            let frames = try (number - again..<number + count).map {
              try load.frame(vehicle: vehicle, number: $0)
            }
            let outcomes: [AppendOutcome]
            do throws(StoreError) {
              outcomes = try await store.append(frames)
            } catch {
              // Nothing of it was kept; it comes again, as from a vehicle without an answer.
              guard case .diskFull = error else { throw error }
              try await Task.sleep(for: .milliseconds(1))
              continue
            }
            var text = ""
            for place in number..<number + count { text += "F \(vehicle) \(place)\n" }
            say(text)
            number += count
            guard number % 5 == 0, case .stored(let id)? = outcomes.last else { continue }
            let snapshot = AnalysisSnapshot(frameID: id, revision: "load", state: [UInt8(vehicle)])
            do throws(StoreError) {
              try await store.save([Load.identity(vehicle): snapshot], at: 0)
            } catch {
              guard case .diskFull = error else { throw error }
              continue
            }
            say("S \(vehicle) \(id)\n")
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Writes at once: a line must be out before the process can be killed for the next.
  private static func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}
