// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What happens to the reports of a vehicle between its recorder and the gateway.

/// What happens to the reports of a vehicle between its recorder and the gateway.
public struct RadioConditions: Hashable, Sendable {
  /// Times a day without reception; reports wait and are sent again as reissued ones.
  public var tunnelsPerDay = 0.0
  /// Shortest and longest time without reception in seconds; logarithms are uniform between.
  public var tunnel = 30.0...600.0
  /// Times a day that the connection breaks in the middle.
  public var breaksPerDay = 0.0
  /// Share of the reports that are sent twice.
  public var duplicateShare = 0.0
  /// Standard deviation of the clock's error at the start, in seconds.
  public var clockOffset = 0.0
  /// Standard deviation of the clock's rate, in millionths.
  public var clockDrift = 0.0
  /// Times a day that the clock is set, back to its error at the start.
  public var clockSetsPerDay = 0.0

  /// Creates good conditions.
  public init() {}
}
