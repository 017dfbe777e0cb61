// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A progress bar on the standard error stream, only where a person watches.

import Foundation

/// A progress bar on the standard error stream, only where a person watches.
///
/// It draws at most ten times a second and only on a terminal, so that logs and pipes stay clean.
struct ProgressBar {
  private let title: String
  private let visible: Bool
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var drawnWidth = 0

  /// Creates a bar; nothing is drawn yet.
  ///
  /// - Parameters:
  ///   - title: Shown before the bar, for example the name of a file.
  ///   - quiet: Whether the caller asked for silence.
  init(title: String, quiet: Bool = false) {
    self.title = title.count > 32 ? "…" + title.suffix(31) : title
    visible = !quiet && isatty(STDERR_FILENO) == 1
  }

  /// Shows a share between 0 and 1; short work never shows a bar.
  mutating func update(_ share: Double) {
    guard visible else { return }
    let now = ContinuousClock.now
    guard now - start > .milliseconds(300) else { return }
    if let lastDrawn, now - lastDrawn < .milliseconds(100) { return }
    lastDrawn = now
    let width = 30
    let bounded = share.isFinite ? max(0, min(1, share)) : 0
    let full = Int((bounded * Double(width)).rounded(.down))
    let percent = Int((bounded * 100).rounded(.down))
    var line = "\(title) [\(String(repeating: "█", count: full))"
    line += String(repeating: "·", count: width - full) + "] \(percent) %"
    let seconds = Double((now - start).components.seconds)
    if bounded > 0.02, seconds >= 2 {
      line += "  \(Int((seconds / bounded * (1 - bounded)).rounded())) s left"
    }
    let padding = max(0, drawnWidth - line.count)
    drawnWidth = line.count
    StandardError.write("\r\(line)\(String(repeating: " ", count: padding))")
  }

  /// Takes the bar away.
  mutating func finish() {
    guard visible, drawnWidth > 0 else { return }
    StandardError.write("\r\(String(repeating: " ", count: drawnWidth))\r")
    drawnWidth = 0
  }
}
