// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Equivalent circuits as data: maps, the document, what it refuses.

import CellModels
import Foundation
import Quantities
import Testing

/// A small circuit with two temperatures, asymmetry and hysteresis.
func exampleCircuit(pairs: Int = 2) -> CircuitParameters {
  let temperatures = [273.15, 298.15]
  let nodes = [0.0, 0.3, 1]
  func map(_ scale: Double) -> CircuitMap {
    CircuitMap(
      temperatures: temperatures, nodes: nodes,
      discharge: [3, 2.5, 2, 1.5, 1, 0.8].map { scale * $0 },
      charge: [3.3, 2.6, 2.1, 1.4, 1.1, 0.9].map { scale * $0 }, activationEnergy: 20_000)
  }
  var circuit = CircuitParameters(
    name: "example", source: "test", capacity: 3 * 3_600, cutOff: 2.5...4.2,
    openCircuit: OpenCircuitVoltage(
      curve: MonotoneCurve(count: 51) { 3 + 1.1 * $0 + 0.1 * sin(3 * $0) },
      entropyCoefficient: MonotoneCurve(values: [-2e-4, 1e-4, 1e-4])),
    seriesResistance: map(0.02),
    pairs: (0..<pairs).map {
      CircuitPair(
        resistance: map(0.01), timeConstants: [8 * pow(20, Double($0)), 5 * pow(20, Double($0))])
    })
  circuit.hysteresisAmplitude = 0.012
  circuit.hysteresisRate = 80
  circuit.heat = LumpedHeat(capacityJoulesPerKelvin: 45, conductanceWattsPerKelvin: 0.12)
  return circuit
}

@Suite("Circuit parameters")
struct CircuitParametersTests {
  @Test("A map follows Arrhenius' law between and beyond its temperatures")
  func arrhenius() {
    let energy = 30_000.0
    func factor(_ kelvin: Double) -> Double {
      exp(energy / PhysicalConstants.gas * (1 / kelvin - 1 / 298.15))
    }
    let map = CircuitMap(
      temperatures: [273.15, 298.15], nodes: [0.2, 0.8],
      discharge: [0.03 * factor(273.15), 0.02 * factor(273.15), 0.03, 0.02],
      activationEnergy: energy)
    for kelvin in [258.15, 273.15, 281, 298.15, 318.15] {
      let value = map.value(stateOfCharge: 0.5, temperature: kelvin, dischargeShare: 1)
      #expect(abs(value / (0.025 * factor(kelvin)) - 1) < 1e-12)
      let sliced = map.slice(at: kelvin)
        .value(stateOfCharge: 0.5, temperature: kelvin, dischargeShare: 1)
      #expect(abs(sliced - value) < 1e-15)
    }
    #expect(map.value(stateOfCharge: -0.1, temperature: 298.15, dischargeShare: 1) == 0.03)
    #expect(map.value(stateOfCharge: 1.1, temperature: 298.15, dischargeShare: 1) == 0.02)
  }

  @Test("Charge and discharge have their own resistance, joined at the reversal")
  func asymmetry() {
    let map = exampleCircuit().seriesResistance
    let discharge = map.value(stateOfCharge: 0.3, temperature: 298.15, dischargeShare: 1)
    let charge = map.value(stateOfCharge: 0.3, temperature: 298.15, dischargeShare: 0)
    let middle = map.value(stateOfCharge: 0.3, temperature: 298.15, dischargeShare: 0.5)
    #expect(abs(discharge - 0.02) < 1e-15 && abs(charge - 0.022) < 1e-15)
    #expect(abs(middle - 0.021) < 1e-15)
  }

  @Test("A document that is written is read back the same")
  func roundTrip() throws {
    let circuit = exampleCircuit()
    let data = try circuit.json(identification: ["note": "of a test"])
    #expect(CircuitParameters.isCircuit(json: data))
    let copy = try CircuitParameters(json: data)
    #expect(copy.name == "example" && copy.pairs.count == 2)
    // Written numbers have seven digits; from then on nothing changes any more.
    let again = try CircuitParameters(json: copy.json())
    #expect(again.seriesResistance == copy.seriesResistance && again.pairs == copy.pairs)
    for (a, b) in zip(copy.seriesResistance.charge, circuit.seriesResistance.charge) {
      #expect(abs(a / b - 1) < 1e-6)
    }
    #expect(copy.pairs[1].timeConstants == circuit.pairs[1].timeConstants)
    #expect(copy.heat == circuit.heat)
    #expect(copy.hysteresisAmplitude == 0.012 && copy.hysteresisRate == 80)
    for z in stride(from: -0.05, through: 1.05, by: 0.01) {
      let difference =
        copy.openCircuit.voltage(at: z, temperature: 310)
        - circuit.openCircuit.voltage(at: z, temperature: 310)
      #expect(abs(difference) < 2e-5)
    }
  }

  private func changed(_ path: [String], to value: Any?) throws -> Data {
    let data = try exampleCircuit().json()
    var root = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    if path.count == 1 {
      root[path[0]] = value
    } else if let index = Int(path[1]) {
      var list = try #require(root[path[0]] as? [[String: Any]])
      list[index][path[2]] = value
      root[path[0]] = list
    } else {
      var inner = try #require(root[path[0]] as? [String: Any])
      inner[path[1]] = value
      root[path[0]] = inner
    }
    return try JSONSerialization.data(withJSONObject: root)
  }

  @Test("A wrong value is refused by its full name and what is allowed")
  func refused() throws {
    func message(_ path: [String], _ value: Any?) throws -> String {
      let data = try changed(path, to: value)
      do {
        _ = try CircuitParameters(json: data)
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(try message(["capacity_ampere_hours"], nil).contains("capacity_ampere_hours"))
    #expect(try message(["version"], 2).contains("\"version\" is 2.0"))
    #expect(
      try message(["hysteresis", "amplitude_volts"], -0.1)
        == "parameter \"hysteresis.amplitude_volts\" is -0.1; allowed: 0.0 to 1.0")
    #expect(
      try message(["pairs", "1", "time_constant_seconds"], [5.0, 0]).contains(
        "pairs[1].time_constant_seconds[1]"))
    #expect(
      try message(["series_resistance", "discharge_ohms"], [[1.0, 2, 3]]).contains(
        "series_resistance.discharge_ohms"))
    #expect(
      try message(["open_circuit", "voltage_volts"], [3.0, 2]).contains("voltage_volts[1]"))
    #expect(try message(["open_circuit", "state_of_charge"], [0.1, 1]).contains("from 0 to 1"))
    #expect(try message(["lower_voltage_volts"], 4.3).contains("below upper_voltage_volts"))
    #expect(try message(["resistence"], 1).contains("\"resistence\" is unknown"))
    #expect(try message(["heat", "capacity_joules_per_kelvin"], "x").contains("not a number"))
    #expect(!CircuitParameters.isCircuit(json: Data("[1".utf8)))
    #expect(throws: ParameterError.self) { try CircuitParameters(json: Data("[1]".utf8)) }
  }
}
