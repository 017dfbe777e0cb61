// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The few numbers of one row of cell voltages that every tracker needs.

/// The few numbers of one row of cell voltages that every tracker needs.
struct CellRow {
  /// Usable cells.
  var usable = 0
  var mean = Double.nan
  var minimum = Double.nan
  var maximum = Double.nan

  /// Summarises the row that starts at `base`.
  init(_ values: [Double], from base: Int, count: Int) {
    var sum = 0.0
    var low = Double.infinity
    var high = -Double.infinity
    var usable = 0
    for position in base..<(base + count) {
      let value = values[position]
      if value.isNaN { continue }
      usable += 1
      sum += value
      if value < low { low = value }
      if value > high { high = value }
    }
    self.usable = usable
    guard usable > 0 else { return }
    mean = sum / Double(usable)
    minimum = low
    maximum = high
  }

  /// The median of the usable values of a row, by selection in a scratch buffer.
  static func median(
    _ values: [Double], from base: Int, count: Int, scratch: inout [Double]
  ) -> Double {
    scratch.removeAll(keepingCapacity: true)
    for position in base..<(base + count) where !values[position].isNaN {
      scratch.append(values[position])
    }
    guard !scratch.isEmpty else { return .nan }
    let middle = scratch.count / 2
    let upper = select(middle, &scratch)
    guard scratch.count.isMultiple(of: 2) else { return upper }
    // Selection leaves the smaller half in front of the middle.
    var lower = -Double.infinity
    for position in 0..<middle where scratch[position] > lower { lower = scratch[position] }
    return (lower + upper) / 2
  }

  /// Hoare's selection: the value that would stand at `target` in ascending order.
  private static func select(_ target: Int, _ values: inout [Double]) -> Double {
    var left = 0
    var right = values.count - 1
    while left < right {
      let pivot = values[(left + right) / 2]
      var i = left
      var j = right
      while i <= j {
        while values[i] < pivot { i += 1 }
        while values[j] > pivot { j -= 1 }
        if i <= j {
          values.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if target <= j {
        right = j
      } else if target >= i {
        left = i
      } else {
        break
      }
    }
    return values[target]
  }
}
