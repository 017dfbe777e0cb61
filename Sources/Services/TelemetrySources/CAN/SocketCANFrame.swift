// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// CAN frames in the layout of the Linux kernel: struct can_frame and struct canfd_frame.

public import TelemetryCodec

/// Frames in the layout in which Linux passes them through CAN sockets.
///
/// - Reference: Linux kernel documentation, "SocketCAN", sections 4.1 and 4.1.6;
///   `include/uapi/linux/can.h`. Numbers are in the byte order of the machine.
public enum SocketCANFrame {
  /// Bytes of a classic frame.
  public static let classicSize = 16
  /// Bytes of a CAN FD frame.
  public static let flexibleSize = 72

  private static let extendedBit: UInt32 = 0x8000_0000
  private static let remoteBit: UInt32 = 0x4000_0000
  private static let errorBit: UInt32 = 0x2000_0000

  /// The bytes of a frame.
  ///
  /// - Parameter frame: The frame.
  /// - Returns: 16 bytes, 72 for CAN FD; nil when the frame holds more data than its kind carries
  ///   or its identifier does not fit.
  public static func bytes(of frame: CANFrame) -> [UInt8]? {
    let capacity = frame.isFlexible ? 64 : 8
    guard frame.data.count <= capacity,
      frame.identifier <= (frame.isExtended || frame.isError ? 0x1FFF_FFFF : 0x7FF)
    else { return nil }
    var word = frame.identifier
    if frame.isExtended { word |= extendedBit }
    if frame.isRemote { word |= remoteBit }
    if frame.isError { word |= errorBit }
    var bytes = [UInt8](repeating: 0, count: frame.isFlexible ? flexibleSize : classicSize)
    withUnsafeBytes(of: word) { source in
      for (place, byte) in source.enumerated() { bytes[place] = byte }
    }
    bytes[4] = UInt8(truncatingIfNeeded: frame.data.count)
    for (place, byte) in frame.data.enumerated() { bytes[8 + place] = byte }
    return bytes
  }

  /// The frame in bytes read from a CAN socket.
  ///
  /// - Parameter bytes: What one read gave.
  /// - Returns: The frame; nil when the bytes are none.
  public static func frame(in bytes: [UInt8]) -> CANFrame? {
    guard bytes.count == classicSize || bytes.count == flexibleSize else { return nil }
    let isFlexible = bytes.count == flexibleSize
    let count = Int(bytes[4])
    guard count <= (isFlexible ? 64 : 8) else { return nil }
    let word = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    let isExtended = word & extendedBit != 0
    return CANFrame(
      identifier: word & (isExtended || word & errorBit != 0 ? 0x1FFF_FFFF : 0x7FF),
      isExtended: isExtended, data: Array(bytes[8..<8 + count]), isRemote: word & remoteBit != 0,
      isError: word & errorBit != 0, isFlexible: isFlexible)
  }
}
