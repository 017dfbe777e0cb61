// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What became of the reports of one vehicle's link.

/// What became of the reports of one vehicle's link.
public struct LinkSummary: Codable, Hashable, Sendable {
  /// Reports taken from the source.
  public var sent = 0
  /// Reports the gateway acknowledged with success.
  public var acknowledged = 0
  /// Reports the gateway refused at every attempt.
  public var refused = 0
  /// Connections made.
  public var connections = 0

  /// Creates an empty summary.
  public init() {}

  /// Whether every report was acknowledged.
  public var isComplete: Bool { acknowledged == sent && refused == 0 }
}
