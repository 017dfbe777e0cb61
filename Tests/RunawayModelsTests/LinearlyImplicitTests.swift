// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The linearly implicit method: its order with a wrong Jacobian, and its damping.

import Foundation
import RunawayModels
import Testing

/// `y₀' = −y₀·(1 + y₁) + sin t`, `y₁' = −λ·(y₁ − cos t)`, with a Jacobian times a factor.
struct TwoRates: LinearlyImplicitSystem {
  var stiffness = 1.0
  var factor = 1.0
  private var matrix: [Double] = [0, 0, 0, 0]
  private var shifted: [Double] = [0, 0, 0, 0]

  init(stiffness: Double, factor: Double) {
    self.stiffness = stiffness
    self.factor = factor
  }

  var unknownCount: Int { 2 }

  func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    rates[0] = -state[0] * (1 + state[1]) + sin(time)
    rates[1] = -stiffness * (state[1] - cos(time))
    return true
  }

  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    matrix = [-factor * (1 + state[1]), -factor * state[0], 0, -factor * stiffness]
    return evaluate(time: time, state: state, into: rates)
  }

  mutating func factor(leading: Double) -> Bool {
    shifted = [leading - matrix[0], -matrix[1], 0, leading - matrix[3]]
    return true
  }

  func solve(_ rightSide: UnsafeMutablePointer<Double>) {
    rightSide[1] /= shifted[3]
    rightSide[0] = (rightSide[0] - shifted[1] * rightSide[1]) / shifted[0]
  }

  func dampen(_ error: UnsafeMutablePointer<Double>) {}

  func errorNorm(
    _ error: UnsafePointer<Double>, from old: UnsafePointer<Double>, to new: UnsafePointer<Double>
  ) -> Double { abs(error[0]) }
}

@Suite("Linearly implicit steps")
struct LinearlyImplicitTests {
  /// State at time 1 after equal steps, and the sum of the errors told.
  func run(_ system: TwoRates, steps: Int) -> (state: [Double], told: Double) {
    var system = system
    var integrator = LinearlyImplicitIntegrator(unknownCount: 2)
    var state = [1.0, 0.5]
    var rates = [0.0, 0.0]
    var told = 0.0
    let step = 1 / Double(steps)
    for index in 0..<steps {
      let time = Double(index) * step
      _ = system.linearize(time: time, state: state, into: &rates)
      told += integrator.attempt(
        &system, time: time, state: state, rates: rates, step: step, last: .infinity)
      state = [integrator.result[0], integrator.result[1]]
    }
    return (state, told)
  }

  @Test(
    "The order is three with the Jacobian, without it, and with twice it", arguments: [1.0, 0, 2])
  func order(factor: Double) {
    let system = TwoRates(stiffness: 2, factor: factor)
    let exact = run(system, steps: 4_096).state
    let coarse = run(system, steps: 32)
    let fine = run(system, steps: 64)
    for unknown in 0..<2 {
      let first = abs(coarse.state[unknown] - exact[unknown])
      let second = abs(fine.state[unknown] - exact[unknown])
      #expect(log2(first / second) > 2.7)
    }
    // The embedded method is of order two, so that the error of one step shrinks with its cube.
    #expect(log2(coarse.told / fine.told) > 1.7)
  }

  @Test("A component a million times faster than the step follows its equilibrium")
  func damping() {
    let found = run(TwoRates(stiffness: 1e8, factor: 1), steps: 20).state
    #expect(abs(found[1] - cos(1)) < 1e-3)
    #expect(found[0].isFinite)
  }
}
