// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Extremes that three successive rows agree on, so that one spike makes no record.

/// The extremes of a signal that three successive values reach.
///
/// One value beyond all others is more often a transmission error than an event; a fault of the
/// battery lasts longer than two rows.
struct SustainedExtreme: Codable, Hashable, Sendable {
  private var previous: Double?
  private var beforePrevious: Double?
  /// Highest value that three successive values reach or exceed.
  private(set) var maximum: Double?
  /// Lowest value that three successive values reach or undercut.
  private(set) var minimum: Double?

  init() {}

  /// Adds the next value; returns what the last three values all reach, from below and above.
  @discardableResult
  mutating func add(_ value: Double) -> (high: Double, low: Double)? {
    guard value.isFinite else { return nil }
    defer {
      beforePrevious = previous
      previous = value
    }
    guard let previous, let beforePrevious else { return nil }
    let high = min(value, previous, beforePrevious)
    let low = max(value, previous, beforePrevious)
    maximum = Swift.max(maximum ?? high, high)
    minimum = Swift.min(minimum ?? low, low)
    return (high, low)
  }
}
