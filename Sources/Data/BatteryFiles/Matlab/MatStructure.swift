// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Checks the frame of a MATLAB v5 file before libmatio sees it.

import Foundation

/// Checks the frame of a MATLAB v5 file (MathWorks, "MAT-File Format", level 5).
enum MatStructure {
  /// Walks over the top-level elements.
  ///
  /// - Parameter file: The file, standing at its start.
  /// - Returns: The number of variables.
  /// - Throws: ``FileError/truncated(file:row:expected:)`` when an element goes beyond the end.
  static func check(_ file: PlainFile) throws(FileError) -> Int {
    let bytes = try FileOpener.head(of: file, limit: file.byteCount)
    guard MatFile.isMatlab(bytes) else {
      throw .library(
        file: file.path, name: "libmatio", code: -1, message: "the MATLAB header is damaged")
    }
    let little = bytes[126] == 0x49
    var position = 128
    var count = 0
    while position < bytes.count {
      guard position + 8 <= bytes.count else {
        throw .truncated(
          file: file.path, row: 0, expected: "the tag of variable \(count + 1)")
      }
      let type = word(bytes, position, little: little)
      let size = Int(word(bytes, position + 4, little: little))
      guard type == 14 || type == 15 else {
        throw .malformed(
          file: file.path, row: nil, column: nil,
          expected: "a matrix or compressed element at byte \(position + 1)",
          found: "an element of type \(type)")
      }
      guard position + 8 + size <= bytes.count else {
        throw .truncated(
          file: file.path, row: 0,
          expected: "\(size) bytes of variable \(count + 1), found \(bytes.count - position - 8)")
      }
      try MatElement.check(
        bytes, position..<(position + 8 + size), compressed: type == 15, little: little,
        file: file.path, variable: count + 1)
      position += 8 + size
      // Uncompressed elements end on eight bytes.
      if type == 14 { position = (position + 7) / 8 * 8 }
      count += 1
    }
    guard count > 0 else { throw .empty(file: file.path) }
    return count
  }

  /// A 32-bit word of the file.
  static func word(_ bytes: [UInt8], _ at: Int, little: Bool) -> UInt32 {
    let parts = bytes[at..<(at + 4)].map { UInt32($0) }
    return little
      ? parts[0] | parts[1] << 8 | parts[2] << 16 | parts[3] << 24
      : parts[3] | parts[2] << 8 | parts[1] << 16 | parts[0] << 24
  }
}
