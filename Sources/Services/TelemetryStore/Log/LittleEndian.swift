// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers in byte arrays: fixed little-endian and variable length.

/// Writes numbers into a growing byte array.
struct ByteSink {
  var bytes: [UInt8] = []

  mutating func fixed<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Seven bits a byte, least significant first.
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func count(_ value: Int) { varint(UInt64(value)) }
  mutating func signed(_ value: Int64) { varint(value.zigzag) }
}

/// Bytes end too early or hold a number that cannot be.
struct MalformedBytes: Error, Hashable, Sendable {}

/// Reads numbers from a byte array; running out is an error.
struct ByteSource {
  let bytes: [UInt8]
  private(set) var offset: Int
  let end: Int

  init(_ bytes: [UInt8], from offset: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    self.offset = offset
    self.end = min(bytes.count, end ?? bytes.count)
  }

  var remaining: Int { end - offset }

  mutating func fixed<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self
  ) throws(MalformedBytes) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw MalformedBytes() }
    defer { offset += size }
    return bytes.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
  }

  mutating func byte() throws(MalformedBytes) -> UInt8 {
    guard remaining > 0 else { throw MalformedBytes() }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func varint() throws(MalformedBytes) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      guard shift < 63 || next <= 1 else { throw MalformedBytes() }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  /// A count that must not exceed a limit, so that damaged bytes cannot claim memory.
  mutating func count(upTo limit: Int) throws(MalformedBytes) -> Int {
    let value = try varint()
    guard value <= UInt64(limit) else { throw MalformedBytes() }
    return Int(value)
  }

  mutating func signed() throws(MalformedBytes) -> Int64 { Int64(zigzag: try varint()) }

  mutating func take(_ count: Int) throws(MalformedBytes) -> [UInt8] {
    guard count >= 0, remaining >= count else { throw MalformedBytes() }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  mutating func skip(_ count: Int) throws(MalformedBytes) {
    guard count >= 0, remaining >= count else { throw MalformedBytes() }
    offset += count
  }
}

extension Int64 {
  /// Small magnitudes of both signs as small unsigned numbers: 0, −1, 1, −2 become 0, 1, 2, 3.
  var zigzag: UInt64 { UInt64(bitPattern: (self << 1) ^ (self >> 63)) }

  /// The inverse of ``zigzag``.
  init(zigzag value: UInt64) {
    self = Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}
