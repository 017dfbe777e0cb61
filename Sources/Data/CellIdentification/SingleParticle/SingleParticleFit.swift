// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Residuals of a single-particle model over recordings, and their least squares.

import CellModels
import Foundation
import NumericalMethods

/// Residuals of a balanced single-particle model over recordings.
struct SingleParticleFit {
  typealias Values = [SingleParticleQuantity: Double]

  /// A solution: logarithms of factors by quantity.
  struct Solution {
    var quantities: [SingleParticleQuantity]
    var fit: SmallLeastSquares
    var values: Values
    var rootMeanSquare: Double { fit.rootMeanSquare }
  }

  let segments: [SegmentedRecording]
  let base: CellParameters
  var balancing: ElectrodeBalancing
  let cutOff: ClosedRange<Double>
  /// Contact resistance of the base, in ohms: what a set without one is started from.
  let contact: Double
  /// Weight of the residuals of each recording: each counts alike within a factor of four, so that
  /// a discharge of twenty samples is not lost beside a pulse test of thousands.
  let weights: [Double]

  init(
    _ segments: [SegmentedRecording], base: CellParameters, balancing: ElectrodeBalancing,
    cutOff: ClosedRange<Double>, contact: Double
  ) {
    self.segments = segments
    self.base = base
    self.balancing = balancing
    self.cutOff = cutOff
    self.contact = base.contactResistance > 0 ? base.contactResistance : contact
    let total = Double(segments.reduce(0) { $0 + $1.rows.count })
    weights = segments.map {
      let share = Double(segments.count * max(1, $0.rows.count)) / total
      return max(0.25, min(4, 1 / share.squareRoot()))
    }
  }

  /// Clusters of all compared samples; those of different recordings differ.
  var cluster: [Int] {
    segments.enumerated().flatMap { index, segment in
      segment.cluster.map { 100_000 * index + $0 }
    }
  }

  /// The cell with factors.
  func set(_ values: Values) -> CellParameters {
    var cell = balancing.apply(to: base, cutOff: cutOff)
    cell.contactResistance = contact
    for (quantity, value) in values {
      // Every name is one of the library's own.
      try? quantity.apply(value, to: &cell, contact: contact)
    }
    return cell
  }

  /// Weighted model less measurement, without what the potentials leave unexplained of the
  /// open-circuit voltage; half a volt where the model cannot follow the current.
  func residuals(_ values: Values) -> [Double] {
    let cell = set(values)
    return zip(segments, weights).flatMap { segment, weight -> [Double] in
      let voltages =
        (try? segment.voltages(
          cell, balance: balancing.balance, resolution: .singleParticle))
        ?? [Double](repeating: .nan, count: segment.rows.count)
      return segment.rows.indices.map { k in
        let measured = segment.recording.voltages[segment.rows[k]]
        let difference =
          voltages[k] + balancing.remainder.value(at: segment.charges[k]) - measured
        return weight * (difference.isFinite ? max(-0.5, min(0.5, difference)) : -0.5)
      }
    }
  }

  func rootMeanSquare(of residuals: [Double]) -> Double {
    (residuals.reduce(0) { $0 + $1 * $1 } / Double(max(1, residuals.count))).squareRoot()
  }

  /// Fits quantities, held near the base set by their spreads; all others are those of the set.
  ///
  /// - Parameters:
  ///   - quantities: Which.
  ///   - start: Where to start.
  ///   - fixed: Quantities that are not those of the set and not fitted.
  ///   - noise: Size of the residuals.
  ///   - rounds: Most rounds.
  ///   - known: Slopes near the start, if they need not be found.
  /// - Returns: The solution with its slopes.
  func solve(
    _ quantities: [SingleParticleQuantity], from start: Values, fixed: Values = [:],
    noise: Double, rounds: Int, known: [[Double]]? = nil
  ) -> Solution {
    func values(_ numbers: [Double]) -> Values {
      fixed.merging(zip(quantities, numbers)) { _, new in new }
    }
    let fit = SmallLeastSquares(
      quantities.map { start[$0] ?? 0 }, noise: noise,
      priors: quantities.map { (0, $0.spread) }, shift: 0.05, rounds: rounds,
      known: known
    ) { residuals(values($0)) }
    return Solution(quantities: quantities, fit: fit, values: values(fit.values))
  }

  /// What a fit minimises: residuals in units of the noise, and how far numbers are from the base.
  func objective(_ solution: Solution, noise: Double) -> Double {
    let square = solution.fit.residuals.reduce(0) { $0 + $1 * $1 } / (noise * noise)
    return solution.values.reduce(square) { sum, item in
      let distance = item.value / item.key.spread
      return sum + distance * distance
    }
  }

  /// The open-circuit voltage of a slow test without the losses that the model has at its current.
  ///
  /// A charge that ends at the cut-off under current leaves the cell short of full: the model tells
  /// by how much. One that was held at the cut-off ends full.
  func openCircuit(_ test: OpenCircuitTest, _ values: Values) -> MonotoneCurve {
    let cell = set(values)
    func loss(_ sign: Double) -> (losses: [Double], voltages: [Double])? {
      let current = sign * test.current
      let duration = test.capacity / test.current
      let times = (0...400).map { duration * Double($0) / 400 }
      let recording = Recording(
        name: test.name, times: times, currents: times.map { _ in current },
        voltages: times.map { time in
          test.openCircuit.value(at: sign > 0 ? 1 - time / duration : time / duration)
        }, temperatures: times.map { _ in test.temperature })
      let rows = FitRows(
        recording, initialCharge: sign > 0 ? 1 : 0, capacity: test.capacity)
      let segment = SegmentedRecording(rows, range: 0...1, all: true)
      guard
        let voltages = try? segment.voltages(
          cell, balance: balancing.balance, resolution: .singleParticle)
      else { return nil }
      let known = voltages.indices.filter { voltages[$0].isFinite }
      guard known.count > 300 else { return nil }
      let order = known.sorted { segment.charges[$0] < segment.charges[$1] }
      let places = order.map { segment.charges[$0] }
      let losses = order.map { k in
        let z = segment.charges[k]
        return voltages[k]
          - cell.openCircuitVoltage(
            negative: balancing.balance.negativeStoichiometry(at: z),
            positive: balancing.balance.positiveStoichiometry(at: z))
      }
      let sorted = order.map { voltages[$0] }
      return (
        test.nodes.map { Interpolation.linear(places, losses, at: $0) },
        test.nodes.map { Interpolation.linear(places, sorted, at: $0) }
      )
    }
    guard let out = loss(1) else { return test.openCircuit }
    var curve = zip(test.discharge, out.losses).map { $0 - $1 }
    if let charge = test.charge, let back = loss(-1) {
      let last = test.nodes.count - 1
      let end = charge[last]
      let isHeld = charge[last] - charge[last - 3] < 0.2 * (charge[last - 10] - charge[last - 13])
      let reached =
        isHeld
        ? 1
        : test.nodes.indices.first {
          back.voltages[$0] + balancing.remainder.value(at: test.nodes[$0]) >= end
        }.map { max(0.9, test.nodes[$0]) } ?? 1
      for k in test.nodes.indices where test.nodes[k] <= reached {
        let branch = Interpolation.linear(test.nodes, charge, at: test.nodes[k] / reached)
        curve[k] = (curve[k] + branch - back.losses[k]) / 2
      }
    }
    return MonotoneCurve(values: MonotoneFit.rising(curve, step: 1e-6))
  }
}
