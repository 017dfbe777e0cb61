// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs of several steps of constant control, sampled for comparison.

import CellModels
import NumericalMethods

/// One step of a run, sampled at equal intervals.
struct ProtocolStep {
  var times: [Double] = []
  var voltages: [Double] = []
  var currents: [Double] = []
  var temperatures: [Double] = []
  var duration = 0.0
  var end = StepEnd.failed
}

/// Several steps and the balances over them.
struct ProtocolRun {
  var steps: [ProtocolStep] = []
  /// Charge by current and time, of the steps of constant current, in coulombs.
  var imposedCharge = 0.0
  /// Charge by the lithium of the positive electrode over the same steps, in coulombs.
  var movedCharge = 0.0
  var start = CellObservation()
  var last = CellObservation()

  /// Root mean square of a difference from another run over common times, without the first and
  /// last of each step.
  func difference(
    from other: ProtocolRun, _ path: KeyPath<ProtocolStep, [Double]>
  ) -> Double {
    var sum = 0.0
    var count = 0
    for (a, b) in zip(steps, other.steps) {
      for k in 1..<max(1, min(a.times.count, b.times.count) - 1) {
        let change = a[keyPath: path][k] - b[keyPath: path][k]
        sum += change * change
        count += 1
      }
    }
    return (sum / Double(max(1, count))).squareRoot()
  }
}

/// Runs steps on a cell model from a state of charge.
func runProtocol<Model: ElectrochemicalModel & ~Copyable>(
  _ model: consuming Model, _ parameters: CellParameters, from stateOfCharge: Double,
  _ steps: [(control: CellControl, duration: Double, limits: CellLimits)], interval: Double,
  options: StiffOptions = CellSimulation<Model>.standardOptions
) throws -> ProtocolRun {
  let start = try parameters.stoichiometries(stateOfCharge: stateOfCharge)
  var simulation = CellSimulation(
    model, negative: start.negative, positive: start.positive,
    temperature: parameters.ambientTemperature, options: options)
  var run = ProtocolRun()
  let coulombs = parameters.hostCapacity.positive * 96_485.332_123_310_01
  for (index, step) in steps.enumerated() {
    var sampled = ProtocolStep()
    let before = simulation.time
    let charged = simulation.observe()
    if index == 0 { run.start = charged }
    sampled.end = simulation.run(
      step.control, duration: step.duration, limits: step.limits, interval: interval
    ) { time, state, model in
      let now = model.observe(state)
      sampled.times.append(time)
      sampled.voltages.append(now.voltage)
      sampled.currents.append(now.current)
      sampled.temperatures.append(now.temperature)
      return true
    }
    sampled.duration = simulation.time - before
    run.last = simulation.observe()
    if case .current(let current) = step.control {
      run.imposedCharge += current * sampled.duration
      run.movedCharge +=
        coulombs * (run.last.positiveStoichiometry - charged.positiveStoichiometry)
    }
    run.steps.append(sampled)
  }
  return run
}
