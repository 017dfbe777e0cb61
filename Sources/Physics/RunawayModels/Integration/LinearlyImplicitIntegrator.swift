// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Linearly implicit steps of a small stiff system, with error control.

import NumericalMethods

/// A small stiff system `y' = f(t, y)` whose Jacobian is known, exactly or nearly.
package protocol LinearlyImplicitSystem: ~Copyable {
  /// Number of unknowns.
  var unknownCount: Int { get }

  /// Evaluates `f(t, y)`; false where it is not defined.
  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool

  /// Evaluates `f(t, y)` and keeps its Jacobian; false where it is not defined.
  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool

  /// Factors `leading − J` with the Jacobian kept; false where it is singular.
  mutating func factor(leading: Double) -> Bool

  /// Solves with the factors, in place.
  mutating func solve(_ rightSide: UnsafeMutablePointer<Double>)

  /// Damps fast parts of an error, which have died out: `leading·(leading − J)⁻¹·error`, in place;
  /// needs to do so only for what ``errorNorm(_:from:to:)`` looks at.
  mutating func dampen(_ error: UnsafeMutablePointer<Double>)

  /// Largest error of a step in units of what is allowed: 1 is just accepted.
  func errorNorm(
    _ error: UnsafePointer<Double>, from old: UnsafePointer<Double>, to new: UnsafePointer<Double>
  ) -> Double
}

/// Takes the steps of ``LinearlyImplicitMethod``; allocates nothing after its start.
///
/// One step costs one Jacobian, one factorization, three further evaluations and five solutions.
package struct LinearlyImplicitIntegrator: ~Copyable {
  private let memory: DoubleWorkspace
  private let count: Int
  private let a: [Double]
  private let c: [Double]
  private let m: [Double]
  private let errorWeights: [Double]
  private let nodes: [Double]

  /// Attempts of steps since the start.
  package private(set) var attempts = 0

  /// Creates room for a system.
  package init(unknownCount: Int) {
    count = unknownCount
    memory = DoubleWorkspace(count: 6 * unknownCount)
    a = LinearlyImplicitMethod.a
    c = LinearlyImplicitMethod.c
    m = LinearlyImplicitMethod.m
    errorWeights = LinearlyImplicitMethod.error
    nodes = LinearlyImplicitMethod.nodes
  }

  /// State at the end of the last attempt.
  package var result: UnsafeMutablePointer<Double> { memory.base + 4 * count }

  /// Tries one step from a point at which the system has just been linearized.
  ///
  /// - Parameters:
  ///   - system: The system, holding its Jacobian at the start of the step.
  ///   - time: Start of the step.
  ///   - state: `[count]` state there.
  ///   - rates: `[count]` rates there.
  ///   - step: Length.
  ///   - last: Latest time that may be evaluated: just before a jump of `f`.
  /// - Returns: Error in units of what is allowed, of ``result``; infinite where the step failed.
  /// - Complexity: One factorization, three evaluations, five solutions.
  package mutating func attempt<System: LinearlyImplicitSystem & ~Copyable>(
    _ system: inout System, time: Double, state: UnsafePointer<Double>,
    rates: UnsafePointer<Double>, step: Double, last: Double
  ) -> Double {
    attempts += 1
    let n = count
    let stages = memory.base
    let trial = result
    let error = trial + n
    let inverse = 1 / step
    guard system.factor(leading: inverse / LinearlyImplicitMethod.gamma) else { return .infinity }
    for stage in 0..<4 {
      let unknown = stages + stage * n
      if stage == 0 {
        for i in 0..<n { unknown[i] = rates[i] }
      } else {
        for i in 0..<n { trial[i] = state[i] }
        for j in 0..<stage {
          let weight = a[stage * 4 + j]
          if weight == 0 { continue }
          let earlier = stages + j * n
          for i in 0..<n { trial[i] += weight * earlier[i] }
        }
        let now = min(last, time + nodes[stage] * step)
        guard system.evaluate(time: now, state: trial, into: unknown) else { return .infinity }
        for j in 0..<stage {
          let weight = c[stage * 4 + j] * inverse
          let earlier = stages + j * n
          for i in 0..<n { unknown[i] += weight * earlier[i] }
        }
      }
      system.solve(unknown)
    }
    for i in 0..<n {
      var sum = 0.0
      var difference = 0.0
      for stage in 0..<4 {
        let value = stages[stage * n + i]
        sum += m[stage] * value
        difference += errorWeights[stage] * value
      }
      trial[i] = state[i] + sum
      error[i] = difference
    }
    // Fast parts of the difference have died out and would only shorten the step
    // (Hairer & Wanner 1996, section IV.8, doi:10.1007/978-3-642-05221-7).
    system.dampen(error)
    let norm = system.errorNorm(error, from: state, to: trial)
    return norm.isFinite ? norm : .infinity
  }
}
