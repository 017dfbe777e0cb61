// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Small numbers several to a byte, so that the entropy coder behind can go below a bit each.

import Foundation

/// Small numbers several to a byte, so that the entropy coder behind can go below a bit each.
///
/// Numbers below `radix − 1` become digits, `digits(radix)` of them a byte; the digit `radix − 1`
/// stands for a larger number, kept as a varint behind the packed bytes. Huffman codes spend at
/// least one bit a byte, so five ternary digits in a byte can cost 0.2 bits each.
enum ResidualPacking {
  /// Radices, in the order in which a block numbers them.
  static let radices: [UInt64] = [256, 16, 6, 4, 3, 2]
  /// Digits that fit a byte for each.
  static let digits = [1, 2, 3, 4, 5, 8]

  /// Packs numbers with the radix that an estimate of the entropy finds cheapest.
  ///
  /// - Returns: The number of the radix and the bytes.
  /// - Complexity: O(n) for each of the six radices.
  static func pack(_ values: [UInt64]) -> (radix: Int, bytes: [UInt8]) {
    var best = (radix: 0, cost: Double.infinity)
    var histogram = [Int32](repeating: 0, count: 256)
    for choice in radices.indices {
      let radix = radices[choice]
      let per = digits[choice]
      for index in histogram.indices { histogram[index] = 0 }
      var outliers = 0.0
      var packed = 0
      var place = 0
      var byte: UInt64 = 0
      for value in values {
        let digit = min(value, radix - 1)
        if value >= radix - 1 { outliers += Double(8 * varintLength(value - (radix - 1))) }
        byte = byte &* radix &+ digit
        place += 1
        if place == per {
          histogram[Int(byte)] += 1
          packed += 1
          place = 0
          byte = 0
        }
      }
      if place > 0 {
        histogram[Int(byte)] += 1
        packed += 1
      }
      var entropy = 0.0
      var distinct = 0
      for count in histogram where count > 0 {
        entropy -= Double(count) * log2(Double(count) / Double(packed))
        distinct += 1
      }
      // A table of code lengths costs about half a byte a symbol.
      let cost = entropy + outliers + 4 * Double(distinct)
      if cost < best.cost { best = (choice, cost) }
    }
    return (best.radix, pack(values, radix: best.radix))
  }

  private static func varintLength(_ value: UInt64) -> Int {
    max(1, (64 - value.leadingZeroBitCount + 6) / 7)
  }

  static func pack(_ values: [UInt64], radix choice: Int) -> [UInt8] {
    let radix = radices[choice]
    let per = digits[choice]
    var sink = ByteSink()
    var outliers = ByteSink()
    sink.bytes.reserveCapacity(values.count / per + 16)
    var index = 0
    while index < values.count {
      var byte: UInt64 = 0
      for step in 0..<per where index + step < values.count {
        let value = values[index + step]
        if value >= radix - 1 {
          byte = byte &* radix &+ (radix - 1)
          outliers.varint(value - (radix - 1))
        } else {
          byte = byte &* radix &+ value
        }
      }
      sink.bytes.append(UInt8(truncatingIfNeeded: byte))
      index += per
    }
    return sink.bytes + outliers.bytes
  }

  /// Unpacks `count` numbers from a part of a piece.
  ///
  /// - Complexity: O(n).
  static func unpack(
    _ bytes: [UInt8], from start: Int, length: Int, radix choice: Int, count: Int
  ) throws(BlockError) -> [UInt64] {
    guard radices.indices.contains(choice), start >= 0, length >= 0,
      start + length <= bytes.count
    else { throw .malformed("a column outside its piece") }
    let per = digits[choice]
    let packed = (count + per - 1) / per
    guard packed <= length else { throw .malformed("a column with too few bytes") }
    let radix = radices[choice]
    var outliers = ByteSource(bytes, from: start + packed, to: start + length)
    var values = [UInt64](repeating: 0, count: count)
    var large: [Int] = []
    let escape = radix - 1
    values.withUnsafeMutableBufferPointer { values in
      bytes.withUnsafeBufferPointer { bytes in
        var index = 0
        for place in start..<start + packed {
          let many = min(per, count - index)
          var byte = UInt64(bytes[place])
          var step = many - 1
          while step >= 0 {
            let (rest, digit) = byte.quotientAndRemainder(dividingBy: radix)
            values[index + step] = digit
            byte = rest
            step -= 1
          }
          for step in 0..<many where values[index + step] == escape { large.append(index + step) }
          index += many
        }
      }
    }
    for index in large {
      guard let more = try? outliers.varint() else {
        throw .malformed("a column with too few large numbers")
      }
      values[index] = escape &+ more
    }
    return values
  }
}
