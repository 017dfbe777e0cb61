// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An evenly thinned record of rows: the base of exact medians in bounded memory.

/// Keeps every k-th row, doubling k when full, so the kept rows spread evenly over all that came.
///
/// The choice depends only on the order of rows, never on how they were batched.
struct RowReservoir: Codable, Hashable, Sendable {
  /// Numbers a row.
  var width: Int
  /// Most rows kept.
  var limit: Int
  /// Every how many rows one is kept.
  var step = 1
  /// Rows offered so far.
  var offered = 0
  /// Kept rows, one after another.
  var rows = CellVector([])

  init(width: Int, limit: Int) {
    self.width = width
    self.limit = max(2, limit)
  }

  /// Number of kept rows.
  var count: Int { width == 0 ? 0 : rows.values.count / width }

  /// Whether the next row offered will be kept.
  var wantsNext: Bool { offered % step == 0 }

  /// Offers a row of cell values from `base` on, less a reference; keeps it if it is its turn.
  mutating func offer(_ values: [Double], from base: Int, minus reference: Double) {
    defer { offered += 1 }
    guard wantsNext else { return }
    if count >= limit { thin() }
    guard wantsNext else { return }
    for position in base..<(base + width) {
      rows.values.append(Float(values[position] - reference))
    }
  }

  /// Drops every second row.
  private mutating func thin() {
    let kept = stride(from: 0, to: count, by: 2)
    var thinned: [Float] = []
    thinned.reserveCapacity(rows.values.count)
    for row in kept { thinned.append(contentsOf: rows.values[(row * width)..<((row + 1) * width)]) }
    rows.values = thinned
    step *= 2
  }

  /// The median of each column over the kept rows, NaN where a column holds no number.
  func medians() -> CellVector {
    var result = CellVector(repeating: .nan, count: width)
    var column: [Float] = []
    column.reserveCapacity(count)
    for position in 0..<width {
      column.removeAll(keepingCapacity: true)
      var index = position
      while index < rows.values.count {
        let value = rows.values[index]
        if !value.isNaN { column.append(value) }
        index += width
      }
      if !column.isEmpty {
        column.sort()
        let middle = column.count / 2
        result.values[position] =
          column.count.isMultiple(of: 2)
          ? (column[middle - 1] + column[middle]) / 2 : column[middle]
      }
    }
    return result
  }
}
