// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A frame on its way into the store.

/// A frame as it came off the wire, on its way into the store.
public struct NewFrame: Hashable, Sendable {
  /// The vehicle's unique id (VIN).
  public var identity: String
  /// When the vehicle took the data, in whole seconds since the Unix epoch.
  public var collectionTime: Int64
  /// When the gateway received the frame, in seconds since the Unix epoch.
  public var receiveTime: Double
  /// Command byte of the frame.
  public var command: UInt8
  /// The whole frame as received.
  public var bytes: [UInt8]
  /// Where the data unit lies in `bytes`; it identifies duplicates.
  public var unit: Range<Int>

  /// Creates a frame.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - collectionTime: Time in the data unit, Unix seconds.
  ///   - receiveTime: Arrival, Unix seconds.
  ///   - command: Command byte.
  ///   - bytes: The frame.
  ///   - unit: Range of the data unit in `bytes`; must lie inside it.
  public init(
    identity: String, collectionTime: Int64, receiveTime: Double, command: UInt8, bytes: [UInt8],
    unit: Range<Int>
  ) {
    precondition(
      unit.lowerBound >= 0 && unit.upperBound <= bytes.count,
      "the data unit must lie inside the frame")
    self.identity = identity
    self.collectionTime = collectionTime
    self.receiveTime = receiveTime
    self.command = command
    self.bytes = bytes
    self.unit = unit
  }

  /// Hash of the data unit: 64-bit FNV-1a (Fowler, Noll and Vo, 1991), stable across runs.
  ///
  /// - Complexity: O(n) in the length of the unit.
  var unitHash: Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes[unit] {
      hash ^= UInt64(byte)
      hash &*= 0x100_0000_01b3
    }
    return Int64(bitPattern: hash)
  }
}

/// What became of an appended frame once its transaction was durable.
public enum AppendOutcome: Hashable, Sendable {
  /// Stored under this id; ids grow in commit order.
  case stored(id: Int64)
  /// An equal data unit of this vehicle and time is stored already, under this id.
  case duplicate(id: Int64)
}
