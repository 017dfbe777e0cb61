// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers to text: the shortest form that reads back to the same bits.

/// Numbers to text: the shortest form that reads back to the same bits.
enum NumberText {
  /// Appends a number; NaN and infinite values append nothing.
  static func append(_ value: Double, to bytes: inout [UInt8]) {
    guard value.isFinite else { return }
    if value == value.rounded(), value.magnitude < 9e15 {
      append(integer: Int64(value), to: &bytes)
      return
    }
    var text = value.description
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  private static func append(integer: Int64, to bytes: inout [UInt8]) {
    var rest = integer.magnitude
    if integer < 0 { bytes.append(0x2D) }
    let begin = bytes.count
    repeat {
      bytes.append(UInt8(0x30 + rest % 10))
      rest /= 10
    } while rest > 0
    bytes[begin...].reverse()
  }
}
