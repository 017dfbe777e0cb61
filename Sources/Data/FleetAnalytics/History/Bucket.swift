// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What is kept of one bucket of time.

/// What is kept of one bucket of time.
struct Bucket: Codable, Hashable, Sendable {
  /// Number of the bucket on its clock.
  var index: Int
  /// Rows used.
  var rows = 0
  /// Steady low-current rows.
  var steadyRows = 0
  /// Cell deviations at like voltage.
  var bands: [BandEntry] = []
  /// Response of the cells to load steps.
  var load: LoadSums
  /// Spread of cell voltages of steady rows, a thinned sample, in volts.
  var spread: RowReservoir
  /// Temperatures of the bucket.
  var thermal: ThermalSums
  /// Lowest insulation resistance, in ohms.
  var insulation: Double?
  /// Highest alarm level.
  var alarmLevel = 0

  init(index: Int, cellCount: Int, probeCount: Int) {
    self.index = index
    load = LoadSums(cellCount: cellCount)
    spread = RowReservoir(width: 1, limit: 64)
    thermal = ThermalSums(probeCount: probeCount)
  }

  /// Adds what another bucket holds.
  mutating func merge(_ other: Bucket) {
    rows += other.rows
    steadyRows += other.steadyRows
    for entry in other.bands { add(entry) }
    load.merge(other.load)
    for value in other.spread.rows.values { spread.offer([Double(value)], from: 0, minus: 0) }
    thermal.merge(other.thermal)
    if let insulation = other.insulation {
      self.insulation = min(self.insulation ?? insulation, insulation)
    }
    alarmLevel = max(alarmLevel, other.alarmLevel)
  }

  /// Adds an entry to that of the same band.
  mutating func add(_ entry: BandEntry) {
    if let position = bands.firstIndex(where: { $0.band == entry.band }) {
      bands[position].merge(entry)
    } else {
      bands.append(entry)
    }
  }
}

/// Deviation of every cell from the pack's median in one band of pack voltage.
struct BandEntry: Codable, Hashable, Sendable {
  /// Number of the band: median cell voltage over the band width, rounded down.
  var band: Int
  /// Number of rows behind the medians.
  var rows: Int
  /// Median deviation of each cell, in volts.
  var deviations: CellVector

  /// Averages two entries of one band, weighted by their rows.
  mutating func merge(_ other: BandEntry) {
    let mine = Float(rows)
    let theirs = Float(other.rows)
    let count = max(deviations.values.count, other.deviations.values.count)
    deviations.grow(to: count, with: .nan)
    for cell in 0..<count {
      let a = deviations.values[cell]
      let b = other.deviations[cell]
      if a.isNaN {
        deviations.values[cell] = b
      } else if !b.isNaN {
        deviations.values[cell] = (a * mine + b * theirs) / (mine + theirs)
      }
    }
    rows += other.rows
  }
}

/// Sums of a regression of cell voltages on current over load steps.
struct LoadSums: Codable, Hashable, Sendable {
  /// Number of steps.
  var steps = 0
  /// Sum of squared changes of current, in A².
  var currentSquares = 0.0
  /// Sum of change of current times change of mean cell voltage, in V·A.
  var meanProducts = 0.0
  /// The same with each cell's change of deviation from the mean.
  var products: CellVector
  /// Sum of squared changes of each cell's deviation, in V².
  var squares: CellVector

  init(cellCount: Int) {
    products = CellVector(repeating: 0, count: cellCount)
    squares = CellVector(repeating: 0, count: cellCount)
  }

  mutating func merge(_ other: LoadSums) {
    steps += other.steps
    currentSquares += other.currentSquares
    meanProducts += other.meanProducts
    let count = max(products.values.count, other.products.values.count)
    products.grow(to: count, with: 0)
    squares.grow(to: count, with: 0)
    for cell in 0..<other.products.values.count {
      products.values[cell] += other.products.values[cell]
      squares.values[cell] += other.squares.values[cell]
    }
  }
}

/// Temperatures of one bucket.
struct ThermalSums: Codable, Hashable, Sendable {
  /// Rows with at least two usable probes.
  var rows = 0
  /// Highest sustained temperature, in kelvin.
  var maximum: Double?
  /// Lowest sustained temperature, in kelvin.
  var minimum: Double?
  /// Sum of the spread between probes, in kelvin.
  var spreadSum = 0.0
  /// Highest sustained spread between probes, in kelvin.
  var spreadMaximum: Double?
  /// Fastest sustained rise of the hottest probe, in kelvin a second.
  var rateMaximum: Double?
  /// Sum of each probe's deviation from the median probe, in kelvin.
  var deviationSums: CellVector
  /// Number of values behind each sum.
  var deviationCounts: CellVector

  init(probeCount: Int) {
    deviationSums = CellVector(repeating: 0, count: probeCount)
    deviationCounts = CellVector(repeating: 0, count: probeCount)
  }

  mutating func merge(_ other: ThermalSums) {
    rows += other.rows
    maximum = [maximum, other.maximum].compactMap { $0 }.max()
    minimum = [minimum, other.minimum].compactMap { $0 }.min()
    spreadSum += other.spreadSum
    spreadMaximum = [spreadMaximum, other.spreadMaximum].compactMap { $0 }.max()
    rateMaximum = [rateMaximum, other.rateMaximum].compactMap { $0 }.max()
    let count = max(deviationSums.values.count, other.deviationSums.values.count)
    deviationSums.grow(to: count, with: 0)
    deviationCounts.grow(to: count, with: 0)
    for probe in 0..<other.deviationSums.values.count {
      deviationSums.values[probe] += other.deviationSums.values[probe]
      deviationCounts.values[probe] += other.deviationCounts.values[probe]
    }
  }
}
