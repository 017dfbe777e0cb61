// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The canonical binary image of a configuration: header, fields, checksum, signature slot.

extension PackConfiguration {
  /// Length of the image in bytes.
  public static var imageByteCount: Int {
    var sizer = ImageSizer()
    var configuration = Self()
    configuration.visit(&sizer)
    return ImageLayout.header + 4 * sizer.fields + ImageLayout.checksum + ImageLayout.signature
  }

  /// Length of the part of the image that the signature covers, in bytes.
  public static var signedByteCount: Int { imageByteCount - ImageLayout.signature }

  /// Writes the image: "ANBC", layout, cells, probes, length of the fields, the fields (four bytes
  /// each, numbers in single precision), CRC-32 of all that, number of the key, signature; least
  /// significant byte first.
  ///
  /// - Parameter buffer: At least ``imageByteCount`` bytes.
  /// - Returns: Count of bytes written.
  /// - Throws: ``ConfigurationError/bufferTooSmall(needed:found:)``, or
  ///   ``ConfigurationError/fieldOutOfRange(index:)`` and
  ///   ``ConfigurationError/inconsistent(_:)`` where reading would refuse the image.
  public func encode(into buffer: inout MutableSpan<UInt8>) throws(ConfigurationError) -> Int {
    let needed = Self.imageByteCount
    guard buffer.count >= needed else {
      throw .bufferTooSmall(needed: needed, found: buffer.count)
    }
    if let rule = inconsistency() { throw .inconsistent(rule) }
    let refused = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
      var writer = unsafe ImageWriter(bytes, from: 0)
      return write(with: &writer, count: needed)
    }
    if let refused { throw .fieldOutOfRange(index: refused) }
    var writer = Checksum()
    for index in 0..<Self.signedByteCount - ImageLayout.checksum { writer.add(buffer[index]) }
    let value = writer.value
    unsafe buffer.withUnsafeMutableBufferPointer { bytes in
      var tail = unsafe ImageWriter(bytes, from: Self.signedByteCount - ImageLayout.checksum)
      tail.put(value)
      tail.put(signature.key)
    }
    for index in signature.bytes.indices {
      buffer[Self.signedByteCount + 4 + index] = signature.bytes[index]
    }
    return needed
  }

  private func write(with writer: inout ImageWriter, count: Int) -> Int? {
    writer.put(ImageLayout.mark)
    writer.put(UInt32(Self.layout) | UInt32(truncatingIfNeeded: cells) << 16)
    writer.put(UInt32(truncatingIfNeeded: probes) & 0xFFFF)
    writer.put(
      UInt32(
        truncatingIfNeeded: count - ImageLayout.header - ImageLayout.checksum
          - ImageLayout.signature))
    var copy = self
    copy.visit(&writer)
    return writer.refused
  }

  /// Reads an image; nothing of a refused image is used.
  ///
  /// - Parameter image: The bytes, for example in flash; bytes behind the image are ignored.
  /// - Throws: ``ConfigurationError``; no byte pattern traps.
  /// - Complexity: O(bytes).
  public init(image: Span<UInt8>) throws(ConfigurationError) {
    let needed = Self.imageByteCount
    guard image.count >= 4, image.word(at: 0) == ImageLayout.mark else {
      if image.count < 4 { throw .truncated(needed: needed, found: image.count) }
      throw .notAnImage
    }
    guard let sizes = image.word(at: 4), let more = image.word(at: 8),
      let length = image.word(at: 12)
    else { throw .truncated(needed: needed, found: image.count) }
    let layout = UInt16(truncatingIfNeeded: sizes)
    guard layout == Self.layout else { throw .otherLayout(expected: Self.layout, found: layout) }
    guard sizes >> 16 == UInt32(truncatingIfNeeded: cells),
      more == UInt32(truncatingIfNeeded: probes)
    else {
      throw .otherPack(
        cells: UInt16(truncatingIfNeeded: sizes >> 16), probes: UInt16(truncatingIfNeeded: more))
    }
    guard image.count >= needed else { throw .truncated(needed: needed, found: image.count) }
    let body = needed - ImageLayout.signature - ImageLayout.checksum
    guard length == UInt32(truncatingIfNeeded: body - ImageLayout.header),
      let stored = image.word(at: body)
    else { throw .otherLayout(expected: Self.layout, found: layout) }
    let computed = Checksum.of(image, count: body)
    guard stored == computed else { throw .checksum(expected: stored, found: computed) }
    self.init()
    let refused = unsafe image.withUnsafeBufferPointer { bytes in
      var reader = unsafe ImageReader(bytes, from: ImageLayout.header)
      visit(&reader)
      return reader.refused
    }
    if let refused { throw .fieldOutOfRange(index: refused) }
    if let rule = inconsistency() { throw .inconsistent(rule) }
    signature.key = image.word(at: body + ImageLayout.checksum) ?? 0
    for index in signature.bytes.indices {
      signature.bytes[index] = image[body + ImageLayout.checksum + 4 + index]
    }
  }
}

extension Span<UInt8> {
  /// Four bytes, least significant first; nil beyond the end.
  func word(at position: Int) -> UInt32? {
    guard position >= 0, position <= count - 4 else { return nil }
    var word: UInt32 = 0
    for offset in 0..<4 { word |= UInt32(self[position + offset]) << UInt32(8 * offset) }
    return word
  }
}
