// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Compares every cell with its module, its pack and its own past, bucket by bucket.

import NumericalMethods

/// Every cell against its module, its pack and its own past, bucket by bucket.
struct CellComparison: Sendable {
  /// Fewest buckets with cells compared before a baseline can be told from what follows it.
  static let fewestBuckets = 9
  /// Fewest steady rows before modules are told apart: one row is as noisy as one reading.
  static let fewestRowsForModules = 30
  /// Rows of a band beyond which more rows do not make its median better known.
  static let fullRows = 30
  /// Resolution of cell voltages, in volts.
  static let resolution = 0.001

  let model: LikeChargeModel
  /// Positions in the history of the buckets with cells compared.
  let buckets: [Int]
  /// Groups of siblings as ranges of cells from 0.
  let modules: [Range<Int>]
  /// Group of each cell.
  let moduleOfCell: [Int]
  /// Deviation from the pack's median as read, in volts.
  let asRead: CellMatrix
  /// Deviation from the module's median at like charge, in volts.
  let moduleRelative: CellMatrix
  /// Deviation from the pack's median at like charge, in volts.
  let packRelative: CellMatrix
  /// Departure from the own baseline at like charge, in volts: that on which module and pack
  /// agree, or, from 20 mV on, two of module, pack and nearest neighbours. A module that moves as
  /// a whole hides a cell from the pack; a border that is a few cells off misleads the module.
  let departure: CellMatrix
  /// Capacities against the module; nil without enough range of charge.
  let capacity: CapacityComparison?
  /// Number of buckets that form the baseline; 0 while there are too few.
  let baselineCount: Int
  /// Noise of a bucket: robust spread of the departures of all cells, in volts.
  let bucketNoise: [Double]
  /// Noise of a cell: robust spread of its departures over the baseline, in volts.
  let cellNoise: [Double]

  init(_ history: [Bucket], cellCount: Int, model: LikeChargeModel) {
    self.model = model
    let positions = history.indices.filter { !history[$0].bands.isEmpty }
    buckets = positions
    let used = positions.map { history[$0] }
    asRead = Self.combine(used, cellCount: cellCount) { _, _ in
      (1, 1)
    } value: { entry, cell in
      Double(entry.deviations[cell])
    }
    func weights(_ entry: BandEntry, _ model: LikeChargeModel) -> (weight: Double, factor: Double) {
      let factor = model.factor(of: entry.band)
      let rows = Double(min(entry.rows, Self.fullRows))
      // Steep bands: the error of the factor itself grows with it.
      return (rows / (1 + factor * factor), factor)
    }
    let pack = Self.combine(used, cellCount: cellCount) { entry, _ in
      weights(entry, model)
    } value: { entry, cell in
      Double(entry.deviations[cell])
    }
    packRelative = pack
    let steady = used.reduce(0) { $0 + $1.steadyRows }
    let groups =
      steady >= Self.fewestRowsForModules ? ModuleSegmentation.groups(Self.features(pack)) : []
    modules = groups.isEmpty && cellCount > 0 ? [0..<cellCount] : groups
    var ofCell = [Int](repeating: 0, count: cellCount)
    for (number, group) in modules.enumerated() { for cell in group { ofCell[cell] = number } }
    moduleOfCell = ofCell
    let found = modules
    var relative = pack
    for bucket in 0..<pack.bucketCount {
      Self.subtractMedians(&relative.values, from: bucket * cellCount, groups: found)
    }
    moduleRelative = relative
    baselineCount =
      used.count >= Self.fewestBuckets ? min(40, max(6, used.count / 4)) : 0
    capacity = CapacityComparison(used, model: model, modules: found, cellCount: cellCount)
    // A cell of less capacity falls behind wherever the pack is at low charge: that shape is
    // taken out, so that a month at lower charge is no departure.
    let shaped = capacity?.corrected(used, model: model) ?? used
    let packShaped = Self.combine(shaped, cellCount: cellCount) { entry, _ in
      weights(entry, model)
    } value: { entry, cell in
      Double(entry.deviations[cell])
    }
    var relativeShaped = packShaped
    for bucket in 0..<pack.bucketCount {
      Self.subtractMedians(&relativeShaped.values, from: bucket * cellCount, groups: found)
    }
    // Per-entry deviations against the module, in the order of buckets and bands.
    let siblings = shaped.map { bucket in
      bucket.bands.map { entry in
        var values = (0..<cellCount).map { Double(entry.deviations[$0]) }
        Self.subtractMedians(&values, from: 0, groups: found)
        return values
      }
    }
    let own = shaped.map { bucket in
      bucket.bands.map { entry in (0..<cellCount).map { Double(entry.deviations[$0]) } }
    }
    let againstPack = Self.departures(
      shaped, values: own, reduced: packShaped, baseline: baselineCount,
      weights: { weights($0, model) })
    let againstModule = Self.departures(
      shaped, values: siblings, reduced: relativeShaped, baseline: baselineCount,
      weights: { weights($0, model) })
    let near = shaped.map { bucket in
      bucket.bands.map { entry in
        Self.lessNeighbours((0..<cellCount).map { Double(entry.deviations[$0]) })
      }
    }
    var relativeNear = packShaped
    for bucket in 0..<pack.bucketCount {
      let row = Self.lessNeighbours(Array(packShaped.row(bucket)))
      for cell in 0..<cellCount { relativeNear[bucket, cell] = row[cell] }
    }
    let againstNeighbours = Self.departures(
      shaped, values: near, reduced: relativeNear, baseline: baselineCount,
      weights: { weights($0, model) })
    departure = Self.joined(
      module: againstModule, pack: againstPack, near: againstNeighbours)
    bucketNoise = (0..<used.count).map { bucket in
      let row = againstModule.row(bucket).filter { !$0.isNaN }
      return max(RobustStatistics.scaledMAD(row, about: 0), Self.resolution)
    }
    let baseline = baselineCount
    cellNoise = (0..<cellCount).map { cell in
      let own = (0..<baseline).map { againstModule[$0, cell] }.filter { !$0.isNaN }
      guard own.count >= 3 else { return Self.resolution }
      let centre = RobustStatistics.median(own)
      return max(RobustStatistics.scaledMAD(own, about: centre), Self.resolution)
    }
  }
}
