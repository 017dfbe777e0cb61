// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sums over bands and subtraction of siblings, for the comparison of cells.

import NumericalMethods

extension CellComparison {
  /// Weighted regression of the bands' values on the bands' slopes, through zero, for each bucket
  /// and cell: `Σ w·g·d / Σ w·g²`.
  static func combine(
    _ buckets: [Bucket], cellCount: Int,
    weights: (BandEntry, Int) -> (weight: Double, factor: Double),
    value: (BandEntry, Int) -> Double
  ) -> CellMatrix {
    var result = CellMatrix(bucketCount: buckets.count, cellCount: cellCount)
    for (position, bucket) in buckets.enumerated() {
      var sums = [Double](repeating: 0, count: cellCount)
      var totals = [Double](repeating: 0, count: cellCount)
      for entry in bucket.bands {
        let (weight, factor) = weights(entry, position)
        for cell in 0..<cellCount {
          let deviation = value(entry, cell)
          if deviation.isNaN { continue }
          sums[cell] += weight * factor * deviation
          totals[cell] += weight * factor * factor
        }
      }
      for cell in 0..<cellCount where totals[cell] > 0 {
        result[position, cell] = sums[cell] / totals[cell]
      }
    }
    return result
  }

  /// Subtracts from each value the median of its group.
  static func subtractMedians(_ values: inout [Double], from base: Int, groups: [Range<Int>]) {
    for group in groups {
      let median = CellMatrix.median(group.map { values[base + $0] })
      guard !median.isNaN else { continue }
      for cell in group { values[base + cell] -= median }
    }
  }

  /// Places on either side that count as near: thirteen cells, so that a group border within
  /// three cells still leaves the own group the majority.
  static let reach = 6

  /// Subtracts from each value the median of those up to ``reach`` places away, itself included.
  ///
  /// - Complexity: O(cells × reach).
  static func lessNeighbours(_ values: [Double]) -> [Double] {
    var window: [Double] = []
    window.reserveCapacity(2 * reach + 2)
    func place(_ value: Double) -> Int { window.firstIndex { $0 >= value } ?? window.count }
    for value in values.prefix(reach) where !value.isNaN { window.insert(value, at: place(value)) }
    return values.indices.map { cell in
      if cell + reach < values.count, !values[cell + reach].isNaN {
        let entering = values[cell + reach]
        window.insert(entering, at: place(entering))
      }
      if cell > reach, !values[cell - reach - 1].isNaN {
        window.remove(at: place(values[cell - reach - 1]))
      }
      return values[cell] - RobustStatistics.medianOfSorted(window)
    }
  }

  /// Departure, in volts, from which two opinions of three are enough: what two healthy cells can
  /// differ by through reading alone (GB/T 38661-2020).
  static let plainDeparture = 0.020

  /// One departure from those against the module, the pack and the neighbours; NaN where one is
  /// unknown.
  ///
  /// The smaller of module and pack, 0 where they disagree in sign; the median of all three where
  /// that is beyond ``plainDeparture``, so that a module that moves as a whole does not hide a
  /// cell that leaves it.
  static func joined(module: CellMatrix, pack: CellMatrix, near: CellMatrix) -> CellMatrix {
    var result = module
    for index in result.values.indices {
      let (x, y, z) = (module.values[index], pack.values[index], near.values[index])
      guard !x.isNaN, !y.isNaN, !z.isNaN else {
        result.values[index] = .nan
        continue
      }
      let median = max(min(x, y), min(max(x, y), z))
      let smaller = x * y <= 0 ? 0 : (abs(x) < abs(y) ? x : y)
      result.values[index] = abs(median) >= plainDeparture ? median : smaller
    }
    return result
  }

  /// Medians over about twelve spans of time: what the segmentation into modules looks at.
  static func features(_ matrix: CellMatrix) -> [[Double]] {
    let count = min(12, matrix.bucketCount)
    guard count > 0 else { return [] }
    return (0..<count).map { part in
      let start = part * matrix.bucketCount / count
      let end = (part + 1) * matrix.bucketCount / count
      return matrix.medians(over: start..<max(end, start + 1))
    }
  }

  /// Departures from the own baseline of the same voltage band, reduced to the usual slope.
  ///
  /// The baseline of a band is the median of its entries in the baseline's buckets, drawn with
  /// the weight of two entries towards what the reduced baseline predicts for the band: a band
  /// seen never or once in the baseline still has one.
  static func departures(
    _ buckets: [Bucket], values: [[[Double]]], reduced: CellMatrix, baseline: Int,
    weights: (BandEntry) -> (weight: Double, factor: Double)
  ) -> CellMatrix {
    let cellCount = reduced.cellCount
    var result = CellMatrix(bucketCount: buckets.count, cellCount: cellCount)
    guard baseline > 0 else { return result }
    let usual = reduced.medians(over: 0..<baseline)
    var byBand: [Int: [[Double]]] = [:]
    for bucket in 0..<baseline {
      for (position, entry) in buckets[bucket].bands.enumerated() {
        byBand[entry.band, default: []].append(values[bucket][position])
      }
    }
    var expected: [Int: [Double]] = [:]
    for bucket in buckets {
      for entry in bucket.bands where expected[entry.band] == nil {
        let factor = weights(entry).factor
        let seen = byBand[entry.band] ?? []
        expected[entry.band] = (0..<cellCount).map { cell in
          let predicted = usual[cell] * factor
          let own = seen.map { $0[cell] }.filter { !$0.isNaN }
          guard !own.isEmpty else { return predicted }
          guard !predicted.isNaN else { return CellMatrix.median(own) }
          let count = Double(own.count)
          return (CellMatrix.median(own) * count + predicted * 2) / (count + 2)
        }
      }
    }
    for (position, bucket) in buckets.enumerated() {
      var sums = [Double](repeating: 0, count: cellCount)
      var totals = [Double](repeating: 0, count: cellCount)
      for (place, entry) in bucket.bands.enumerated() {
        let (weight, factor) = weights(entry)
        guard let expectedHere = expected[entry.band] else { continue }
        for cell in 0..<cellCount {
          let deviation = values[position][place][cell] - expectedHere[cell]
          if deviation.isNaN { continue }
          sums[cell] += weight * factor * deviation
          totals[cell] += weight * factor * factor
        }
      }
      for cell in 0..<cellCount where totals[cell] > 0 {
        result[position, cell] = sums[cell] / totals[cell]
      }
    }
    return result
  }
}
