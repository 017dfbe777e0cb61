// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Resistance and scatter of every cell under load, against the cells read at the same instant.

import NumericalMethods

/// How the cells respond to load steps, each against the cells read at the same instant.
///
/// A pack's cells are read in groups one after another, so the change of current that a group
/// sees differs from the reported one. Resistances are therefore compared within runs of
/// neighbours of like response, found in the same way as modules but from the response itself.
struct LoadResponse: Sendable {
  /// Fewest load steps a resistance is taken from.
  static let fewestSteps = 100
  /// Load step, in amperes, at which resistances are weighed against the resolution of voltages
  /// when groups are sought.
  static let usualStep = 50.0

  /// Mean resistance of the cells, in ohms.
  let meanResistance: Double
  /// Resistance of each cell above the median of its group, in ohms; above that of its nearest
  /// neighbours where this is less.
  let resistance: SiblingScores
  /// Resistance of each cell above the median of its group, as a share of that median. A group
  /// that is read late sees less of each step, its siblings alike, so the share is not affected.
  let excess: [Double]
  /// Scatter of each cell's voltage that load does not explain, in volts.
  let scatter: [Double]
  /// Median scatter of the cell's group, in volts.
  let usualScatter: [Double]
  /// Groups of cells of like response.
  let groups: [Range<Int>]
  let steps: Int

  init?(_ sums: LoadSums, cellCount: Int, groups known: [Range<Int>]? = nil) {
    guard sums.steps >= Self.fewestSteps, sums.currentSquares > 0, cellCount > 0 else { return nil }
    steps = sums.steps
    meanResistance = -sums.meanProducts / sums.currentSquares
    var values: [Double] = []
    var scatters: [Double] = []
    for cell in 0..<cellCount {
      let product = Double(sums.products[cell])
      let slope = product / sums.currentSquares
      let residual = max(0, Double(sums.squares[cell]) - product * slope)
      values.append(-slope)
      scatters.append((residual / Double(max(1, sums.steps - 1))).squareRoot())
    }
    let found =
      known
      ?? ModuleSegmentation.groups([values.map { $0 * Self.usualStep }, scatters])
    groups = found
    // 0.02 mΩ: 1 mV of resolution over the usual load step.
    var scores = SiblingScores(values, groups: found, floor: 0.001 / Self.usualStep)
    // A run of cells read at another instant that is not told apart (few steps) differs as a
    // whole: what the nearest neighbours show as well is no resistance of one cell.
    let near = CellComparison.lessNeighbours(values)
    for cell in 0..<cellCount where scores.deviation[cell] > 0 {
      let common = max(0, min(scores.deviation[cell], near[cell])) / scores.deviation[cell]
      scores.deviation[cell] *= common
      scores.score[cell] *= common
    }
    resistance = scores
    var shares = resistance.deviation
    for group in found {
      let median = meanResistance + CellMatrix.median(group.map { values[$0] })
      // A group that sees less than a fifth of the steps says little: its shares are damped.
      for cell in group { shares[cell] /= max(median, meanResistance / 5) }
    }
    excess = shares
    scatter = scatters
    var usual = scatters
    for group in found {
      let median = CellMatrix.median(group.map { scatters[$0] })
      for cell in group { usual[cell] = median }
    }
    let nearScatter = CellComparison.lessNeighbours(scatters)
    for cell in 0..<cellCount { usual[cell] = max(usual[cell], scatters[cell] - nearScatter[cell]) }
    usualScatter = usual
  }

  /// The group of a cell as text.
  func groupText(_ cell: Int) -> String {
    guard let group = groups.first(where: { $0.contains(cell) }) else { return "all" }
    return "\(group.lowerBound + 1)–\(group.upperBound)"
  }
}
