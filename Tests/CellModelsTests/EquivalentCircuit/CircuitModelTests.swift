// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The circuit under experiments and measured currents: analytic solutions, conservation, agreement.

import CellModels
import Foundation
import Quantities
import Testing

@Suite("Circuit model")
struct CircuitModelTests {
  private func run(
    _ words: [String], _ circuit: CircuitParameters, soc: Double = 1,
    thermal: ThermalModel = .isothermal, ambient: Double = 298.15
  ) throws -> (samples: [Experiment.Sample], steps: [Experiment.StepResult]) {
    var experiment = Experiment(steps: try words.map { try ExperimentStep($0) }, circuit: circuit)
    experiment.initialStateOfCharge = soc
    experiment.thermal = thermal
    experiment.ambientTemperature = ambient
    experiment.interval = 10
    var samples: [Experiment.Sample] = []
    var steps: [Experiment.StepResult] = []
    try experiment.run { report in
      switch report {
      case .sample(let sample): samples.append(sample)
      case .step(let step): steps.append(step)
      case .cycle: break
      }
    }
    return (samples, steps)
  }

  @Test("The model agrees with many short steps", arguments: [0, 1, 2, 3])
  func agreement(pairs: Int) throws {
    let circuit = exampleCircuit(pairs: pairs)
    let (samples, steps) = try run(
      ["Discharge at 1C for 20 minutes", "Rest for 10 minutes", "Charge at C/2 for 10 minutes"],
      circuit, soc: 0.9, ambient: 285)
    #expect(steps.map(\.end) == [.duration, .duration, .duration])
    let cell = CircuitCell(circuit)
    var state = CircuitCell.State(stateOfCharge: 0.9, temperature: 285)
    var time = 0.0
    var worst = 0.0
    for sample in samples {
      let current = sample.observation.current
      let span = sample.time - time
      for _ in 0..<100 {
        cell.advance(&state, current: current, duration: span / 100, temperature: 285)
      }
      time = sample.time
      worst = max(worst, abs(cell.voltage(state, current: current) - sample.observation.voltage))
    }
    // Between nodes of the charge and of the temperature at once, the model takes the temperature
    // first and the steps take the charge first: below a microvolt here.
    #expect(worst < 1e-6)
  }

  @Test("Relaxation after a pulse follows the sum of exponentials")
  func relaxation() {
    let circuit = CircuitParameters(
      name: "flat", source: "test", capacity: 18_000, cutOff: 2...4,
      openCircuit: OpenCircuitVoltage(curve: MonotoneCurve(values: [3.7, 3.7])),
      seriesResistance: CircuitMap(constant: 0.02),
      pairs: [
        CircuitPair(resistance: CircuitMap(constant: 0.01), timeConstants: [8]),
        CircuitPair(resistance: CircuitMap(constant: 0.015), timeConstants: [400]),
      ])
    let cell = CircuitCell(circuit)
    var state = CircuitCell.State(stateOfCharge: 0.5, temperature: 298.15)
    cell.advance(&state, current: 4, duration: 30, temperature: 298.15)
    #expect(abs(state.stateOfCharge - (0.5 - 120.0 / 18_000)) < 1e-14)
    for wait in [1.0, 10, 100, 1_000] {
      var rested = state
      cell.advance(&rested, current: 0, duration: wait, temperature: 298.15)
      let first = 4 * 0.010 * (1 - exp(-30.0 / 8)) * exp(-wait / 8)
      let second = 4 * 0.015 * (1 - exp(-30.0 / 400)) * exp(-wait / 400)
      #expect(abs(cell.voltage(rested, current: 0) - (3.7 - first - second)) < 1e-12)
    }
  }

  @Test("A cycle with constant voltage and power ends where its words say and conserves charge")
  func cycle() throws {
    let (samples, steps) = try run(
      [
        "Discharge at 1C until 2.5 V", "Rest for 1 hour", "Charge at C/2 until 4.2 V",
        "Hold at 4.2 V until C/20", "Discharge at 5 W for 10 minutes",
      ], exampleCircuit())
    #expect(
      steps.map(\.end) == [
        .event(.lowerVoltage), .duration, .event(.upperVoltage), .event(.currentBelow), .duration,
      ])
    #expect(abs(steps[0].voltage - 2.5) < 1e-4)
    #expect(abs(steps[2].voltage - 4.2) < 1e-4 && abs(steps[3].voltage - 4.2) < 1e-4)
    let last = try #require(samples.last).observation
    let moved = steps.map(\.charge).reduce(0, +)
    #expect(abs(last.negativeStoichiometry - (1 - moved / 10_800)) < 1e-12)
    #expect(abs(last.current * last.voltage - 5) < 1e-6)
  }

  @Test("Lumped heat settles at the balance of losses and cooling")
  func heat() throws {
    var circuit = exampleCircuit()
    circuit.openCircuit = OpenCircuitVoltage(curve: MonotoneCurve(values: [3.7, 3.7]))
    circuit.capacity = 1e9
    circuit.hysteresisAmplitude = 0
    circuit.seriesResistance = CircuitMap(constant: 0.03)
    circuit.pairs = [CircuitPair(resistance: CircuitMap(constant: 0.02), timeConstants: [30])]
    let (samples, _) = try run(["Discharge at 1C for 3 hours"], circuit, soc: 0.5, thermal: .lumped)
    let settled = try #require(samples.last).observation.temperature
    #expect(abs(settled - (298.15 + 9 * 0.05 / 0.12)) < 1e-3)
    let cell = CircuitCell(circuit)
    var state = CircuitCell.State(stateOfCharge: 0.5, temperature: 298.15)
    for _ in 0..<1_080 { cell.advance(&state, current: 3, duration: 10, ambient: 298.15) }
    #expect(abs(state.temperature - settled) < 2e-3)
    circuit.heat = nil
    #expect(throws: ParameterError.self) {
      try run(["Rest for 1 s"], circuit, thermal: .lumped)
    }
  }

  @Test(
    "The circuit reduced from a published set follows the DFN model",
    arguments: zip(["C/5", "C/2", "1C"], [0.008, 0.02, 0.04]))
  func reduced(rate: String, bound: Double) throws {
    func voltages(_ model: CellModelKind) throws -> [(time: Double, voltage: Double)] {
      var experiment = Experiment(
        steps: [try ExperimentStep("Discharge at \(rate) until 2.9 V")], parameters: .chen2020)
      experiment.model = model
      experiment.interval = 60
      var curve: [(time: Double, voltage: Double)] = []
      try experiment.run { report in
        if case .sample(let sample) = report {
          curve.append((sample.time, sample.observation.voltage))
        }
      }
      return curve
    }
    let circuit = try voltages(.ecm)
    let reference = try voltages(.dfn)
    let count = min(circuit.count, reference.count) - 1
    #expect(count > 45)
    let sum = (1..<count).reduce(0) {
      $0 + pow(circuit[$1].voltage - reference[$1].voltage, 2)
    }
    let rms = (sum / Double(count - 1)).squareRoot()
    #expect(rms < bound, "rms \(rms) V")
  }

  @Test("An equivalent circuit does not run on a model with electrodes")
  func wrongModel() throws {
    var experiment = Experiment(
      steps: [try ExperimentStep("Rest for 1 s")], circuit: exampleCircuit())
    experiment.model = .spm
    #expect(throws: ParameterError.self) { try experiment.run { _ in } }
  }
}
