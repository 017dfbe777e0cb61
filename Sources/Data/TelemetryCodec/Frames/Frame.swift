// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One frame: header fields and the data unit as bytes.

/// One frame: the fields of its header and the data unit as it was sent.
///
/// On the wire: start byte twice, command, answer flag, 17 identifying bytes, encryption, length of
/// the data unit in two bytes, data unit, exclusive-or of everything between start and check byte.
public struct Frame: Hashable, Sendable {
  /// The edition that the start bytes name.
  public var edition: Edition
  /// What the frame is about.
  public var command: Command
  /// Request or which answer.
  public var acknowledgement: Acknowledgement
  /// The vehicle or platform concerned.
  public var identifier: UniqueIdentifier
  /// How the data unit is encrypted.
  public var encryption: Encryption
  /// The data unit as sent; ciphertext when encrypted.
  public var unit: [UInt8]

  /// Bytes of the header, from the start bytes to the length.
  public static let headerByteCount = 24
  /// Bytes of a frame around its data unit: header and check byte.
  public static let overheadByteCount = 25
  /// Longest data unit that the length field may state.
  public static let longestUnit = 65_531

  /// Creates a frame; the default is an unencrypted request.
  public init(
    edition: Edition, command: Command, acknowledgement: Acknowledgement = .request,
    identifier: UniqueIdentifier, encryption: Encryption = .none, unit: [UInt8] = []
  ) {
    self.edition = edition
    self.command = command
    self.acknowledgement = acknowledgement
    self.identifier = identifier
    self.encryption = encryption
    self.unit = unit
  }

  /// Whether the frame is an answer, which must not itself be answered.
  public var isAnswer: Bool { acknowledgement != .request }

  /// The six time bytes at the start of the data unit; nil where the command has none, the unit
  /// is too short or it is encrypted.
  public var time: WireTime? {
    guard encryption == .none, command.startsWithTime || isAnswer, unit.count >= 6 else {
      return nil
    }
    return WireTime(
      yearSince2000: unit[0], month: unit[1], day: unit[2], hour: unit[3], minute: unit[4],
      second: unit[5])
  }

  /// The bytes on the wire.
  ///
  /// - Throws: ``CodecError/unitTooLong(length:limit:)`` if the length field cannot state the
  ///   length of the data unit.
  /// - Complexity: O(n) in the length of the data unit.
  public func encoded() throws(CodecError) -> [UInt8] {
    guard unit.count <= Self.longestUnit else {
      throw .unitTooLong(length: unit.count, limit: Self.longestUnit)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.overheadByteCount + unit.count)
    bytes.append(edition.startByte)
    bytes.append(edition.startByte)
    bytes.append(command.rawValue)
    bytes.append(acknowledgement.rawValue)
    bytes.append(contentsOf: identifier.bytes)
    bytes.append(encryption.rawValue)
    bytes.append(UInt8(truncatingIfNeeded: unit.count >> 8))
    bytes.append(UInt8(truncatingIfNeeded: unit.count))
    bytes.append(contentsOf: unit)
    var check: UInt8 = 0
    for byte in bytes[2...] { check ^= byte }
    bytes.append(check)
    return bytes
  }

  /// The answer to this frame: same edition, command, identifier and encryption, the data unit
  /// cut down to the time of the request.
  ///
  /// - Parameters:
  ///   - acknowledgement: What the answer says.
  ///   - time: Time to send instead of the request's, for a time synchronisation.
  /// - Returns: The answer; without a data unit where the request had no readable time.
  public func answer(_ acknowledgement: Acknowledgement, time: WireTime? = nil) -> Frame {
    var answer = self
    answer.acknowledgement = acknowledgement
    var writer = ByteWriter()
    if let time = time ?? self.time { writer.time(time) }
    answer.unit = writer.bytes
    return answer
  }

  /// Decodes exactly one frame.
  ///
  /// - Parameters:
  ///   - bytes: The whole frame and nothing else.
  ///   - maximumUnitLength: Longest data unit to accept.
  /// - Throws: ``CodecError`` naming the first thing that is wrong.
  /// - Complexity: O(n) in the number of bytes.
  public init(bytes: [UInt8], maximumUnitLength: Int = Frame.longestUnit) throws(CodecError) {
    guard bytes.count >= Self.overheadByteCount else {
      if bytes.count >= 2 { _ = try Self.edition(bytes[0], bytes[1]) }
      throw .incomplete(needed: Self.overheadByteCount, found: bytes.count)
    }
    let edition = try Self.edition(bytes[0], bytes[1])
    let command = Command(rawValue: bytes[2])
    let acknowledgement = Acknowledgement(rawValue: bytes[3])
    let encryption = Encryption(rawValue: bytes[21])
    // A reserved command is believed in a whole frame with a right check byte alone; in a stream, where
    // a false start would cost a wait, it is not.
    let isReserved = !command.isPlausible
    guard !isReserved || command.isReserved else { throw .badHeader(offset: 2, value: bytes[2]) }
    guard acknowledgement.isPlausible else { throw .badHeader(offset: 3, value: bytes[3]) }
    guard encryption.isPlausible else { throw .badHeader(offset: 21, value: bytes[21]) }
    let length = Int(bytes[22]) << 8 | Int(bytes[23])
    let limit = min(maximumUnitLength, Self.longestUnit)
    guard length <= limit else { throw .unitTooLong(length: length, limit: limit) }
    let total = Self.overheadByteCount + length
    if isReserved, bytes.count != total { throw .badHeader(offset: 2, value: bytes[2]) }
    guard bytes.count >= total else { throw .incomplete(needed: total, found: bytes.count) }
    guard bytes.count == total else { throw .trailingBytes(count: bytes.count - total) }
    var check: UInt8 = 0
    for byte in bytes[2..<total - 1] { check ^= byte }
    guard check == bytes[total - 1] else {
      if isReserved { throw .badHeader(offset: 2, value: bytes[2]) }
      throw .checksumMismatch(computed: check, found: bytes[total - 1])
    }
    guard let identifier = UniqueIdentifier(bytes: Array(bytes[4..<21])) else {
      throw .wrongLength(found: 0, expected: UniqueIdentifier.byteCount)
    }
    self.init(
      edition: edition, command: command, acknowledgement: acknowledgement,
      identifier: identifier, encryption: encryption, unit: Array(bytes[24..<total - 1]))
  }

  private static func edition(_ first: UInt8, _ second: UInt8) throws(CodecError) -> Edition {
    guard first == second, let edition = Edition(rawValue: first) else {
      throw .badStart(first, second)
    }
    return edition
  }
}
