// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// When the demonstration's history began, kept so that a restart simulates the same vehicles.

import Foundation

/// When the demonstration's history began, kept beside the store so that a restart simulates the
/// same vehicles and goes on where they were.
struct DemoPlan: Codable, Hashable {
  /// Start of the history, in seconds since the Unix epoch.
  var start: Double
  /// Length of the history in days; faults develop within it.
  var historyDays: Double
  /// Seed of everything random.
  var seed: UInt64

  /// Days before the present at which the history ends and live driving begins.
  static let lead = 5.0

  /// The plan kept in a folder, or a new one that ends its history some days before now.
  ///
  /// - Throws: An error of Foundation if the plan can be neither read nor written.
  static func load(from folder: URL, now: Double) throws -> DemoPlan {
    let file = folder.appending(path: "demo.json")
    if let data = try? Data(contentsOf: file) {
      return try JSONDecoder().decode(DemoPlan.self, from: data)
    }
    let days = 60.0
    let start = ((now - (days + lead) * 86_400) / 3_600).rounded(.down) * 3_600
    let plan = DemoPlan(start: start, historyDays: days, seed: 2_026)
    try JSONEncoder().encode(plan).write(to: file, options: .atomic)
    return plan
  }
}
