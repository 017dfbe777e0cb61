// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The progress of an analysis on the terminal.

import SafetyReport
import Synchronization

/// The progress of an analysis on the terminal; may be called from several threads.
final class AnalyzeMeter: Sendable {
  private let bar: Mutex<ProgressBar>

  /// Creates a meter; it draws only where a person watches.
  init(quiet: Bool) { bar = Mutex(ProgressBar(title: "analysing", quiet: quiet)) }

  /// Shows how far the analysis has come.
  func update(_ progress: AnalysisRun.Progress) {
    bar.withLock { $0.update(progress.share) }
  }

  /// Takes the bar away.
  func finish() { bar.withLock { $0.finish() } }
}
