// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables of the core against the circuit they come from.

import BMSCore
import CellModels
import OnboardConfiguration
import Testing

@Suite("Circuits for the core")
struct ConversionTests {
  private func parameters(nodes: Int = 5) -> CircuitParameters {
    let places = (0..<nodes).map { Double($0) / Double(nodes - 1) }
    let cold = places.map { 0.04 - 0.01 * $0 }
    let warm = places.map { 0.02 - 0.005 * $0 }
    let map = CircuitMap(
      temperatures: [273.15, 298.15], nodes: places, discharge: cold + warm,
      charge: (cold + warm).map { 0.9 * $0 }, activationEnergy: 20_000)
    var parameters = CircuitParameters(
      name: "test", source: "test", capacity: 9_000, cutOff: 2.8...4.2,
      openCircuit: OpenCircuitVoltage(
        curve: MonotoneCurve(count: 101) { 3 + $0 + 0.2 * $0 * $0 },
        entropyCoefficient: MonotoneCurve(count: 21) { 2e-4 - 1e-4 * $0 }),
      seriesResistance: map, pairs: [CircuitPair(resistance: map, timeConstants: [60, 20])])
    parameters.hysteresisAmplitude = 0.01
    return parameters
  }

  @Test("Voltages and resistances agree over charge, temperature and direction")
  func agreement() throws {
    let source = parameters()
    let circuit = try CellCircuit(source)
    #expect(circuit.isValid && circuit.inconsistency() == nil)
    for z in stride(from: 0.0, through: 1, by: 0.0625) {
      for temperature in [253.15, 273.15, 285, 298.15, 318.15] {
        for discharging in [true, false] {
          let point = circuit.point(z, temperature: temperature, discharging: discharging)
          let open = source.openCircuit.voltage(at: z, temperature: temperature)
          // Linear between nodes a hundredth apart.
          #expect(abs(point.openCircuit - open) < 1e-4)
          let resistance = source.seriesResistance.value(
            stateOfCharge: z, temperature: temperature, dischargeShare: discharging ? 1 : 0)
          #expect(abs(point.series / resistance - 1) < 1e-9)
          let time = source.pairs[0].timeConstant(temperature: temperature)
          #expect(abs(point.timeConstants[0] / time - 1) < 1e-9)
        }
      }
    }
    #expect(point(circuit).hysteresis == 0.01)
  }

  private func point(_ circuit: CellCircuit<Double>) -> CircuitPoint<Double> {
    circuit.point(0.5, temperature: 298.15, discharging: true)
  }

  @Test("A circuit with more nodes than the core holds is refused with both numbers")
  func refusal() {
    #expect(throws: ConversionError.tooManyNodes(found: 17, most: 16)) {
      try CellCircuit(parameters(nodes: 17))
    }
  }
}
