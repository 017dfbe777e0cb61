// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Checks one variable of a MATLAB v5 file: checksum, sizes and nesting.

import CZlib

/// Checks one variable of a MATLAB v5 file so that libmatio only sees well-formed ones.
///
/// libmatio 1.5 trusts the sizes inside a matrix. Here every size is compared with what is there,
/// and the checksum of compressed variables with their content.
enum MatElement {
  /// Most bytes that one compressed variable may become.
  private static let mostInflated = 1 << 30
  /// Nesting deeper than any battery data set's.
  private static let deepest = 24

  /// Checks one element.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - range: The element with its tag.
  ///   - compressed: Whether its content is a zlib stream.
  ///   - little: Whether words are little-endian.
  ///   - file: Path for errors.
  ///   - variable: Number of the variable, from 1, for errors.
  /// - Throws: ``FileError`` when the content is damaged.
  static func check(
    _ bytes: [UInt8], _ range: Range<Int>, compressed: Bool, little: Bool, file: String,
    variable: Int
  ) throws(FileError) {
    let damaged = FileError.malformed(
      file: file, row: nil, column: "variable \(variable)",
      expected: "a well-formed MATLAB variable", found: "sizes or a checksum that do not match")
    if compressed {
      guard let content = inflated(bytes, (range.lowerBound + 8)..<range.upperBound) else {
        throw damaged
      }
      let walk = Walk(bytes: content, little: little)
      guard content.count >= 8, walk.word(0) == 14, walk.matrix(0, content.count, 0) else {
        throw damaged
      }
    } else {
      let walk = Walk(bytes: bytes, little: little)
      guard walk.matrix(range.lowerBound, range.upperBound, 0) else { throw damaged }
    }
  }

  /// The content of a zlib stream, or nil when it is damaged, cut or too large.
  private static func inflated(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
    var stream = z_stream()
    guard
      inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var status = Z_OK
    bytes.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      stream.next_in = UnsafeMutablePointer(mutating: base + range.lowerBound)
      stream.avail_in = UInt32(clamping: range.count)
      while status == Z_OK, output.count <= mostInflated {
        let room = chunk.count
        chunk.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(room)
          status = inflate(&stream, Z_NO_FLUSH)
        }
        output += chunk[..<(room - Int(stream.avail_out))]
      }
    }
    return status == Z_STREAM_END && output.count <= mostInflated ? output : nil
  }

  /// A walk over nested elements.
  private struct Walk {
    let bytes: [UInt8]
    let little: Bool

    func word(_ at: Int) -> UInt32 { MatStructure.word(bytes, at, little: little) }

    /// One subelement: where its data are and where the next begins, or nil.
    private func element(
      _ at: Int, _ end: Int
    ) -> (type: UInt32, data: Range<Int>, next: Int)? {
      guard at >= 0, at + 8 <= end else { return nil }
      let first = word(at)
      if first >> 16 != 0 {
        // Small form: size in the upper half, up to four bytes of data in the tag.
        let size = Int(first >> 16)
        guard size <= 4 else { return nil }
        return (first & 0xFFFF, (at + 4)..<(at + 4 + size), at + 8)
      }
      let size = Int(word(at + 4))
      guard size <= end - at - 8 else { return nil }
      let next = min(end, at + 8 + (size + 7) / 8 * 8)
      return (first, (at + 8)..<(at + 8 + size), next)
    }

    private func width(_ type: UInt32) -> Int? {
      switch type {
      case 1, 2, 16: 1
      case 3, 4, 17: 2
      case 5, 6, 7, 18: 4
      case 9, 12, 13: 8
      default: nil
      }
    }

    /// Whether a matrix element is well formed down to its leaves.
    func matrix(_ at: Int, _ end: Int, _ depth: Int) -> Bool {
      guard depth < MatElement.deepest, let whole = element(at, end), whole.type == 14 else {
        return false
      }
      if whole.data.isEmpty { return true }
      let stop = whole.data.upperBound
      guard let flags = element(whole.data.lowerBound, stop), flags.type == 6,
        flags.data.count == 8, let dims = element(flags.next, stop), dims.type == 5,
        dims.data.count >= 8, dims.data.count % 4 == 0, dims.data.count <= 128,
        let name = element(dims.next, stop), name.type == 1, name.data.count <= 4096
      else { return false }
      let flag = word(flags.data.lowerBound)
      let kind = flag & 0xFF
      var count = 1
      for offset in stride(from: dims.data.lowerBound, to: dims.data.upperBound, by: 4) {
        let (product, overflow) = count.multipliedReportingOverflow(by: Int(word(offset)))
        guard !overflow, word(offset) < 1 << 31, product <= bytes.count * 8 else { return false }
        count = product
      }
      switch kind {
      case 1: return children(from: name.next, stop, count: count, depth)
      case 2: return structure(name.next, stop, count: count, depth)
      case 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15:
        let parts = flag & 0x800 != 0 ? 2 : 1
        return leaves(name.next, stop, count: count, parts: parts)
      default:
        // Objects, sparse and opaque classes are no battery tables; libmatio is not asked.
        return false
      }
    }

    private func leaves(_ at: Int, _ end: Int, count: Int, parts: Int) -> Bool {
      if count == 0 { return true }
      var at = at
      for _ in 0..<parts {
        guard let part = element(at, end), let width = width(part.type),
          part.data.count == count * width
        else { return false }
        at = part.next
      }
      return true
    }

    private func structure(_ at: Int, _ end: Int, count: Int, _ depth: Int) -> Bool {
      guard let length = element(at, end), length.type == 5, length.data.count == 4,
        let names = element(length.next, end), names.type == 1
      else { return false }
      let width = Int(word(length.data.lowerBound))
      guard width > 0, width <= 256, names.data.count % width == 0 else { return false }
      // Every name must end inside its place.
      for start in stride(from: names.data.lowerBound, to: names.data.upperBound, by: width)
      where !bytes[start..<(start + width)].contains(0) { return false }
      let fields = names.data.count / width
      let (total, overflow) = count.multipliedReportingOverflow(by: fields)
      guard !overflow else { return false }
      return children(from: names.next, end, count: total, depth)
    }

    private func children(from start: Int, _ end: Int, count: Int, _ depth: Int) -> Bool {
      var at = start
      for _ in 0..<count {
        guard let child = element(at, end), matrix(at, end, depth + 1) else { return false }
        at = child.next
      }
      return true
    }
  }
}
