// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gaps, missing samples and channels that do not move.

/// Gaps, missing samples and channels that do not move.
struct TelemetryTracker: Codable, Hashable, Sendable {
  private(set) var gaps = 0
  private(set) var longestGap = 0.0
  private(set) var intervals = RowReservoir(width: 1, limit: 256)
  private(set) var rows = 0
  private(set) var unusableCells = 0
  private(set) var rowsWithUnusableCells = 0
  private(set) var chargeStateRows = 0
  /// Cells that have given a usable value.
  private(set) var fittedCells = 0
  /// Usable samples by cell and by probe.
  private(set) var cellSamples: [Int] = []
  private(set) var probeSamples: [Int] = []
  /// Lowest and highest usable value by cell and by probe.
  private(set) var cellRanges: [Extent] = []
  private(set) var probeRanges: [Extent] = []

  /// How long each cell's reading has kept still.
  private(set) var stillness: [StillRun] = []

  /// The range of a channel's values.
  struct Extent: Codable, Hashable, Sendable {
    var low: Double?
    var high: Double?

    mutating func add(_ value: Double) {
      if low.map({ value < $0 }) ?? true { low = value }
      if high.map({ value > $0 }) ?? true { high = value }
    }

    var width: Double { (high ?? 0) - (low ?? 0) }
  }

  mutating func widen(cellCount: Int, probeCount: Int) {
    while cellSamples.count < cellCount {
      cellSamples.append(0)
      cellRanges.append(Extent())
      stillness.append(StillRun())
    }
    while probeSamples.count < probeCount {
      probeSamples.append(0)
      probeRanges.append(Extent())
    }
  }

  mutating func add(
    _ block: borrowing RowBlock, _ row: Int, context: RowContext, cells: CellRow, cellCount: Int
  ) {
    rows += 1
    if let interval = context.interval {
      intervals.offer([interval], from: 0, minus: 0)
      if interval > 60, interval > 10 * (usualInterval ?? .infinity) {
        gaps += 1
        longestGap = max(longestGap, interval)
      }
    }
    if context.chargeState != nil { chargeStateRows += 1 }
    let missing = cellCount - cells.usable
    unusableCells += missing
    if missing > 0 { rowsWithUnusableCells += 1 }
    let base = row * cellCount
    for cell in 0..<cellCount {
      let value = block.cells[base + cell]
      if value.isNaN { continue }
      if cellSamples[cell] == 0 { fittedCells += 1 }
      cellSamples[cell] += 1
      cellRanges[cell].add(value)
      stillness[cell].add(value, mean: cells.mean, time: context.time)
    }
    let probes = probeSamples.count
    for probe in 0..<probes {
      let value = block.probes[row * probes + probe]
      if value.isNaN { continue }
      probeSamples[probe] += 1
      probeRanges[probe].add(value)
    }
  }

  /// Median interval of a thinned sample, in seconds, renewed at powers of two.
  var usualInterval: Double? {
    guard intervals.count >= 8 else { return nil }
    let value = intervals.medians()[0]
    return value.isNaN ? nil : Double(value)
  }
}
