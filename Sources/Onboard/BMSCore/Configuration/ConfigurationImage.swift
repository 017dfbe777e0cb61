// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Writing and reading the fields of a configuration as bytes, with bounds checks.

/// Layout of an image: header, fields, checksum, signature.
enum ImageLayout {
  /// "ANBC", least significant byte first.
  static var mark: UInt32 { 0x4342_4E41 }
  /// Mark 4, layout 2, cells 2, probes 2, reserved 2, count of field bytes 4.
  static var header: Int { 16 }
  /// CRC-32 of header and fields.
  static var checksum: Int { 4 }
  /// Key number 4, signature 64.
  static var signature: Int { 68 }
}

/// Counts the bytes of the fields, four each.
struct ImageSizer: ConfigurationVisitor {
  var fields = 0

  mutating func number<Real: CoreReal>(
    _ value: inout Real, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString
  ) { fields += 1 }

  mutating func integer<I: FixedWidthInteger>(
    _ value: inout I, _ key: StaticString, in range: ClosedRange<UInt32>, _ meaning: StaticString
  ) { fields += 1 }

  mutating func flag(_ value: inout Bool, _ key: StaticString, _ meaning: StaticString) {
    fields += 1
  }

  mutating func numbers<let n: Int, Real: CoreReal>(
    _ values: inout InlineArray<n, Real>, _ key: StaticString, unit: StaticString,
    in range: ClosedRange<Double>, _ meaning: StaticString
  ) { fields += n }

  mutating func integers<let n: Int, I: FixedWidthInteger>(
    _ values: inout InlineArray<n, I>, _ key: StaticString, in range: ClosedRange<UInt32>,
    _ meaning: StaticString
  ) { fields += n }

  mutating func matrix<let rows: Int, let columns: Int, Real: CoreReal>(
    _ values: inout InlineArray<rows, InlineArray<columns, Real>>, _ key: StaticString,
    unit: StaticString, in range: ClosedRange<Double>, _ meaning: StaticString
  ) { fields += rows * columns }

  mutating func part<P: ConfigurationPart>(
    _ part: inout P, _ key: StaticString, _ meaning: StaticString
  ) { part.visit(&self) }

  mutating func parts<let n: Int, P: ConfigurationPart>(
    _ parts: inout InlineArray<n, P>, _ key: StaticString, _ meaning: StaticString
  ) {
    for index in parts.indices { parts[index].visit(&self) }
  }
}

/// What a transfer of fields needs of its direction: one word out, or one word in.
protocol ImageTransfer: ConfigurationVisitor {
  /// The bytes of the next field; `word` is what the configuration holds now.
  ///
  /// - Returns: What it holds afterwards.
  mutating func transfer(_ word: UInt32) -> UInt32
  /// Takes note that the field just transferred is out of range.
  mutating func refuse()
}

extension ImageTransfer {
  mutating func one<Real: CoreReal>(_ value: Real, in range: ClosedRange<Double>) -> Real {
    let word = transfer(Float(value).bitPattern)
    let read = Float(bitPattern: word)
    guard Double(read) >= range.lowerBound.asSingle, Double(read) <= range.upperBound.asSingle
    else {
      refuse()
      return value
    }
    return Real(read)
  }

  mutating func one<I: FixedWidthInteger>(_ value: I, in range: ClosedRange<UInt32>) -> I {
    let word = transfer(UInt32(truncatingIfNeeded: value))
    guard word >= range.lowerBound, word <= range.upperBound, let read = I(exactly: word) else {
      refuse()
      return value
    }
    return read
  }

  mutating func number<Real: CoreReal>(
    _ value: inout Real, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString
  ) { value = one(value, in: range) }

  mutating func integer<I: FixedWidthInteger>(
    _ value: inout I, _ key: StaticString, in range: ClosedRange<UInt32>, _ meaning: StaticString
  ) { value = one(value, in: range) }

  mutating func flag(_ value: inout Bool, _ key: StaticString, _ meaning: StaticString) {
    value = one(value ? UInt8(1) : 0, in: 0...1) == 1
  }

  mutating func numbers<let n: Int, Real: CoreReal>(
    _ values: inout InlineArray<n, Real>, _ key: StaticString, unit: StaticString,
    in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    for index in values.indices { values[index] = one(values[index], in: range) }
  }

  mutating func integers<let n: Int, I: FixedWidthInteger>(
    _ values: inout InlineArray<n, I>, _ key: StaticString, in range: ClosedRange<UInt32>,
    _ meaning: StaticString
  ) {
    for index in values.indices { values[index] = one(values[index], in: range) }
  }

  mutating func matrix<let rows: Int, let columns: Int, Real: CoreReal>(
    _ values: inout InlineArray<rows, InlineArray<columns, Real>>, _ key: StaticString,
    unit: StaticString, in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    for row in values.indices {
      for column in values[row].indices {
        values[row][column] = one(values[row][column], in: range)
      }
    }
  }

  mutating func part<P: ConfigurationPart>(
    _ part: inout P, _ key: StaticString, _ meaning: StaticString
  ) { part.visit(&self) }

  mutating func parts<let n: Int, P: ConfigurationPart>(
    _ parts: inout InlineArray<n, P>, _ key: StaticString, _ meaning: StaticString
  ) {
    for index in parts.indices { parts[index].visit(&self) }
  }
}

extension Double {
  /// The bound as it reads after a trip through single precision.
  var asSingle: Double { Double(Float(self)) }
}

/// Reads fields out of bytes; beyond their end and out of range the field keeps its value.
///
/// Safe: the pointer is read in ``transfer(_:)`` only, behind a check of its bounds, and the reader
/// lives inside the closure that lends the pointer.
@safe struct ImageReader: ImageTransfer {
  let bytes: UnsafeBufferPointer<UInt8>
  var position: Int
  var field = 0
  /// The first field refused, counted from 0.
  var refused: Int?

  init(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int) {
    unsafe self.bytes = bytes
    self.position = position
  }

  mutating func transfer(_ word: UInt32) -> UInt32 {
    field += 1
    guard position >= 0, unsafe position + 4 <= bytes.count else {
      refuse()
      return word
    }
    var read: UInt32 = 0
    for offset in 0..<4 {
      unsafe read |= UInt32(bytes[position + offset]) << UInt32(8 * offset)
    }
    position += 4
    return read
  }

  mutating func refuse() {
    if refused == nil { refused = field - 1 }
  }
}

/// Writes fields into bytes; what does not fit is counted, not written.
///
/// Safe for the same reasons as ``ImageReader``.
@safe struct ImageWriter: ImageTransfer {
  let bytes: UnsafeMutableBufferPointer<UInt8>
  var position: Int
  var field = 0
  /// The first field out of its range, counted from 0.
  var refused: Int?

  init(_ bytes: UnsafeMutableBufferPointer<UInt8>, from position: Int) {
    unsafe self.bytes = bytes
    self.position = position
  }

  mutating func transfer(_ word: UInt32) -> UInt32 {
    field += 1
    put(word)
    return word
  }

  mutating func put(_ word: UInt32) {
    if position >= 0, unsafe position + 4 <= bytes.count {
      for offset in 0..<4 {
        unsafe bytes[position + offset] = UInt8(truncatingIfNeeded: word >> UInt32(8 * offset))
      }
    }
    position += 4
  }

  mutating func refuse() {
    if refused == nil { refused = field - 1 }
  }
}
