// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The last rows of cell voltages, for correlation and entropy.

/// The last rows of cell voltages in a ring.
struct RecentRows: Codable, Hashable, Sendable {
  var limit: Int
  var width = 0
  var rows = CellVector([])
  /// Row of the ring that is written next.
  var next = 0

  init(limit: Int) { self.limit = max(8, limit) }

  var count: Int { width == 0 ? 0 : rows.values.count / width }

  /// Starts anew with wider rows.
  mutating func widen(to cellCount: Int) {
    guard cellCount != width else { return }
    width = cellCount
    rows = CellVector([])
    next = 0
  }

  mutating func add(_ values: [Double], from base: Int, count: Int) {
    guard count == width else { return }
    if rows.values.count < limit * width {
      for position in base..<(base + count) { rows.values.append(Float(values[position])) }
    } else {
      let start = next * width
      for cell in 0..<count { rows.values[start + cell] = Float(values[base + cell]) }
    }
    next = (next + 1) % limit
  }

  /// Values of one cell over the kept rows, in no particular order.
  func column(_ cell: Int) -> [Float] {
    guard cell < width else { return [] }
    return stride(from: cell, to: rows.values.count, by: width).map { rows.values[$0] }
  }
}
