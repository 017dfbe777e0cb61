// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Bytes of state that survive sleep and a loss of power, with a checksum.

/// A fixed number of bytes into which state is written and from which it is read, in order.
///
/// Layout: "ANST", layout number, length of the content, content, CRC-32 of all before it; least
/// significant byte first. Reading checks mark, layout, length and checksum before any content is
/// used, and no byte pattern traps.
public struct StateImage<let capacity: Int>: Sendable, BitwiseCopyable {
  /// The bytes; those behind `count` have no meaning.
  public var bytes: InlineArray<capacity, UInt8> = InlineArray(repeating: 0)
  /// Number of bytes written, or to be read.
  public private(set) var count = 0
  private var position = 0
  /// Whether everything fitted and every value read was there.
  public private(set) var isWhole = true

  /// "ANST", least significant byte first.
  private static var mark: UInt32 { 0x5453_4E41 }
  private static var header: Int { 12 }

  /// An empty image.
  public init() {}

  /// Begins an image to be written.
  ///
  /// - Parameter layout: Number of the layout of the content.
  /// - Returns: An image that holds the header.
  public static func writing(layout: UInt32) -> StateImage {
    var image = StateImage()
    image.put(mark)
    image.put(layout)
    image.put(UInt32(0))
    return image
  }

  /// Ends an image that is written: length and checksum.
  public mutating func seal() {
    let length = UInt32(truncatingIfNeeded: position - Self.header)
    for place in 0..<4 where capacity >= Self.header {
      bytes[8 + place] = UInt8(truncatingIfNeeded: length >> UInt32(8 * place))
    }
    put(checksum(to: position))
    count = isWhole ? position : 0
  }

  /// Begins to read an image.
  ///
  /// - Parameters:
  ///   - layout: The layout expected.
  ///   - bytes: The stored bytes; what does not fit the capacity is ignored.
  /// - Returns: nil where mark, layout, length or checksum do not fit.
  public static func reading(layout: UInt32, from bytes: Span<UInt8>) -> StateImage? {
    var image = StateImage()
    let available = min(bytes.count, capacity)
    for place in 0..<available { image.bytes[place] = bytes[place] }
    image.count = available
    guard image.word() == mark, image.word() == layout else { return nil }
    let length = Int(truncatingIfNeeded: image.word())
    guard length >= 0, length <= available - Self.header - 4 else { return nil }
    let end = Self.header + length
    let computed = image.checksum(to: end)
    image.position = end
    guard image.word() == computed, image.isWhole else { return nil }
    image.position = Self.header
    image.count = end
    return image
  }

  /// Whether reading used exactly what was written.
  public var isExhausted: Bool { isWhole && position == count }

  private func checksum(to end: Int) -> UInt32 {
    var checksum = Checksum()
    for place in 0..<min(max(end, 0), capacity) { checksum.add(bytes[place]) }
    return checksum.value
  }

  /// Writes one byte.
  public mutating func put(_ byte: UInt8) {
    guard position < capacity else {
      isWhole = false
      return
    }
    bytes[position] = byte
    position += 1
  }

  /// Writes four bytes.
  public mutating func put(_ word: UInt32) {
    for place in 0..<4 { put(UInt8(truncatingIfNeeded: word >> UInt32(8 * place))) }
  }

  /// Writes eight bytes.
  public mutating func put(_ word: UInt64) {
    put(UInt32(truncatingIfNeeded: word))
    put(UInt32(truncatingIfNeeded: word >> 32))
  }

  /// Writes a number in single precision.
  public mutating func put<Real: CoreReal>(real value: Real) { put(Float(value).bitPattern) }

  /// Reads one byte; 0 beyond the end.
  public mutating func byte() -> UInt8 {
    guard position < count, position < capacity else {
      isWhole = false
      return 0
    }
    position += 1
    return bytes[position - 1]
  }

  /// Reads four bytes.
  public mutating func word() -> UInt32 {
    var word: UInt32 = 0
    for place in 0..<4 { word |= UInt32(byte()) << UInt32(8 * place) }
    return word
  }

  /// Reads eight bytes.
  public mutating func longWord() -> UInt64 {
    let low = UInt64(word())
    return low | UInt64(word()) << 32
  }

  /// Reads a number; one that is not finite makes the image broken.
  public mutating func real<Real: CoreReal>() -> Real {
    let value = Float(bitPattern: word())
    guard value.isFinite else {
      isWhole = false
      return 0
    }
    return Real(value)
  }
}
