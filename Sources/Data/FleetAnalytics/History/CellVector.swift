// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One number a cell, stored compactly and encoded without loss of "unknown".

import Foundation

/// One number a cell (or probe); NaN where unknown. Encoded as base64 of little-endian floats,
/// since JSON has no NaN and decimal text is four times longer.
struct CellVector: Codable, Hashable, Sendable {
  var values: [Float]

  init(_ values: [Float]) { self.values = values }

  init(repeating value: Float, count: Int) { values = Array(repeating: value, count: count) }

  /// The value of a cell, NaN beyond the end.
  subscript(cell: Int) -> Float { cell < values.count ? values[cell] : .nan }

  /// Lengthens the vector to a number of cells.
  mutating func grow(to count: Int, with value: Float) {
    while values.count < count { values.append(value) }
  }

  init(from decoder: any Decoder) throws {
    let data = try decoder.singleValueContainer().decode(Data.self)
    var values: [Float] = []
    values.reserveCapacity(data.count / 4)
    var pattern: UInt32 = 0
    for (position, byte) in data.enumerated() {
      pattern |= UInt32(byte) << UInt32(8 * (position % 4))
      if position % 4 == 3 {
        values.append(Float(bitPattern: pattern))
        pattern = 0
      }
    }
    self.values = values
  }

  func encode(to encoder: any Encoder) throws {
    var data = Data(capacity: values.count * 4)
    for value in values {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        data.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
      }
    }
    var container = encoder.singleValueContainer()
    try container.encode(data)
  }
}
