// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Modbus requests and responses (MODBUS Application Protocol V1.1b3).

/// What is wrong with a Modbus message.
public enum ModbusError: Error, Hashable, Sendable {
  /// The message ends before its fields do.
  case truncated(needed: Int, found: Int)
  /// Bytes follow the message.
  case trailingBytes(Int)
  /// The function code is not one of those handled.
  case unknownFunction(UInt8)
  /// A count is zero or above the limit of its function.
  case badCount(Int, limit: Int)
  /// The byte count in a message differs from what its other fields demand.
  case byteCountMismatch(stated: Int, needed: Int)
  /// The protocol number of a TCP header is not zero.
  case badProtocol(UInt16)
  /// The length in a TCP header is none of a message.
  case badLength(Int)
  /// The checksum of a serial frame differs.
  case checksumMismatch(computed: UInt16, found: UInt16)
}

/// A request of a client.
public enum ModbusRequest: Hashable, Sendable {
  /// Reads coils: function 1.
  case readCoils(address: UInt16, count: UInt16)
  /// Reads discrete inputs: function 2.
  case readDiscreteInputs(address: UInt16, count: UInt16)
  /// Reads holding registers: function 3.
  case readHoldingRegisters(address: UInt16, count: UInt16)
  /// Reads input registers: function 4.
  case readInputRegisters(address: UInt16, count: UInt16)
  /// Writes one coil: function 5.
  case writeCoil(address: UInt16, isOn: Bool)
  /// Writes one register: function 6.
  case writeRegister(address: UInt16, value: UInt16)
  /// Writes registers: function 16.
  case writeRegisters(address: UInt16, values: [UInt16])

  /// Most registers in one read.
  public static let registerReadLimit = 125
  /// Most registers in one write.
  public static let registerWriteLimit = 123
  /// Most coils or inputs in one read.
  public static let bitReadLimit = 2_000

  /// The function code.
  public var function: UInt8 {
    switch self {
    case .readCoils: 1
    case .readDiscreteInputs: 2
    case .readHoldingRegisters: 3
    case .readInputRegisters: 4
    case .writeCoil: 5
    case .writeRegister: 6
    case .writeRegisters: 16
    }
  }

  /// The protocol data unit.
  ///
  /// - Returns: Function code and fields.
  /// - Throws: ``ModbusError/badCount(_:limit:)``.
  public func encoded() throws(ModbusError) -> [UInt8] {
    var writer = ByteWriter()
    writer.byte(function)
    switch self {
    case .readCoils(let address, let count), .readDiscreteInputs(let address, let count):
      try Self.check(count, Self.bitReadLimit)
      writer.word(address)
      writer.word(count)
    case .readHoldingRegisters(let address, let count), .readInputRegisters(let address, let count):
      try Self.check(count, Self.registerReadLimit)
      writer.word(address)
      writer.word(count)
    case .writeCoil(let address, let isOn):
      writer.word(address)
      writer.word(isOn ? 0xFF00 : 0)
    case .writeRegister(let address, let value):
      writer.word(address)
      writer.word(value)
    case .writeRegisters(let address, let values):
      let count = UInt16(clamping: values.count)
      try Self.check(count, Self.registerWriteLimit)
      writer.word(address)
      writer.word(count)
      writer.byte(UInt8(truncatingIfNeeded: 2 * values.count))
      writer.words(values)
    }
    return writer.bytes
  }

  /// Decodes a protocol data unit.
  ///
  /// - Throws: ``ModbusError``.
  public init(pdu: [UInt8]) throws(ModbusError) {
    var reader = ModbusReader(pdu)
    let function = try reader.byte()
    switch function {
    case 1...4:
      let address = try reader.word()
      let count = try reader.word()
      try Self.check(count, function <= 2 ? Self.bitReadLimit : Self.registerReadLimit)
      self =
        switch function {
        case 1: .readCoils(address: address, count: count)
        case 2: .readDiscreteInputs(address: address, count: count)
        case 3: .readHoldingRegisters(address: address, count: count)
        default: .readInputRegisters(address: address, count: count)
        }
    case 5:
      let address = try reader.word()
      let value = try reader.word()
      guard value == 0 || value == 0xFF00 else { throw .badCount(Int(value), limit: 0xFF00) }
      self = .writeCoil(address: address, isOn: value != 0)
    case 6:
      let address = try reader.word()
      self = .writeRegister(address: address, value: try reader.word())
    case 16:
      let address = try reader.word()
      let count = try reader.word()
      try Self.check(count, Self.registerWriteLimit)
      let stated = Int(try reader.byte())
      guard stated == 2 * Int(count) else {
        throw .byteCountMismatch(stated: stated, needed: 2 * Int(count))
      }
      self = .writeRegisters(address: address, values: try reader.words(Int(count)))
    default: throw .unknownFunction(function)
    }
    try reader.finish()
  }

  private static func check(_ count: UInt16, _ limit: Int) throws(ModbusError) {
    guard count >= 1, Int(count) <= limit else { throw .badCount(Int(count), limit: limit) }
  }
}

/// The answer of a server.
public enum ModbusResponse: Hashable, Sendable {
  /// Coils or discrete inputs; the last byte may hold more bits than were asked for.
  case bits(function: UInt8, [Bool])
  /// Registers.
  case registers(function: UInt8, [UInt16])
  /// A write was done: the first address and the value or count written.
  case written(function: UInt8, address: UInt16, value: UInt16)
  /// The request was refused.
  case refused(function: UInt8, code: UInt8)

  /// What an exception code says.
  public static func meaning(of code: UInt8) -> StaticString {
    switch code {
    case 1: "function not supported"
    case 2: "no such address"
    case 3: "value not allowed"
    case 4: "device failure"
    case 5: "accepted, takes time"
    case 6: "busy"
    case 8: "memory parity error"
    case 10: "gateway path unavailable"
    case 11: "device behind the gateway does not answer"
    default: "unknown exception"
    }
  }

  /// The protocol data unit.
  ///
  /// - Returns: Function code and fields.
  /// - Throws: ``ModbusError/badCount(_:limit:)``.
  public func encoded() throws(ModbusError) -> [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .bits(let function, let bits):
      guard bits.count <= ModbusRequest.bitReadLimit else {
        throw .badCount(bits.count, limit: ModbusRequest.bitReadLimit)
      }
      writer.byte(function)
      writer.byte(UInt8(truncatingIfNeeded: (bits.count + 7) / 8))
      for start in stride(from: 0, to: bits.count, by: 8) {
        var byte: UInt8 = 0
        for place in start..<min(start + 8, bits.count) where bits[place] {
          byte |= 1 << UInt8(place - start)
        }
        writer.byte(byte)
      }
    case .registers(let function, let values):
      guard values.count <= ModbusRequest.registerReadLimit else {
        throw .badCount(values.count, limit: ModbusRequest.registerReadLimit)
      }
      writer.byte(function)
      writer.byte(UInt8(truncatingIfNeeded: 2 * values.count))
      writer.words(values)
    case .written(let function, let address, let value):
      writer.byte(function)
      writer.word(address)
      writer.word(value)
    case .refused(let function, let code):
      writer.byte(function | 0x80)
      writer.byte(code)
    }
    return writer.bytes
  }

  /// Decodes a protocol data unit.
  ///
  /// - Throws: ``ModbusError``.
  public init(pdu: [UInt8]) throws(ModbusError) {
    var reader = ModbusReader(pdu)
    let function = try reader.byte()
    switch function {
    case 0x80...:
      self = .refused(function: function & 0x7F, code: try reader.byte())
    case 1, 2:
      let count = Int(try reader.byte())
      var bits: [Bool] = []
      bits.reserveCapacity(8 * count)
      for _ in 0..<count {
        let byte = try reader.byte()
        for place: UInt8 in 0..<8 { bits.append(byte >> place & 1 == 1) }
      }
      self = .bits(function: function, bits)
    case 3, 4:
      let count = Int(try reader.byte())
      guard count.isMultiple(of: 2) else {
        throw .byteCountMismatch(stated: count, needed: count + 1)
      }
      self = .registers(function: function, try reader.words(count / 2))
    case 5, 6, 15, 16:
      let address = try reader.word()
      self = .written(function: function, address: address, value: try reader.word())
    default: throw .unknownFunction(function)
    }
    try reader.finish()
  }
}

/// Reads the fields of a Modbus message.
struct ModbusReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func byte() throws(ModbusError) -> UInt8 {
    guard place < bytes.count else { throw .truncated(needed: place + 1, found: bytes.count) }
    place += 1
    return bytes[place - 1]
  }

  mutating func word() throws(ModbusError) -> UInt16 {
    let high = try byte()
    return UInt16(high) << 8 | UInt16(try byte())
  }

  mutating func words(_ count: Int) throws(ModbusError) -> [UInt16] {
    guard bytes.count - place >= 2 * count else {
      throw .truncated(needed: place + 2 * count, found: bytes.count)
    }
    var values: [UInt16] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try word()) }
    return values
  }

  func finish() throws(ModbusError) {
    guard place == bytes.count else { throw .trailingBytes(bytes.count - place) }
  }
}
