// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The stiff integrator against SUNDIALS' IDA and CVODE on standard problems.

import Foundation
import NumericalMethods
import Testing

@Suite("Stiff integration beside SUNDIALS")
struct SundialsTests {
  /// The own integrator's end state and work.
  func own(_ problem: StiffProblem, tolerance: Double) throws -> SundialsResult {
    var system = DenseProblem(
      mass: problem.mass, tolerance: problem.floor, rightSide: problem.rightSide)
    let count = problem.mass.count
    var integrator = StiffIntegrator(
      unknownCount: count,
      options: StiffOptions(relativeTolerance: tolerance, stepLimit: 1_000_000))
    let started = integrator.start(&system, at: 0, from: problem.initial, span: problem.end)
    try #require(started)
    let outcome = integrator.advance(&system, until: problem.end)
    try #require(outcome == .reachedEnd)
    let work = integrator.statistics
    return SundialsResult(
      state: (0..<count).map { integrator.state[$0] }, steps: work.steps,
      evaluations: work.iterations + 2 * count * work.factorizations,
      factorizations: work.factorizations)
  }

  @Test(
    "At a tight tolerance it ends where IDA, CVODE and the literature end",
    arguments: StiffProblem.all)
  func agreement(_ problem: StiffProblem) throws {
    let tolerance = 1e-10
    let ours = try own(problem, tolerance: tolerance)
    let ida = try SundialsSolver.ida(problem, tolerance: tolerance)
    let fromIDA = problem.distance(ours.state, ida.state)
    // Local errors of 1e-10 add up over thousands of steps; a pendulum keeps them all.
    #expect(fromIDA < 1e-6, "IDA")
    var fromCVODE = 0.0
    if problem.isDifferential {
      let cvode = try SundialsSolver.cvode(problem, tolerance: tolerance)
      fromCVODE = problem.distance(ours.state, cvode.state)
      #expect(fromCVODE < 1e-6, "CVODE")
    }
    let published = problem.distance(ours.state, problem.published)
    #expect(published < 1e-6, "literature")
    print(
      "\(problem.name): from IDA \(Self.short(fromIDA)), from CVODE \(Self.short(fromCVODE)), "
        + "from the literature \(Self.short(published))")
  }

  @Test(
    "At equal tolerances it is as accurate as IDA within a factor, for similar work",
    arguments: StiffProblem.all)
  func work(_ problem: StiffProblem) throws {
    let exact = problem.published
    for tolerance in [1e-5, 1e-7] {
      let ours = try own(problem, tolerance: tolerance)
      let ida = try SundialsSolver.ida(problem, tolerance: tolerance)
      let ourError = problem.distance(ours.state, exact)
      let itsError = problem.distance(ida.state, exact)
      print(
        "\(problem.name) at \(tolerance): ours \(ours.steps) steps, \(ours.evaluations) "
          + "evaluations, \(ours.factorizations) matrices, error \(Self.short(ourError)); IDA "
          + "\(ida.steps), \(ida.evaluations), \(ida.factorizations), \(Self.short(itsError))")
      #expect(ours.steps < 2 * ida.steps)
      #expect(ours.factorizations < 2 * ida.factorizations)
      #expect(ourError < 10 * max(itsError, tolerance))
    }
  }

  static func short(_ value: Double) -> String { String(format: "%.1e", value) }
}
