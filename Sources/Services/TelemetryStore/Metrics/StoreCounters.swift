// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the store counts about itself.

/// What the store counts about itself.
struct StoreCounters {
  var stored = 0
  var duplicates = 0
  var commits = 0
  var failures = 0

  /// Counts one durable transaction.
  mutating func count(_ outcomes: [AppendOutcome]) {
    commits += 1
    for outcome in outcomes {
      switch outcome {
      case .stored: stored += 1
      case .duplicate: duplicates += 1
      }
    }
  }

  /// The counters as metrics.
  func metrics(pending: Int) -> [ServiceMetric] {
    [
      ServiceMetric(
        "anodyne_store_frames_total", help: "Frames made durable.", kind: .counter,
        value: Double(stored)),
      ServiceMetric(
        "anodyne_store_duplicates_total", help: "Frames that were stored already.",
        kind: .counter, value: Double(duplicates)),
      ServiceMetric(
        "anodyne_store_commits_total", help: "Durable transactions.", kind: .counter,
        value: Double(commits)),
      ServiceMetric(
        "anodyne_store_failures_total", help: "Transactions that failed.", kind: .counter,
        value: Double(failures)),
      ServiceMetric(
        "anodyne_store_pending_frames", help: "Frames waiting for a commit.", kind: .gauge,
        value: Double(pending)),
    ]
  }
}
