// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Readings gathered over some minutes: mean differences of the cells to the middle of their module.

import NumericalMethods

/// Gathers readings and gives the mean difference of each cell to the median of its module.
///
/// Differences are taken reading by reading, so that a cell that misses one under load is not compared
/// with siblings that did not.
struct SiblingWindow: Sendable {
  let cells: Int
  let perModule: Int
  let modules: Int
  /// Sum of the differences of each cell in volts, and how many there are.
  private(set) var sums: [Double]
  private(set) var counts: [Int]
  /// Charge taken by the balancing switch of each cell, in coulombs.
  private(set) var bled: [Double]
  /// Sum of the median voltages of each module, and how many there are.
  private(set) var medians: [Double]
  private(set) var medianCounts: [Int]
  /// Charge that flowed, in coulombs.
  private(set) var charge = 0.0
  /// Integrals of the overpotentials in V·s.
  private(set) var slow = 0.0
  private(set) var fast = 0.0
  /// Readings so far.
  private(set) var rows = 0
  private var sorted: [Double] = []

  init(cells: Int, perModule: Int) {
    self.cells = cells
    self.perModule = max(1, perModule)
    modules = (cells + self.perModule - 1) / self.perModule
    sums = Array(repeating: 0, count: cells)
    counts = Array(repeating: 0, count: cells)
    bled = sums
    medians = Array(repeating: 0, count: modules)
    medianCounts = Array(repeating: 0, count: modules)
  }

  func cells(of module: Int) -> Range<Int> {
    module * perModule..<min(cells, (module + 1) * perModule)
  }

  /// Adds one reading.
  mutating func add(
    _ reading: borrowing PackReading, current: Double, interval: Double, bleed: Double,
    place: borrowing SiblingPlace
  ) {
    for cell in 0..<cells where reading.bleeds[cell] { bled[cell] += bleed * interval }
    compare(reading.cellVoltage)
    charge += current * interval
    slow += place.slowLoss * interval
    fast += place.fastLoss * interval
    rows += 1
  }

  private mutating func compare(_ voltages: [Double]) {
    for module in 0..<modules {
      let range = cells(of: module)
      sorted.removeAll(keepingCapacity: true)
      for cell in range {
        let value = voltages[cell]
        // NaN fails both comparisons.
        guard value > 0.5, value < 6 else { continue }
        var place = sorted.count
        sorted.append(value)
        while place > 0, sorted[place - 1] > value {
          sorted[place] = sorted[place - 1]
          place -= 1
        }
        sorted[place] = value
      }
      guard sorted.count > 2 else { continue }
      let median = RobustStatistics.medianOfSorted(sorted)
      medians[module] += median
      medianCounts[module] += 1
      for cell in range where voltages[cell] > 0.5 && voltages[cell] < 6 {
        sums[cell] += voltages[cell] - median
        counts[cell] += 1
      }
    }
  }

  /// Median voltage of a module; nil where too few cells were read.
  func median(of module: Int) -> Double? {
    medianCounts[module] > 0 ? medians[module] / Double(medianCounts[module]) : nil
  }

  /// Mean difference of a cell; NaN where it missed half a window.
  func difference(of cell: Int) -> Double {
    2 * counts[cell] > rows ? sums[cell] / Double(counts[cell]) : .nan
  }

  /// Begins anew.
  mutating func clear() {
    for cell in 0..<cells {
      sums[cell] = 0
      counts[cell] = 0
      bled[cell] = 0
    }
    for module in 0..<modules {
      medians[module] = 0
      medianCounts[module] = 0
    }
    charge = 0
    slow = 0
    fast = 0
    rows = 0
  }
}
