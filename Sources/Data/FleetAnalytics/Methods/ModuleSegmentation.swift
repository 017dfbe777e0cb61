// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Finds groups of neighbouring cells that move together.

import NumericalMethods

/// Finds groups of neighbouring cells that move together, without knowing the pack's layout.
///
/// Cells of one module share a measuring circuit, a temperature and a balancing history, so their
/// deviations move together over weeks. The numbering of cells follows the modules, so a group is
/// a run of neighbours: the optimal partition of the cells into runs minimises the sum of absolute
/// deviations from the run's median over time, plus a penalty for each run.
///
/// - Reference: optimal partitioning by dynamic programming, Jackson et al. (2005),
///   doi:10.1109/LSP.2001.838216; absolute deviations keep single odd cells from forming a run.
enum ModuleSegmentation {
  /// Fewest cells of a group: below it a median no longer outvotes two faulty cells.
  static let fewestCells = 5
  /// Most cells of a group considered, to bound the time for long strings.
  static let mostCells = 120
  /// Penalty of a run in units of the usual step between neighbours times the fewest cells. With
  /// normally distributed cells a chance split gains less than one such unit; three keep chance
  /// splits below one pack in a hundred (see the tests).
  static let penaltyFactor = 3.0
  /// Resolution of cell voltages, in volts: no step between neighbours is known better.
  static let resolution = 0.001

  /// Groups as half-open ranges of cells from 0.
  ///
  /// - Parameter features: Deviations of all cells at several times, `[time][cell]`.
  /// - Returns: The groups, in order, covering all cells.
  /// - Complexity: O(times × cells × mostCells²) at worst.
  static func groups(_ features: [[Double]]) -> [Range<Int>] {
    guard let cellCount = features.first?.count, cellCount > 0 else { return [] }
    guard cellCount >= 2 * fewestCells else { return [0..<cellCount] }
    let filled = features.map(filledGaps)
    var steps: [Double] = []
    for feature in filled {
      for cell in 1..<cellCount { steps.append(abs(feature[cell] - feature[cell - 1])) }
    }
    let noise = max(RobustStatistics.median(steps), resolution)
    let penalty = penaltyFactor * noise * Double(fewestCells * filled.count)
    var best = [Double](repeating: .infinity, count: cellCount + 1)
    var previous = [Int](repeating: 0, count: cellCount + 1)
    best[0] = 0
    // Longer strings than the longest run need the limit lifted to stay coverable by one run.
    let longest = cellCount <= 200 ? cellCount : mostCells
    for start in 0..<cellCount where best[start].isFinite {
      var sorted = filled.map { _ in [Double]() }
      for end in (start + 1)...min(cellCount, start + longest) {
        for time in filled.indices { insert(filled[time][end - 1], into: &sorted[time]) }
        guard end - start >= fewestCells else { continue }
        var cost = best[start] + penalty
        for run in sorted { cost += deviation(run) }
        if cost < best[end] {
          best[end] = cost
          previous[end] = start
        }
      }
    }
    var groups: [Range<Int>] = []
    var end = cellCount
    while end > 0 {
      groups.append(previous[end]..<end)
      end = previous[end]
    }
    return groups.reversed()
  }

  /// Puts the median in the place of unknown values.
  private static func filledGaps(_ feature: [Double]) -> [Double] {
    let median = CellMatrix.median(feature)
    let fill = median.isNaN ? 0 : median
    return feature.map { $0.isNaN ? fill : $0 }
  }

  private static func insert(_ value: Double, into sorted: inout [Double]) {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    sorted.insert(value, at: low)
  }

  /// Sum of absolute deviations from the median of ascending values.
  private static func deviation(_ sorted: [Double]) -> Double {
    var sum = 0.0
    var low = 0
    var high = sorted.count - 1
    while low < high {
      sum += sorted[high] - sorted[low]
      low += 1
      high -= 1
    }
    return sum
  }
}
