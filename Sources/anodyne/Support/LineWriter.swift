// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Lines to the standard output, written in blocks.

import Foundation

/// Lines to the standard output, written in blocks; at a terminal or pipe reader's pace.
struct LineWriter {
  private var buffer = Data()
  private let isInteractive = isatty(STDOUT_FILENO) == 1

  /// Writes one line.
  ///
  /// - Throws: `ExitCode` 74 when the stream takes nothing.
  mutating func write(_ line: String) throws {
    buffer.append(contentsOf: line.utf8)
    buffer.append(0x0A)
    if isInteractive || buffer.count >= 65_536 { try finish() }
  }

  /// Writes what is left.
  ///
  /// - Throws: As ``write(_:)``.
  mutating func finish() throws {
    guard !buffer.isEmpty else { return }
    try StandardOutput.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
