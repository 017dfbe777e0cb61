// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The window of stoichiometries of both electrodes from a slow test.

public import CellModels
import Foundation
import NumericalMethods
import Quantities

/// The window of stoichiometries of both electrodes from a slow test, given the potentials of both
/// materials.
///
/// Voltage and slope of the open-circuit curve are fitted together: the slope (`dV/dQ`) holds the
/// steps of graphite, which place the negative electrode where the voltage alone hardly does.
///
/// - Reference: Dahn, Smith & Moss; Bloom et al. (2005), doi:10.1016/j.jpowsour.2004.07.021, for
///   differential voltages; Lee et al. (2020), doi:10.1149/1945-7111/abc53d, for what they
///   determine.
public struct ElectrodeBalancing: Sendable {
  /// The window.
  public private(set) var balance: ElectrodeBalance
  /// Standard errors: negative empty, negative full, positive empty, positive full.
  public var errors: [Double] { (0..<4).map { covariance[$0 * 4 + $0].squareRoot() } }
  /// Covariance of the same, `[4 × 4]`.
  private(set) var covariance: [Double]
  /// Factor on a standard error that spans 95 % to either side.
  public let intervalFactor: Double
  /// Root-mean-square difference of the curves, in volts.
  public let rootMeanSquare: Double
  /// Measured less fitted open-circuit voltage, over the state of charge.
  public private(set) var remainder: MonotoneCurve
  /// Charge between state of charge 0 and 1, in coulombs.
  public let capacity: Double

  /// States of charge that are compared: at the ends the slow test lags most.
  static let range = 0.03...0.985
  /// Weight of the slope against the voltage, as a share of the charge.
  static let slopeWeight = 0.02

  /// Fits the window.
  ///
  /// - Parameters:
  ///   - curve: Open-circuit voltage over the state of charge.
  ///   - capacity: Charge of it, in coulombs.
  ///   - set: Potentials of both electrodes.
  /// - Throws: ``IdentificationError/notDetermined(what:)`` when no window makes a curve like this.
  public init(
    _ curve: MonotoneCurve, capacity: Double, potentials set: CellParameters
  ) throws(IdentificationError) {
    self.capacity = capacity
    let nodes = (0...200).map { Double($0) / 200 }.filter { Self.range.contains($0) }
    let reach = 4
    func fractions(_ p: [Double]) -> [Double] { p.map { 1 / (1 + exp(-$0)) } }
    func residuals(_ p: [Double]) -> [Double] {
      let q = fractions(p)
      let differences = nodes.map { z -> Double in
        let x = q[0] + (q[1] - q[0]) * z
        let y = q[2] + (q[3] - q[2]) * z
        let value = set.openCircuitVoltage(negative: x, positive: y) - curve.value(at: z)
        return value.isFinite ? max(-5, min(5, value)) : 5
      }
      let slopes = differences.indices.map { k -> Double in
        let (low, high) = (max(0, k - reach), min(nodes.count - 1, k + reach))
        return Self.slopeWeight * (differences[high] - differences[low])
          / (nodes[high] - nodes[low])
      }
      return differences + slopes
    }
    let free = [(centre: Double, deviation: Double)](
      repeating: (0, .infinity), count: 4)
    func logit(_ x: Double) -> Double { log(x / (1 - x)) }
    var best: SmallLeastSquares?
    for (low, full) in [(0.01, 0.7), (0.03, 0.85), (0.03, 0.95)] {
      for (empty, rest) in [(0.9, 0.25), (0.9, 0.45), (0.98, 0.05)] {
        let fit = SmallLeastSquares(
          [low, full, empty, rest].map(logit), noise: 1e-3, priors: free, shift: 1e-4, rounds: 60,
          residuals: residuals)
        let q = fractions(fit.values)
        guard q[1] - q[0] > 0.2, q[2] - q[3] > 0.2 else { continue }
        if fit.rootMeanSquare < best?.rootMeanSquare ?? .infinity { best = fit }
      }
    }
    let half = nodes.count
    let blocks = nodes.indices.map { $0 / 10 }
    guard let best, best.rootMeanSquare < 0.1,
      let byBlocks = best.covariance(
        cluster: blocks + blocks, priors: [Double](repeating: .infinity, count: 4)),
      let inverse = try? DenseSolvers.inverse(
        positiveDefinite: SmallLeastSquares.normal(best.slopes), size: 4)
    else {
      throw .notDetermined(
        what: "the window of stoichiometries: no window of the potentials of \(set.name) makes the "
          + "measured open-circuit curve; choose a set of the same materials with --base")
    }
    let q = fractions(best.values)
    balance = ElectrodeBalance(negative: (q[0], q[1]), positive: (q[2], q[3]))
    // What a volt of the curve at a node adds to the score, by itself and in the slopes.
    var scores = [Double](repeating: 0, count: half * 4)
    var slopes = scores
    for k in 0..<half {
      let (low, high) = (max(0, k - reach), min(half - 1, k + reach))
      for a in 0..<4 {
        slopes[k * 4 + a] = best.slopes[a][k]
        scores[k * 4 + a] += best.slopes[a][k]
        let share = Self.slopeWeight / (nodes[high] - nodes[low]) * best.slopes[a][half + k]
        scores[high * 4 + a] += share
        scores[low * 4 + a] -= share
      }
    }
    var matrix = byBlocks.matrix
    var freedom = byBlocks.clusters / 2 - 4
    if let memory = ResidualMemory(
      .init(
        residuals: Array(best.residuals[..<half]), slopes: slopes, count: 4, places: nodes,
        runs: [0..<half], prior: [Double](repeating: 0, count: 16)),
      memories: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2])
    {
      let spread = memory.spread(of: scores, count: 4, places: nodes, runs: [0..<half])
      var alike = [Double](repeating: 0, count: 16)
      for a in 0..<4 {
        for b in 0..<4 {
          for c in 0..<4 {
            for d in 0..<4 {
              alike[a * 4 + b] += inverse[a * 4 + c] * spread[c * 4 + d] * inverse[d * 4 + b]
            }
          }
        }
      }
      // Correlations of the one, sizes of the larger.
      let scale = (0..<4).map { k in
        (max(matrix[k * 5], alike[k * 5]) / max(1e-300, alike[k * 5])).squareRoot()
      }
      for a in 0..<4 {
        for b in 0..<4 { matrix[a * 4 + b] = alike[a * 4 + b] * scale[a] * scale[b] }
      }
      freedom = Int(memory.independent) - 4
    }
    // Straight pieces between the nodes of the curve are off by a twelfth of its second difference.
    let bends = nodes.map { z -> Double in
      let step = 1.0 / 200
      return (curve.value(at: z - step) - 2 * curve.value(at: z) + curve.value(at: z + step)) / 12
    }
    let drawn = (0..<4).map { a in
      (0..<4).reduce(0.0) { sum, b in
        sum + inverse[a * 4 + b] * bends.indices.reduce(0.0) { $0 + scores[$1 * 4 + b] * bends[$1] }
      }
    }
    for a in 0..<4 {
      for b in 0..<4 { matrix[a * 4 + b] += drawn[a] * drawn[b] }
    }
    let rates = q.map { $0 * (1 - $0) }
    covariance = matrix
    for a in 0..<4 {
      for b in 0..<4 { covariance[a * 4 + b] = matrix[a * 4 + b] * rates[a] * rates[b] }
    }
    intervalFactor = StudentDistribution.intervalFactor(freedom: freedom)
    let differences = best.residuals.prefix(half)
    rootMeanSquare =
      (differences.reduce(0) { $0 + $1 * $1 } / Double(half)).squareRoot()
    let fitted = balance
    remainder = MonotoneCurve(count: 201) { z in
      let inner = max(Self.range.lowerBound, min(Self.range.upperBound, z))
      return curve.value(at: inner)
        - set.openCircuitVoltage(
          negative: fitted.negativeStoichiometry(at: inner),
          positive: fitted.positiveStoichiometry(at: inner))
    }
  }

  /// The same window with half of its distance from another one added to the errors.
  ///
  /// - Parameter other: The window from the same test before its losses were taken out: what they
  ///   changed is not known better than by half.
  /// - Returns: The window with larger errors.
  func doubted(by other: ElectrodeBalancing) -> ElectrodeBalancing {
    var copy = self
    let mine = [
      balance.negative.empty, balance.negative.full, balance.positive.empty, balance.positive.full,
    ]
    let its = [
      other.balance.negative.empty, other.balance.negative.full, other.balance.positive.empty,
      other.balance.positive.full,
    ]
    let halves = zip(mine, its).map { 0.5 * ($0 - $1) }
    for a in 0..<4 {
      for b in 0..<4 { copy.covariance[a * 4 + b] += halves[a] * halves[b] }
    }
    return copy
  }

  /// Windows one standard deviation off, along four directions that are independent of each other.
  ///
  /// What each leaves of the open-circuit voltage is what the measured curve then has beside it.
  ///
  /// - Parameter set: Potentials of both electrodes.
  /// - Returns: Four windows; none when the covariance is singular.
  func deviated(potentials set: CellParameters) -> [ElectrodeBalancing] {
    var matrix = covariance
    for k in 0..<4 { matrix[k * 5] = matrix[k * 5] * (1 + 1e-9) + 1e-18 }
    guard let factor = try? DenseSolvers.cholesky(matrix, size: 4) else { return [] }
    let centre = [
      balance.negative.empty, balance.negative.full, balance.positive.empty, balance.positive.full,
    ]
    return (0..<4).map { k in
      let q = (0..<4).map { max(1e-6, min(1 - 1e-6, centre[$0] + factor[$0 * 4 + k])) }
      var copy = self
      copy.balance = ElectrodeBalance(negative: (q[0], q[1]), positive: (q[2], q[3]))
      copy.remainder = MonotoneCurve(count: 201) { z in
        let inner = max(Self.range.lowerBound, min(Self.range.upperBound, z))
        return remainder.value(at: inner)
          + set.openCircuitVoltage(
            negative: balance.negativeStoichiometry(at: inner),
            positive: balance.positiveStoichiometry(at: inner))
          - set.openCircuitVoltage(
            negative: copy.balance.negativeStoichiometry(at: inner),
            positive: copy.balance.positiveStoichiometry(at: inner))
      }
      return copy
    }
  }

  /// The set with hosts of the size that the window and the capacity ask for.
  ///
  /// The area takes what both electrodes have in common and the thickness of each the rest, so that
  /// porosities and particles stay those of the set. Heat is left out: it is that of another cell.
  ///
  /// - Parameters:
  ///   - set: The set whose potentials were fitted.
  ///   - cutOff: Voltages at which discharge and charge end, in volts.
  /// - Returns: The set of the cell, full at rest.
  public func apply(to set: CellParameters, cutOff: ClosedRange<Double>) -> CellParameters {
    var cell = set
    let hosts = set.hostCapacity
    let moles = capacity / PhysicalConstants.faraday
    let negative = moles / (balance.negative.full - balance.negative.empty) / hosts.negative
    let positive = moles / (balance.positive.empty - balance.positive.full) / hosts.positive
    let common = (negative * positive).squareRoot()
    cell.electrodeArea *= common
    cell.negative.thickness *= negative / common
    cell.positive.thickness *= positive / common
    cell.negative.initialConcentration =
      balance.negative.full * set.negative.maximumConcentration
    cell.positive.initialConcentration =
      balance.positive.full * set.positive.maximumConcentration
    cell.nominalCapacity = capacity
    cell.lowerCutOff = cutOff.lowerBound
    cell.upperCutOff = cutOff.upperBound
    cell.heat = nil
    return cell
  }
}
