// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stored frames in commit order, as the forwarder reads them.

public import TelemetryStore

/// Stored frames in commit order, as the forwarder reads them.
public protocol FrameSource: Sendable {
  /// Identities with frames committed after one, and the id of the newest frame of all.
  func identities(
    withFramesAfter frameID: Int64
  ) async throws(StoreError) -> (identities: [String], newest: Int64)

  /// Frames of a vehicle in commit order.
  func frames(
    of identity: String, after frameID: Int64, limit: Int
  ) async throws(StoreError) -> [StoredFrame]

  /// Ids of the newest committed frames as commits happen.
  func commits() async -> AsyncStream<Int64>
}

extension TelemetryStore: FrameSource {}
