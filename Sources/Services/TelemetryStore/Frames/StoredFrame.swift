// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames and vehicles as read back from the store.

/// A frame read back from the store.
public struct StoredFrame: Hashable, Sendable {
  /// Id in commit order; larger than that of every frame committed before.
  public var id: Int64
  /// When the vehicle took the data, in seconds since the Unix epoch.
  public var collectionTime: Int64
  /// When the gateway received the frame, in seconds since the Unix epoch.
  public var receiveTime: Double
  /// Command byte of the frame.
  public var command: UInt8
  /// The whole frame as received.
  public var bytes: [UInt8]

  /// Creates a frame as it would be read back.
  public init(
    id: Int64, collectionTime: Int64, receiveTime: Double, command: UInt8, bytes: [UInt8]
  ) {
    self.id = id
    self.collectionTime = collectionTime
    self.receiveTime = receiveTime
    self.command = command
    self.bytes = bytes
  }
}

/// A vehicle that has sent at least one frame.
public struct StoredVehicle: Hashable, Sendable {
  /// Key in the database.
  public var id: Int64
  /// The unique id (VIN).
  public var identity: String
  /// When its first frame arrived, in seconds since the Unix epoch.
  public var firstReceived: Double

  /// Creates a vehicle as it would be read back.
  public init(id: Int64, identity: String, firstReceived: Double) {
    self.id = id
    self.identity = identity
    self.firstReceived = firstReceived
  }
}

/// The saved state of a vehicle's analysis.
public struct AnalysisSnapshot: Hashable, Sendable {
  /// Every frame of the vehicle up to and including this id is contained in the state.
  public var frameID: Int64
  /// Names the layout of the state; another layout means that the analysis starts afresh.
  public var revision: String
  /// The encoded state.
  public var state: [UInt8]

  /// Creates a snapshot.
  public init(frameID: Int64, revision: String, state: [UInt8]) {
    self.frameID = frameID
    self.revision = revision
    self.state = state
  }
}
