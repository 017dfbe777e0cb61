// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Core and surface of the circuit against heat conduction in the body.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Core and surface")
struct CoreSurfaceHeatTests {
  static let resistance = 0.02
  static let current = 10.0

  /// A circuit that gives off 2 W evenly and has no other loss.
  static func heater(
    _ field: CellFieldParameters, capacity: Double, conductance: Double
  ) -> CircuitParameters {
    var circuit = CircuitParameters(
      name: "heater", source: "test", capacity: 1e9, cutOff: 2...4,
      openCircuit: OpenCircuitVoltage(curve: MonotoneCurve(values: [3.7, 3.7])),
      seriesResistance: CircuitMap(constant: resistance), pairs: [])
    circuit.heat = LumpedHeat(
      capacityJoulesPerKelvin: capacity, conductanceWattsPerKelvin: conductance)
    circuit.coreSurface = CoreSurfaceHeat(uniform: field)
    return circuit
  }

  /// Core, mean and surface at times of a run that heats for half of it and then rests.
  static func run(_ circuit: CircuitParameters, times: [Double], ambient: Double) throws
    -> [TemperatureSummary]
  {
    var simulation = CellSimulation(
      try CircuitModel(circuit, thermal: .coreAndSurface), negative: 0.5, positive: 0.5,
      temperature: 300)
    simulation.model.ambientTemperature = ambient
    var result: [TemperatureSummary] = []
    for time in times {
      let heats = simulation.time < times[times.count / 2]
      _ = simulation.run(.current(heats ? current : 0), duration: time - simulation.time)
      result.append(try #require(simulation.observe().temperatures))
    }
    return result
  }

  /// The same of the body; core is its innermost volume.
  static func conduct(_ field: ThermalField, times: [Double], ambient: Double) throws
    -> [(core: Double, mean: Double, surface: Double)]
  {
    var system = HeatConduction(field, surroundings: ambient)
    var integrator = StiffIntegrator(
      unknownCount: field.count, options: StiffOptions(relativeTolerance: 1e-8))
    var state = [Double](repeating: 300, count: field.count)
    var result: [(core: Double, mean: Double, surface: Double)] = []
    var before = 0.0
    let inner = field.positions.indices.min {
      let middle = field.positions.count / 2
      // The middle of a slab, the axis of a cylinder.
      func distance(_ i: Int) -> Double {
        field.faceNames.contains("mantle") ? field.positions[i].x : Double(abs(i - middle))
      }
      return distance($0) < distance($1)
    }
    for time in times {
      let watts = before < times[times.count / 2] ? current * current * resistance : 0
      system.heat = ThermalFieldTests.uniformHeat(field, watts: watts)
      let isStarted = integrator.start(&system, at: before, from: state, span: time - before)
      try #require(isStarted)
      #expect(integrator.advance(&system, until: time) == .reachedEnd)
      for i in state.indices { state[i] = integrator.state[i] }
      let surroundings = [Double](repeating: ambient, count: field.faceNames.count)
      result.append(
        state.withUnsafeBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return (.nan, .nan, .nan) }
          return (
            state[inner ?? 0], field.mean(base), field.surfaceMean(base, surroundings: surroundings)
          )
        })
      before = time
    }
    return result
  }

  @Test("A cylinder and a slab warm, settle and cool like conduction in them", arguments: [0, 1])
  func conduction(shape: Int) throws {
    let isCylinder = shape == 0
    let capacity = 43.0
    let coefficient = 60.0
    let parameters: CellFieldParameters
    let field: ThermalField
    let area: Double
    if isCylinder {
      parameters = CellFieldParameters(
        shape: .cylinder(core: 0, radius: 0.0105, height: 0.07), throughConductivity: 0.9,
        inPlaneConductivity: 25)
      area = 2 * .pi * 0.0105 * 0.07
      field = .cylinder(
        radii: 0...0.0105, height: 0.07, conductivity: (0.9, 25), capacity: capacity,
        faces: (.convection(coefficient: coefficient), .adiabatic, .adiabatic), rings: 40)
    } else {
      parameters = CellFieldParameters(
        shape: .slab(thickness: 0.03, width: 0.1, height: 0.1), throughConductivity: 0.9,
        inPlaneConductivity: 25)
      area = 2 * 0.1 * 0.1
      let face = ThermalFace.convection(coefficient: coefficient)
      field = .slab(
        size: SIMD3(0.03, 0.1, 0.1), conductivity: (0.9, 25), capacity: capacity,
        faces: (face, face, .adiabatic), count: 41)
    }
    let times = [20.0, 60, 120, 300, 600, 4_000, 4_020, 4_060, 4_120, 4_300]
    let circuit = Self.heater(parameters, capacity: capacity, conductance: coefficient * area)
    let two = try Self.run(circuit, times: times, ambient: 300)
    let body = try Self.conduct(field, times: times, ambient: 300)
    let steady = body[5].core - body[5].surface
    for k in times.indices {
      // Two temperatures weigh the middle of the profile as little as its ends.
      #expect(abs(two[k].mean - body[k].mean) < 0.25 * steady)
      #expect(abs(two[k].highest - body[k].core) < 0.1 * steady)
      #expect(abs(two[k].surface - body[k].surface) < 0.1 * steady)
    }
    // Settled, both differ from the surroundings and from one another as in the body.
    #expect(abs((two[5].highest - two[5].surface) / steady - 1) < 0.01)
    #expect(abs(two[5].surface - body[5].surface) < 0.01 * steady)
  }

  @Test("Two temperatures lose the heat that one loses, and need both balances")
  func balance() throws {
    var circuit = exampleCircuit()
    circuit.coreSurface = CoreSurfaceHeat(surfaceShare: 0.1, internalConductance: 0.5)
    let again = try CircuitParameters(json: circuit.json())
    #expect(again.coreSurface == circuit.coreSurface)
    var simulation = CellSimulation(
      try CircuitModel(again, thermal: .coreAndSurface), negative: 0.9, positive: 0.1,
      temperature: 298.15)
    #expect(simulation.run(.current(3), duration: 2_000) == .duration)
    let now = try #require(simulation.observe().temperatures)
    #expect(now.highest > now.mean && now.mean > now.surface && now.surface > 299)
    circuit.coreSurface = nil
    #expect(throws: ParameterError.self) {
      _ = try CircuitModel(circuit, thermal: .coreAndSurface)
    }
    #expect(throws: ParameterError.self) {
      _ = try SingleParticleModel(.chen2020, withElectrolyte: false, thermal: .coreAndSurface)
    }
  }
}
