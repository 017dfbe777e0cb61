// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// No step of the stiff integrator allocates memory.

import AllocationCounter
import NumericalMethods
import Testing

@Suite("Allocations of the stiff integrator")
struct AllocationTests {
  @Test(
    "Steps, restarts, dense output and events allocate nothing",
    .enabled(if: anodyne_allocation_count() >= 0, "allocations are counted on glibc alone"))
  func steps() throws {
    let before = anodyne_allocation_count()
    let probe = [Int](repeating: 1, count: 100 + Int.random(in: 0...1))
    #expect(anodyne_allocation_count() > before, "the counter sees an array of \(probe.count)")

    let problem = StiffProblem.pendulum
    var system = PlainPendulum()
    var output = DoubleWorkspace(count: 5)
    let initial = DoubleWorkspace(count: 5)
    for (n, value) in problem.initial.enumerated() { initial.base[n] = value }
    var integrator = StiffIntegrator(
      unknownCount: 5, eventCount: 1, options: StiffOptions(relativeTolerance: 1e-6))
    var events = 0
    // The runtime itself allocates when a generic function meets a type for the first time.
    _ = run(&system, &integrator, initial, &output, &events)
    let count = run(&system, &integrator, initial, &output, &events)
    #expect(count == 0)
    #expect(integrator.statistics.steps > 100)
    #expect(events == 4)
  }

  /// Swings twice to the lowest point, and returns the allocations on the way.
  func run(
    _ system: inout PlainPendulum, _ integrator: inout StiffIntegrator,
    _ initial: borrowing DoubleWorkspace, _ output: inout DoubleWorkspace, _ events: inout Int
  ) -> Int {
    let before = anodyne_allocation_count()
    for _ in 0..<2 {
      guard integrator.start(&system, at: 0, from: initial.base, span: 1) else { return -1 }
      while true {
        let outcome = integrator.step(&system, until: 10)
        let middle = 0.5 * (integrator.lastStepStart + integrator.time)
        integrator.interpolate(at: middle, into: output.base)
        if case .event = outcome { events += 1 }
        if outcome != .accepted { break }
      }
    }
    return anodyne_allocation_count() - before
  }
}

/// The pendulum of ``StiffProblem/pendulum`` with an analytic matrix in memory allocated once.
struct PlainPendulum: StiffSystem, ~Copyable {
  let factors = DenseFactorization(size: 5)
  var unknownCount: Int { 5 }
  var eventCount: Int { 1 }

  func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for n in 0..<4 { mass[n] = 1 }
    mass[4] = 0
  }

  mutating func evaluate(
    time: Double, state y: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>
  ) -> Bool {
    f[0] = y[2]
    f[1] = y[3]
    f[2] = -y[4] * y[0]
    f[3] = -y[4] * y[1] - StiffProblem.gravity
    let length = y[0] * y[0] + y[1] * y[1]
    f[4] = y[2] * y[2] + y[3] * y[3] - StiffProblem.gravity * y[1] - y[4] * length
    return true
  }

  mutating func linearize(
    time: Double, state y: UnsafePointer<Double>, leading: Double,
    into f: UnsafeMutablePointer<Double>
  ) -> Bool {
    let m = factors.matrix
    for n in 0..<25 { m[n] = 0 }
    for n in 0..<4 { m[6 * n] = leading }
    m[2] = -1
    m[8] = -1
    m[10] = y[4]
    m[14] = y[0]
    m[16] = y[4]
    m[19] = y[1]
    m[20] = 2 * y[4] * y[0]
    m[21] = StiffProblem.gravity + 2 * y[4] * y[1]
    m[22] = -2 * y[2]
    m[23] = -2 * y[3]
    m[24] = y[0] * y[0] + y[1] * y[1]
    return evaluate(time: time, state: y, into: f) && factors.factor()
  }

  mutating func solve(_ right: UnsafeMutablePointer<Double>) { factors.solve(right) }

  mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) { values[0] = state[0] }
}
