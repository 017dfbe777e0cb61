// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The circuit in closed form against its integration with tight tolerances.

import CellModels
import NumericalMethods
import Quantities
import Testing

@Suite("Circuit in closed form")
struct CircuitClosedFormTests {
  /// Times, voltages and currents of a run.
  private struct Curve {
    var times: [Double] = []
    var voltages: [Double] = []
    var currents: [Double] = []
    var ends: [StepEnd] = []
  }

  /// Runs constant currents and a profile that turns back and forth. With an immense heat capacity
  /// the lumped balance keeps the temperature, and the model is integrated.
  private func run(_ circuit: CircuitParameters, integrated: Bool) throws -> Curve {
    var circuit = circuit
    circuit.heat = LumpedHeat(capacityJoulesPerKelvin: 1e15, conductanceWattsPerKelvin: 0)
    var simulation = CellSimulation(
      try CircuitModel(circuit, thermal: integrated ? .lumped : .isothermal), negative: 0.95,
      positive: 0.05, temperature: 298.15, options: StiffOptions(relativeTolerance: 1e-9))
    let profile = try DriveProfile(
      kind: .current, times: [0, 40, 90, 91, 400, 400, 900], values: [0, 6, -3, 2, 5, -2, -2.5])
    var lower = CellLimits()
    lower.lowerVoltage = 3.2
    var curve = Curve()
    func take(_ time: Double, _ state: UnsafePointer<Double>, _ model: inout CircuitModel) -> Bool {
      let now = model.observe(state)
      curve.times.append(time)
      curve.voltages.append(now.voltage)
      curve.currents.append(now.current)
      return true
    }
    curve.ends.append(simulation.run(.current(3), duration: 1_200, interval: 7, record: take))
    curve.ends.append(simulation.run(.current(0), duration: 600, interval: 7, record: take))
    curve.ends.append(simulation.run(.current(-1.5), duration: 900, interval: 7, record: take))
    curve.ends.append(simulation.run(profile, interval: 7, record: take))
    curve.ends.append(
      simulation.run(.current(4), duration: 9_000, limits: lower, interval: 7, record: take))
    return curve
  }

  @Test("Formulas and tight integration give the same curve and the same end", arguments: 0...3)
  func agreement(pairs: Int) throws {
    let circuit = exampleCircuit(pairs: pairs)
    let exact = try run(circuit, integrated: false)
    let integrated = try run(circuit, integrated: true)
    #expect(exact.ends == integrated.ends)
    #expect(exact.ends.last == .event(.lowerVoltage))
    #expect(exact.times.count == integrated.times.count)
    for k in exact.times.indices {
      #expect(abs(exact.times[k] - integrated.times[k]) < 1e-3)
      #expect(abs(exact.currents[k] - integrated.currents[k]) < 1e-6)
      // What the direction of the current does within 3 mA of its reversal is taken at the middle.
      #expect(abs(exact.voltages[k] - integrated.voltages[k]) < 5e-6)
    }
  }

  @Test("A discharge takes few steps, which do not change it")
  func steps() throws {
    let set = CellParameters.chen2020
    var lower = CellLimits()
    lower.lowerVoltage = set.lowerCutOff
    func discharge(_ interval: Double?) throws -> (end: Double, count: Int) {
      var simulation = CellSimulation(
        try CircuitModel(CircuitParameters(reducing: set)), negative: 1, positive: 0,
        temperature: 298.15)
      var count = 0
      let end = simulation.run(
        .current(5), duration: 6_000, limits: lower, interval: interval
      ) { _, _, _ in
        count += 1
        return true
      }
      #expect(end == .event(.lowerVoltage))
      #expect(abs(simulation.observe().voltage - set.lowerCutOff) < 1e-12)
      return (simulation.time, count)
    }
    let own = try discharge(nil)
    #expect(own.count < 80)
    #expect(abs(try discharge(1).end - own.end) < 1e-9)
  }
}
