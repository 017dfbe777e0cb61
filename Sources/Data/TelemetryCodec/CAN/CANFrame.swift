// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One frame of a CAN bus.

/// One frame of a CAN or CAN FD bus.
public struct CANFrame: Hashable, Sendable {
  /// The identifier: 11 bits, or 29 when extended.
  public var identifier: UInt32
  /// Whether the identifier has 29 bits.
  public var isExtended: Bool
  /// Whether the frame asks for data instead of carrying it.
  public var isRemote: Bool
  /// Whether the frame reports an error of the bus.
  public var isError: Bool
  /// Whether it is a CAN FD frame.
  public var isFlexible: Bool
  /// The data: at most 8 bytes, 64 with CAN FD.
  public var data: [UInt8]

  /// Creates a frame.
  public init(
    identifier: UInt32, isExtended: Bool, data: [UInt8] = [], isRemote: Bool = false,
    isError: Bool = false, isFlexible: Bool = false
  ) {
    self.identifier = identifier
    self.isExtended = isExtended
    self.data = data
    self.isRemote = isRemote
    self.isError = isError
    self.isFlexible = isFlexible
  }
}

/// A frame with the moment and the place of its reception.
public struct CANRecord: Hashable, Sendable {
  /// Seconds, of whatever clock the log was written with; nil where it has none.
  public var seconds: Double?
  /// Name of the interface, such as `can0`.
  public var interface: String
  /// The frame.
  public var frame: CANFrame

  /// Creates a record.
  public init(seconds: Double?, interface: String, frame: CANFrame) {
    self.seconds = seconds
    self.interface = interface
    self.frame = frame
  }
}
