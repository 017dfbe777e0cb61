// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Modbus over TCP and over a serial line.

/// A Modbus message with its TCP header.
public struct ModbusTCPFrame: Hashable, Sendable {
  /// Number that ties an answer to its request.
  public var transaction: UInt16
  /// Number of the device behind the address.
  public var unit: UInt8
  /// The protocol data unit.
  public var pdu: [UInt8]

  /// Longest protocol data unit.
  public static let longestPDU = 253

  /// Creates a frame.
  public init(transaction: UInt16, unit: UInt8, pdu: [UInt8]) {
    self.transaction = transaction
    self.unit = unit
    self.pdu = pdu
  }

  /// The bytes on the wire.
  ///
  /// - Returns: Header and protocol data unit.
  /// - Throws: ``ModbusError/badLength(_:)`` for an empty or too long unit.
  public func encoded() throws(ModbusError) -> [UInt8] {
    guard pdu.count >= 1, pdu.count <= Self.longestPDU else { throw .badLength(pdu.count) }
    var writer = ByteWriter()
    writer.word(transaction)
    writer.word(0)
    writer.word(UInt16(truncatingIfNeeded: pdu.count + 1))
    writer.byte(unit)
    writer.append(pdu)
    return writer.bytes
  }
}

/// Cuts a TCP stream into Modbus frames.
///
/// A wrong header cannot be stepped over, for the stream has no marks: close the connection.
public struct ModbusTCPDecoder: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0

  /// Creates a decoder.
  public init() {}

  /// Adds received bytes.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next frame; nil when more bytes are needed.
  ///
  /// - Throws: ``ModbusError/badProtocol(_:)`` or ``ModbusError/badLength(_:)``.
  public mutating func next() throws(ModbusError) -> ModbusTCPFrame? {
    guard buffer.count - start >= 7 else { return nil }
    func word(_ offset: Int) -> UInt16 {
      UInt16(buffer[start + offset]) << 8 | UInt16(buffer[start + offset + 1])
    }
    guard word(2) == 0 else { throw .badProtocol(word(2)) }
    let length = Int(word(4))
    guard length >= 2, length <= ModbusTCPFrame.longestPDU + 1 else { throw .badLength(length) }
    guard buffer.count - start >= 6 + length else { return nil }
    let frame = ModbusTCPFrame(
      transaction: word(0), unit: buffer[start + 6],
      pdu: Array(buffer[start + 7..<start + 6 + length]))
    start += 6 + length
    return frame
  }
}

/// Modbus frames on a serial line (RTU).
public enum ModbusSerial {
  /// The checksum of bytes: polynomial 0xA001, start 0xFFFF, low byte sent first.
  public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var value: UInt16 = 0xFFFF
    for byte in bytes {
      value ^= UInt16(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xA001 : value >> 1 }
    }
    return value
  }

  /// The bytes of a frame.
  public static func frame(unit: UInt8, pdu: [UInt8]) -> [UInt8] {
    let body = [unit] + pdu
    let check = checksum(body)
    return body + [UInt8(truncatingIfNeeded: check), UInt8(truncatingIfNeeded: check >> 8)]
  }

  /// Unit and protocol data unit of a whole frame.
  ///
  /// - Returns: Number of the device and the protocol data unit.
  /// - Throws: ``ModbusError/truncated(needed:found:)`` or
  ///   ``ModbusError/checksumMismatch(computed:found:)``.
  public static func content(of frame: [UInt8]) throws(ModbusError) -> (unit: UInt8, pdu: [UInt8]) {
    guard frame.count >= 4 else { throw .truncated(needed: 4, found: frame.count) }
    let computed = checksum(frame[..<(frame.count - 2)])
    let found = UInt16(frame[frame.count - 1]) << 8 | UInt16(frame[frame.count - 2])
    guard computed == found else { throw .checksumMismatch(computed: computed, found: found) }
    return (frame[0], Array(frame[1..<frame.count - 2]))
  }
}
