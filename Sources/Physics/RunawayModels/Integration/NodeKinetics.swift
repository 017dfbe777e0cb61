// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Decomposition of one thermal node over one step of the network, with its own small steps.

import NumericalMethods

/// Integrates the reactions of one node while the heat flow into it stands still: the node
/// integrator of packs, and of a kernel at one temperature.
///
/// The unknowns are the extents alone: temperature follows from the energy they released and from
/// the constant power, `T = T₀ + (Σ hᵢ·Δξᵢ + P·t)/C`, so that energy is conserved to rounding
/// whatever the step. Steps are taken by ROS2, a linearly implicit method of order 2 that is
/// L-stable, with the error estimated against its first stage.
///
/// - Reference: Verwer, Spee, Blom & Hundsdorfer (1999), SIAM J. Sci. Comput. 20,
///   doi:10.1137/S1064827597326651.
package struct NodeKinetics: ~Copyable {
  private let kernel: ReactionKernel
  private let reactions: Int
  private let memory: DoubleWorkspace
  private let contents: DoubleWorkspace
  /// Evaluations of rates since the start.
  package private(set) var evaluations = 0
  /// Largest error of a small step, in kelvin.
  private let temperatureTolerance: Double
  /// Largest error of a small step in any extent.
  private let extentTolerance: Double

  /// Creates room for the nodes of a cell.
  ///
  /// - Parameters:
  ///   - kernel: Reactions of the whole cell.
  ///   - temperatureTolerance: Largest error of a small step, in kelvin.
  ///   - extentTolerance: Largest error of a small step in any extent.
  package init(
    _ kernel: ReactionKernel, temperatureTolerance: Double = 0.5, extentTolerance: Double = 5e-3
  ) {
    self.kernel = kernel
    self.temperatureTolerance = temperatureTolerance
    self.extentTolerance = extentTolerance
    reactions = kernel.reactionCount
    memory = DoubleWorkspace(count: reactions * (2 * reactions + 8))
    for i in 0..<reactions { memory.base[i] = kernel.heats[i] }
    contents = DoubleWorkspace(count: kernel.contentCount)
  }

  /// Advances a node whose extents `[node × reaction]` and contents `[cell × content]` lie in the
  /// arrays of a pack; otherwise as the method on pointers.
  package mutating func advance(
    node: Int, cell: Int, extents: inout [Double], initial: [Double], contentCount: Int,
    temperature: Double, capacity: Double, power: Double, duration: Double, share: Double,
    isBurning: Bool = false, step: inout Double
  ) -> Double {
    extents.withUnsafeMutableBufferPointer { extents -> Double in
      initial.withUnsafeBufferPointer { initial -> Double in
        guard let e = extents.baseAddress, let c = initial.baseAddress else { return 0 }
        return advance(
          extents: e + node * reactions, initial: c + cell * contentCount, charge: 0,
          temperature: temperature, capacity: capacity, power: power, duration: duration,
          share: share, isBurning: isBurning, step: &step)
      }
    }
  }

  /// Advances a node.
  ///
  /// - Parameters:
  ///   - extents: `[reactionCount]`, replaced.
  ///   - initial: `[contentCount]` contents at the start of the run.
  ///   - charge: Charge taken out of the cell since the start, as a fraction of its capacity.
  ///   - temperature: At the start, in kelvin.
  ///   - capacity: Of the node, in J/K.
  ///   - power: Heat flowing in from all else, in watts.
  ///   - duration: In seconds.
  ///   - share: Part of the cell in this node, times the factor of this cell's heats.
  ///   - isBurning: Whether the node is known to react, so that nobody need ask.
  ///   - step: Length of small steps, kept from call to call, in seconds.
  /// - Returns: Heat released, in joules.
  package mutating func advance(
    extents: UnsafeMutablePointer<Double>, initial: UnsafePointer<Double>, charge: Double,
    temperature: Double, capacity: Double, power: Double, duration: Double, share: Double,
    isBurning: Bool = false, step: inout Double
  ) -> Double {
    let r = reactions
    let heats = UnsafePointer(memory.base)
    let rates = memory.base + r
    let slopes = rates + r
    let first = slopes + r
    let second = first + r
    let start = second + r
    let trial = start + r
    let spare = trial + r
    let jacobian = spare + r
    let matrix = jacobian + r * r
    let factor = share / capacity

    // A node that hardly reacts, at both ends of its way through temperature, takes one explicit
    // step: the bounds keep it far from any error.
    if !isBurning {
      kernel.fillContents(initial: initial, extents: extents, charge: charge, into: contents.base)
      var heat = kernel.evaluate(temperature: temperature, contents: contents.base, rates: rates)
      evaluations += 1
      let warming = power / capacity * duration
      if warming > 2 {
        // Only a warmer end reacts faster.
        heat = kernel.evaluate(
          temperature: temperature + warming, contents: contents.base, rates: rates)
        evaluations += 1
      }
      var fastest = 0.0
      for i in 0..<r { fastest = max(fastest, rates[i]) }
      if abs(heat) * factor * duration < 0.01, fastest * duration < 1e-3 {
        var joules = 0.0
        for i in 0..<r {
          extents[i] += rates[i] * duration
          joules += rates[i] * duration * kernel.heats[i]
        }
        return joules * share
      }
    }

    start.update(from: extents, count: r)
    var time = 0.0
    var released = 0.0
    var h = min(max(step, 1e-6), duration)
    let gamma = 1 - 1 / 2.0.squareRoot()
    var attempts = 0
    while time < duration * (1 - 1e-12) {
      attempts += 1
      h = min(h, duration - time)
      let isForced = attempts > 20_000 || h < 1e-9
      let now = temperature + (released * share + power * time) / capacity
      kernel.fillContents(initial: initial, extents: extents, charge: charge, into: contents.base)
      _ = kernel.linearize(
        temperature: now, contents: contents.base, rates: rates, slopes: slopes, jacobian: jacobian,
        holdsSlopes: true)
      evaluations += 1
      // W = I − γh(J + slopes ⊗ heats/C); explicit time enters through the constant power.
      for i in 0..<r {
        for k in 0..<r {
          let total = jacobian[i * r + k] + slopes[i] * heats[k] * factor
          matrix[k * r + i] = (i == k ? 1 : 0) - gamma * h * total
        }
        first[i] = rates[i] + gamma * h * slopes[i] * power / capacity
        second[i] = -gamma * h * slopes[i] * power / capacity
      }
      guard SmallMatrix.factor(matrix, r) else {
        h *= 0.25
        if isForced { break }
        continue
      }
      SmallMatrix.solve(matrix, r, first)
      var firstHeat = 0.0
      for i in 0..<r {
        trial[i] = extents[i] + h * first[i]
        firstHeat += h * first[i] * heats[i]
      }
      kernel.fillContents(initial: initial, extents: trial, charge: charge, into: contents.base)
      let ahead =
        temperature
        + ((released + firstHeat) * share + power * (time + h)) / capacity
      _ = kernel.evaluate(temperature: ahead, contents: contents.base, rates: spare)
      evaluations += 1
      for i in 0..<r { second[i] += spare[i] - 2 * first[i] }
      SmallMatrix.solve(matrix, r, second)
      var error = 0.0
      var heatError = 0.0
      var change = 0.0
      // The difference of the stages, with its fast parts damped by the matrix of the step: they
      // have died out and would only shorten it (Hairer & Wanner 1996, section IV.8,
      // doi:10.1007/978-3-642-05221-7).
      for i in 0..<r { spare[i] = 0.5 * h * (first[i] + second[i]) }
      SmallMatrix.solve(matrix, r, spare)
      for i in 0..<r {
        error = max(error, abs(spare[i]) / extentTolerance)
        heatError += spare[i] * heats[i]
        change += h * (1.5 * first[i] + 0.5 * second[i]) * heats[i]
      }
      error = max(error, abs(heatError) * factor / temperatureTolerance)
      if error > 1 || !error.isFinite, !isForced {
        h *= error.isFinite ? max(0.2, 0.9 / error.squareRoot()) : 0.1
        continue
      }
      guard error.isFinite else { break }
      for i in 0..<r { extents[i] += h * (1.5 * first[i] + 0.5 * second[i]) }
      released += change
      time += h
      step = h
      h *= min(4, 0.9 / max(0.05, error.squareRoot()))
    }
    step = max(step, h)
    return released * share
  }
}
