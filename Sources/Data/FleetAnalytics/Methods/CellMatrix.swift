// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A matrix of one value a bucket and cell.

import NumericalMethods

/// One value a bucket and cell, `[bucket × cell]`, cell fastest; NaN where unknown.
struct CellMatrix: Sendable {
  let bucketCount: Int
  let cellCount: Int
  var values: [Double]

  init(bucketCount: Int, cellCount: Int) {
    self.bucketCount = bucketCount
    self.cellCount = cellCount
    values = Array(repeating: .nan, count: bucketCount * cellCount)
  }

  subscript(bucket: Int, cell: Int) -> Double {
    get { values[bucket * cellCount + cell] }
    set { values[bucket * cellCount + cell] = newValue }
  }

  /// Values of a cell over buckets.
  func column(_ cell: Int) -> [Double] {
    (0..<bucketCount).map { values[$0 * cellCount + cell] }
  }

  /// Values of a bucket over cells.
  func row(_ bucket: Int) -> ArraySlice<Double> {
    values[(bucket * cellCount)..<((bucket + 1) * cellCount)]
  }

  /// Median of each cell over a range of buckets, NaN where there is no value.
  func medians(over buckets: Range<Int>) -> [Double] {
    (0..<cellCount).map { cell in
      Self.median(buckets.map { values[$0 * cellCount + cell] })
    }
  }

  /// Median of the numbers among the values.
  static func median(_ values: [Double]) -> Double {
    RobustStatistics.median(values.filter { !$0.isNaN })
  }
}
