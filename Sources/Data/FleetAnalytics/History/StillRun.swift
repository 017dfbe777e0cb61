// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The rows over which a cell's reading has kept still.

/// The latest rows over which a cell's reading has kept within two millivolts, and how far the
/// mean cell moved meanwhile.
struct StillRun: Codable, Hashable, Sendable {
  /// Widest range of a still reading, in volts: two steps of GB/T 32960 cell voltages.
  static let width = 0.002
  /// Movement of the mean cell, in volts, that a working channel cannot stand still through.
  static let movement = 0.050
  /// Fewest rows of a frozen reading.
  static let fewestRows = 100

  /// Time of the first row; nil without rows.
  private(set) var since: Double?
  private(set) var low = 0.0
  private(set) var high = 0.0
  /// Lowest and highest mean cell of the run.
  private(set) var meanLow = 0.0
  private(set) var meanHigh = 0.0
  private(set) var rows = 0

  init() {}

  /// Adds a reading and the mean of all cells in its row.
  mutating func add(_ value: Double, mean: Double, time: Double) {
    if rows > 0, max(high, value) - min(low, value) < Self.width {
      low = min(low, value)
      high = max(high, value)
      meanLow = min(meanLow, mean)
      meanHigh = max(meanHigh, mean)
      rows += 1
    } else {
      since = time
      (low, high, meanLow, meanHigh, rows) = (value, value, mean, mean, 1)
    }
  }

  /// Whether the reading is frozen: it stands still while the pack moves.
  var isFrozen: Bool { rows >= Self.fewestRows && meanHigh - meanLow > Self.movement }
}
