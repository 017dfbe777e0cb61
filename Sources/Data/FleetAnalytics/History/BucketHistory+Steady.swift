// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Adds a steady row to the open bucket, and load steps to its sums.

extension BucketHistory {
  /// Adds a steady low-current row to the open bucket.
  mutating func addSteady(
    _ values: [Double], from base: Int, count: Int, median: Double, spread: Double,
    settings: VehicleAnalysisSettings
  ) {
    guard median.isFinite, !buckets.isEmpty else { return }
    let end = buckets.count - 1
    buckets[end].steadyRows += 1
    buckets[end].spread.offer([spread], from: 0, minus: 0)
    let band = Int((median / settings.bandWidth).rounded(.down))
    var position = open.firstIndex { $0.band == band }
    if position == nil {
      open.append(
        OpenBand(band: band, rows: RowReservoir(width: count, limit: settings.rowsPerBand)))
      position = open.count - 1
    }
    if let position { open[position].rows.offer(values, from: base, minus: median) }
  }
}

extension LoadSums {
  /// Adds one load step.
  mutating func add(
    _ values: [Double], from base: Int, previous: CellVector, meanChange: Double,
    currentChange: Double
  ) {
    steps += 1
    currentSquares += currentChange * currentChange
    meanProducts += currentChange * meanChange
    for cell in 0..<previous.values.count {
      let change = values[base + cell] - Double(previous.values[cell]) - meanChange
      if change.isNaN { continue }
      products.values[cell] += Float(currentChange * change)
      squares.values[cell] += Float(change * change)
    }
  }
}
