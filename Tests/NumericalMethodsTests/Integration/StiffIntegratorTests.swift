// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The stiff integrator against published solutions, analytic ones and its own orders.

import Foundation
import NumericalMethods
import Testing

@Suite("Stiff integration")
struct StiffIntegratorTests {
  /// Integrates and returns the final state.
  func final(
    _ problem: inout DenseProblem, from initial: [Double], to end: Double, tolerance: Double,
    statistics: ((StiffStatistics) -> Void)? = nil
  ) throws -> [Double] {
    var integrator = StiffIntegrator(
      unknownCount: initial.count, options: StiffOptions(relativeTolerance: tolerance))
    let started = integrator.start(&problem, at: 0, from: initial, span: end)
    try #require(started)
    let outcome = integrator.advance(&problem, until: end)
    try #require(outcome == .reachedEnd)
    statistics?(integrator.statistics)
    return (0..<initial.count).map { integrator.state[$0] }
  }

  // Robertson (1966); values at 1e11 from Mazzia & Magherini (2008), "Test Set for IVP Solvers",
  // release 2.4, problem ROBER.
  @Test("Robertson's kinetics agree with the published state at 1e11 s", arguments: [true, false])
  func robertson(algebraic: Bool) throws {
    var problem = DenseProblem(
      mass: [1, 1, algebraic ? 0 : 1], tolerance: [1e-6, 1e-10, 1e-6]
    ) { _, y, f in
      let forward = 0.04 * y[0] - 1e4 * y[1] * y[2]
      let loss = 3e7 * y[1] * y[1]
      f[0] = -forward
      f[1] = forward - loss
      f[2] = algebraic ? 1 - y[0] - y[1] - y[2] : loss
    }
    let y = try final(&problem, from: [1, 0, 0], to: 1e11, tolerance: 1e-8)
    #expect(abs(y[0] / 0.208_334_014_970_125_5e-7 - 1) < 1e-4)
    #expect(abs(y[1] / 0.833_336_077_033_471_3e-13 - 1) < 1e-4)
    #expect(abs(y[2] - 0.999_999_979_166_505_0) < 1e-11)
    #expect(abs(y[0] + y[1] + y[2] - 1) < 1e-12, "mass is kept to rounding")
  }

  // Problem VDPOL of the same test set: stiffness 1e6, state at t = 2.
  @Test("Van der Pol's oscillator agrees with the published state")
  func vanDerPol() throws {
    var problem = DenseProblem(mass: [1, 1], tolerance: [1, 1]) { _, y, f in
      f[0] = y[1]
      f[1] = ((1 - y[0] * y[0]) * y[1] - y[0]) * 1e6
    }
    let y = try final(&problem, from: [2, 0], to: 2, tolerance: 1e-7)
    #expect(abs(y[0] / 1.706_167_732_170_483 - 1) < 2e-5)
    #expect(abs(y[1] / -0.892_809_701_024_797_5 - 1) < 2e-5)
  }

  // Problem HIRES of the same test set: state at t = 321.8122.
  static let hires = [
    0.737_131_257_332_566_8e-3, 0.144_248_572_631_618_5e-3, 0.588_872_974_096_757_5e-4,
    0.117_565_134_328_314_9e-2, 0.238_635_619_883_133_1e-2, 0.623_896_825_274_279_6e-2,
    0.284_999_839_518_576_9e-2, 0.285_000_160_481_423_1e-2,
  ]

  @Test("HIRES agrees with the published state, better with a tighter tolerance")
  func highIrradianceResponse() throws {
    var errors: [Double] = []
    for tolerance in [1e-4, 1e-6, 1e-8] {
      var problem = DenseProblem(
        mass: .init(repeating: 1, count: 8), tolerance: .init(repeating: 1e-4, count: 8)
      ) { _, y, f in
        f[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007
        f[1] = 1.71 * y[0] - 8.75 * y[1]
        f[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4]
        f[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3]
        f[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6]
        let binding = 280 * y[5] * y[7]
        f[5] = -binding + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6]
        f[6] = binding - 1.81 * y[6]
        f[7] = -binding + 1.81 * y[6]
      }
      let y = try final(
        &problem, from: [1, 0, 0, 0, 0, 0, 0, 0.0057], to: 321.8122, tolerance: tolerance)
      errors.append(zip(y, Self.hires).map { abs($0 / $1 - 1) }.max() ?? .nan)
    }
    #expect(errors[0] < 2e-2)
    #expect(errors[1] < 5e-4)
    #expect(errors[2] < 5e-6)
  }

  /// Complete elliptic integral of the first kind by the arithmetic–geometric mean.
  func ellipticIntegral(_ modulus: Double) -> Double {
    var a = 1.0
    var g = (1 - modulus * modulus).squareRoot()
    while abs(a - g) > 1e-15 { (a, g) = (0.5 * (a + g), (a * g).squareRoot()) }
    return Double.pi / (2 * a)
  }

  @Test("A pendulum in Cartesian coordinates, with its rod force algebraic, swings on time")
  func pendulum() throws {
    let gravity = 9.806_65
    var problem = DenseProblem(
      mass: [1, 1, 1, 1, 0], tolerance: [1, 1, 1, 1, 1]
    ) { _, y, f in
      f[0] = y[2]
      f[1] = y[3]
      f[2] = -y[4] * y[0]
      f[3] = -y[4] * y[1] - gravity
      let length = y[0] * y[0] + y[1] * y[1]
      f[4] = y[2] * y[2] + y[3] * y[3] - gravity * y[1] - y[4] * length
    }
    problem.event = { $0[0] }
    // Held horizontally: amplitude 90°, modulus sin 45°.
    var integrator = StiffIntegrator(
      unknownCount: 5, eventCount: 1, options: StiffOptions(relativeTolerance: 1e-9))
    // The rod force given is wrong on purpose: the start has to find it.
    let started = integrator.start(&problem, at: 0, from: [1, 0, 0, 0, 7], span: 1)
    try #require(started)
    let force = integrator.state[4]
    #expect(abs(force) < 1e-9)
    let outcome = integrator.advance(&problem, until: 10)
    #expect(outcome == .event(index: 0))
    let time = integrator.time
    let y = (0..<4).map { integrator.state[$0] }
    let quarter = ellipticIntegral(0.5.squareRoot()) / gravity.squareRoot()
    #expect(abs(time - quarter) < 1e-7)
    #expect(abs(y[0]) < 1e-9, "the event is located exactly")
    #expect(abs(y[1] + 1) < 1e-6)
    #expect(abs(y[2] * y[2] - 2 * gravity) < 1e-5)
  }

  @Test("Each formula converges with its order", arguments: 1...5)
  func order(_ order: Int) throws {
    // y' = y: all derivatives are alike, so a constant step keeps the highest order allowed. The
    // error is that of the growth rate, measured once order and step have settled.
    func error(step: Double) throws -> Double {
      var problem = DenseProblem(mass: [1], tolerance: [1]) { _, y, f in f[0] = y[0] }
      problem.refreshesMatrixEveryIteration = true
      // A tolerance that never limits the step: size and order come from the limits alone.
      var integrator = StiffIntegrator(
        unknownCount: 1,
        options: StiffOptions(
          relativeTolerance: 1e-2, longestStep: step, firstStep: 1e-6, highestOrder: order))
      let started = integrator.start(&problem, at: 0, from: [1], span: 3)
      try #require(started)
      var settled = 0
      var first = (time: 0.0, logarithm: 0.0)
      while settled < 40 {
        let outcome = integrator.step(&problem, until: 100)
        try #require(outcome == .accepted)
        settled = integrator.lastOrder == order ? settled + 1 : 0
        if settled == 20 { first = (integrator.time, log(integrator.state[0])) }
      }
      return abs((log(integrator.state[0]) - first.logarithm) / (integrator.time - first.time) - 1)
    }
    let coarse = try error(step: 0.05)
    let fine = try error(step: 0.025)
    let observed = log2(coarse / fine)
    #expect(abs(observed - Double(order)) < 0.25, "observed order \(observed)")
  }

  @Test("Dense output is as accurate as the steps, and an invariant holds between them")
  func denseOutput() throws {
    var problem = DenseProblem(mass: [1, 1], tolerance: [1, 1]) { _, y, f in
      f[0] = -50 * y[0] + 2 * y[1]
      f[1] = 50 * y[0] - 2 * y[1]
    }
    var integrator = StiffIntegrator(
      unknownCount: 2, options: StiffOptions(relativeTolerance: 1e-6))
    let started = integrator.start(&problem, at: 0, from: [1, 0.5], span: 1)
    try #require(started)
    var outcome = StiffOutcome.accepted
    var between = [0.0, 0]
    while outcome == .accepted {
      outcome = integrator.step(&problem, until: 1)
      for part in [0.25, 0.5, 0.75] {
        let t = integrator.lastStepStart + part * (integrator.time - integrator.lastStepStart)
        integrator.interpolate(at: t, into: &between)
        let equilibrium = 1.5 * 2 / 52
        let exact = equilibrium + (1 - equilibrium) * exp(-52 * t)
        #expect(abs(between[0] - exact) < 3e-5)
        #expect(abs(between[0] + between[1] - 1.5) < 1e-13)
      }
    }
    #expect(outcome == .reachedEnd)
  }

  @Test("A right side that is undefined ends in a failure, not in a hang or NaN")
  func undefinedRightSide() throws {
    var problem = DenseProblem(mass: [1], tolerance: [1]) { _, y, f in
      f[0] = y[0] > 2 ? .nan : y[0]
    }
    var integrator = StiffIntegrator(unknownCount: 1)
    let started = integrator.start(&problem, at: 0, from: [1], span: 1)
    try #require(started)
    let outcome = integrator.advance(&problem, until: 5)
    #expect(outcome == .failed)
    let last = integrator.state[0]
    #expect(last.isFinite && last <= 2)
    let time = integrator.time
    #expect(abs(time - log(2)) < 1e-2)
  }
}
