// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// RKL2: order, stability far beyond the explicit limit, conservation.

import Foundation
import NumericalMethods
import Testing

/// Heat in a rod of unit length with insulated ends.
private struct Rod: DiffusionSystem {
  let unknownCount: Int
  var evaluations = 0
  var scale: Double { Double(unknownCount) * Double(unknownCount) }

  mutating func spectralRadius(_ state: UnsafePointer<Double>) -> Double { 4 * scale }

  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) {
    evaluations += 1
    for i in 0..<unknownCount { rates[i] = 0 }
    for i in 1..<unknownCount {
      let flow = scale * (state[i - 1] - state[i])
      rates[i - 1] -= flow
      rates[i] += flow
    }
  }
}

@Suite struct StabilizedDiffusionStepperTests {
  private func run(nodes: Int, steps: Int, until end: Double) -> (state: [Double], stages: Int) {
    var rod = Rod(unknownCount: nodes)
    var stepper = StabilizedDiffusionStepper(unknownCount: nodes)
    var state = (0..<nodes).map { cos(.pi * (Double($0) + 0.5) / Double(nodes)) }
    state.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for i in 0..<steps {
        let step = end / Double(steps)
        #expect(stepper.advance(&rod, time: Double(i) * step, step: step, state: base))
      }
    }
    return (state, stepper.stages)
  }

  @Test func `halving the step divides the error by four`() {
    let nodes = 40
    let decay = -2 * Double(nodes * nodes) * (1 - cos(.pi / Double(nodes)))
    let exact = exp(decay * 0.1) * cos(.pi * 0.5 / Double(nodes))
    let errors = [8, 16, 32].map { abs(run(nodes: nodes, steps: $0, until: 0.1).state[0] - exact) }
    #expect(errors[0] / errors[1] > 3.4 && errors[0] / errors[1] < 4.8)
    #expect(errors[1] / errors[2] > 3.4 && errors[1] / errors[2] < 4.8)
  }

  @Test func `steps far beyond the explicit limit stay stable and conserve heat`() {
    let result = run(nodes: 60, steps: 4, until: 0.4)
    // The explicit limit of this rod is 1/(2·60²) s; these steps are 720 times longer.
    #expect(result.stages > 30)
    #expect(result.state.allSatisfy { abs($0) <= 1 })
    #expect(abs(result.state.reduce(0, +)) < 1e-12)
  }

  @Test func `a step that needs too many stages is refused and changes nothing`() {
    var rod = Rod(unknownCount: 10)
    var stepper = StabilizedDiffusionStepper(unknownCount: 10)
    var state = [Double](repeating: 1, count: 10)
    state[0] = 2
    let before = state
    let limit = StabilizedDiffusionStepper.longestStep(spectralRadius: 400)
    state.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      #expect(!stepper.advance(&rod, time: 0, step: 1.2 * limit, state: base))
    }
    #expect(state == before)
  }
}
