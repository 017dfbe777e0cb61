// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Writes big-endian fields of a data unit, checking kinds and counts.

/// Writes big-endian fields of a data unit.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func word(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  mutating func long(_ value: UInt32) {
    word(UInt16(truncatingIfNeeded: value >> 16))
    word(UInt16(truncatingIfNeeded: value))
  }

  mutating func append(_ values: [UInt8]) { bytes.append(contentsOf: values) }

  mutating func exactly(_ count: Int, _ values: [UInt8]) throws(CodecError) {
    guard values.count == count else {
      throw .wrongLength(found: values.count, expected: count)
    }
    bytes.append(contentsOf: values)
  }

  mutating func lengthPrefixed(_ values: [UInt8]) throws(CodecError) {
    guard values.count <= 0xFFFF else {
      throw .listTooLong(elements: values.count, limit: 0xFFFF)
    }
    word(UInt16(truncatingIfNeeded: values.count))
    append(values)
  }

  mutating func value(_ value: WireValue, as kind: FieldKind) throws(CodecError) {
    guard value.kind == kind else { throw .wrongField(found: value.kind, expected: kind) }
    let raw = value.raw & kind.definition.allOnes
    switch kind.definition.byteCount {
    case 1: byte(UInt8(truncatingIfNeeded: raw))
    case 2: word(UInt16(truncatingIfNeeded: raw))
    default: long(raw)
    }
  }

  mutating func count8<Element>(of list: Counted<Element>) throws(CodecError) {
    byte(UInt8(truncatingIfNeeded: try list.checkedCount(bytes: 1)))
  }

  mutating func count16<Element>(of list: Counted<Element>) throws(CodecError) {
    word(try list.checkedCount(bytes: 2))
  }

  mutating func countedLongs8(_ list: Counted<UInt32>) throws(CodecError) {
    try count8(of: list)
    for element in list.elements { long(element) }
  }

  mutating func words(_ values: [UInt16]) {
    bytes.reserveCapacity(bytes.count + 2 * values.count)
    for value in values { word(value) }
  }

  mutating func time(_ time: WireTime) {
    byte(time.yearSince2000)
    byte(time.month)
    byte(time.day)
    byte(time.hour)
    byte(time.minute)
    byte(time.second)
  }
}
