// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads big-endian fields from a data unit; running out is an error, never a trap.

/// Reads big-endian fields from a data unit.
struct ByteReader {
  private let bytes: [UInt8]
  /// Place of the next byte, from the start of the data unit.
  private(set) var offset = 0
  /// Type of the report item being read; decides which error running out gives.
  var item: UInt8?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  private func demand(_ count: Int) throws(CodecError) {
    guard count <= bytes.count - offset else {
      if let item {
        throw .itemTruncated(
          type: item, offset: offset, needed: count, found: bytes.count - offset)
      }
      throw .unitTruncated(offset: offset, needed: count, found: bytes.count - offset)
    }
  }

  mutating func byte() throws(CodecError) -> UInt8 {
    try demand(1)
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func word() throws(CodecError) -> UInt16 {
    try demand(2)
    defer { offset += 2 }
    return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
  }

  mutating func long() throws(CodecError) -> UInt32 {
    let high = try word()
    let low = try word()
    return UInt32(high) << 16 | UInt32(low)
  }

  mutating func bytes(_ count: Int) throws(CodecError) -> [UInt8] {
    try demand(count)
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  mutating func words(_ count: Int) throws(CodecError) -> [UInt16] {
    try demand(2 * count)
    var result: [UInt16] = []
    result.reserveCapacity(count)
    var place = offset
    for _ in 0..<count {
      result.append(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]))
      place += 2
    }
    offset = place
    return result
  }

  mutating func longs(_ count: Int) throws(CodecError) -> [UInt32] {
    try demand(4 * count)
    var result: [UInt32] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try long()) }
    return result
  }

  mutating func rest() -> [UInt8] {
    defer { offset = bytes.count }
    return Array(bytes[offset...])
  }

  mutating func value(_ kind: FieldKind) throws(CodecError) -> WireValue {
    switch kind.definition.byteCount {
    case 1: WireValue(kind, raw: UInt32(try byte()))
    case 2: WireValue(kind, raw: UInt32(try word()))
    default: WireValue(kind, raw: try long())
    }
  }

  /// A count of one byte with the number of elements that follow: none behind a sentinel.
  mutating func count8() throws(CodecError) -> (raw: UInt16, elements: Int) {
    let raw = try byte()
    return (UInt16(raw), raw >= 0xFE ? 0 : Int(raw))
  }

  /// A count of two bytes with the number of elements that follow: none behind a sentinel.
  mutating func count16() throws(CodecError) -> (raw: UInt16, elements: Int) {
    let raw = try word()
    return (raw, raw >= 0xFFFE ? 0 : Int(raw))
  }

  mutating func countedLongs8() throws(CodecError) -> Counted<UInt32> {
    let count = try count8()
    return Counted(rawCount: count.raw, elements: try longs(count.elements))
  }

  mutating func countedWords16() throws(CodecError) -> Counted<UInt16> {
    let count = try count16()
    return Counted(rawCount: count.raw, elements: try words(count.elements))
  }

  mutating func countedBytes16() throws(CodecError) -> Counted<UInt8> {
    let count = try count16()
    return Counted(rawCount: count.raw, elements: try bytes(count.elements))
  }

  mutating func time() throws(CodecError) -> WireTime {
    try demand(6)
    defer { offset += 6 }
    return WireTime(
      yearSince2000: bytes[offset], month: bytes[offset + 1], day: bytes[offset + 2],
      hour: bytes[offset + 3], minute: bytes[offset + 4], second: bytes[offset + 5])
  }
}
