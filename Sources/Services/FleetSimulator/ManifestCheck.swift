// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A manifest against a store: what was acknowledged and is not there, or there more than once.

import Foundation
import FrameCryptography
public import TelemetryStore

/// A manifest against a store.
public struct ManifestCheck: Codable, Hashable, Sendable {
  /// Different reports in the manifest.
  public var reports = 0
  /// Lines that repeat a report, as sent twice.
  public var repeated = 0
  /// Reports of the manifest that the store does not hold: lost.
  public var missing = 0
  /// Reports that the store holds more than once.
  public var doubled = 0
  /// Reports of the manifest's vehicles that the store holds and the manifest does not name.
  public var unnamed = 0
  /// The first few that are missing, as in the manifest.
  public var examples: [String] = []

  /// Whether every acknowledged report is there exactly once.
  public var isClean: Bool { missing == 0 && doubled == 0 }

  private struct Line: Decodable {
    var asset: String
    var sha256: String
  }

  /// Compares.
  ///
  /// - Parameters:
  ///   - manifest: Lines that ``Manifest`` wrote.
  ///   - store: The store behind the gateway; its data must not be sealed.
  /// - Throws: ``SimulationError/badManifest(line:reason:)``, `StoreError`.
  /// - Complexity: O(n) in the number of reports; memory for the hashes of one vehicle's reports
  ///   and for the lines of the manifest.
  public init(manifest: String, store: TelemetryStore) async throws {
    var wanted: [String: [String: Substring]] = [:]
    let decoder = JSONDecoder()
    for (number, text) in manifest.split(separator: "\n").enumerated() {
      let line: Line
      do {
        line = try decoder.decode(Line.self, from: Data(text.utf8))
      } catch {
        throw SimulationError.badManifest(line: number + 1, reason: "it is no line of a manifest")
      }
      if wanted[line.asset, default: [:]].updateValue(text, forKey: line.sha256) == nil {
        reports += 1
      } else {
        repeated += 1
      }
    }
    for (asset, lines) in wanted.sorted(by: { $0.key < $1.key }) {
      try await compare(asset, lines, store)
    }
  }

  private mutating func compare(
    _ asset: String, _ lines: [String: Substring], _ store: TelemetryStore
  ) async throws {
    var found: [String: Int] = [:]
    var last: Int64 = 0
    while true {
      let frames = try await store.frames(of: asset, after: last, limit: 10_000)
      guard let end = frames.last else { break }
      for frame in frames where frame.command == 2 || frame.command == 3 {
        found[Digest.hexadecimal(Digest.sha256(frame.bytes)), default: 0] += 1
      }
      last = end.id
    }
    for (hash, line) in lines.sorted(by: { $0.value < $1.value }) {
      switch found.removeValue(forKey: hash) {
      case nil:
        missing += 1
        if examples.count < 5 { examples.append(String(line)) }
      case let count? where count > 1: doubled += 1
      default: break
      }
    }
    unnamed += found.values.reduce(0, +)
  }
}
