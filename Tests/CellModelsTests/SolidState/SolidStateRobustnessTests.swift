// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random solid-state cells, currents, pressures and temperatures.

import CellModels
import NumericalMethods
import Testing

@Suite("Robustness of solid-state cells")
struct SolidStateRobustnessTests {
  @Test("Every run of 200 random draws ends with a result or a named event")
  func randomDraws() throws {
    var random = Xoshiro256(seed: 77)
    var failures: [String] = []
    for index in 0..<200 {
      var p = CellParameters.argyroditeNMC811
      func factor() -> Double { Double.random(in: 0.7...1.3, using: &random) }
      p.positive.particleRadius *= factor()
      p.positive.reactionRate *= factor()
      p.positive.conductivity *= factor()
      p.positive.thickness *= factor()
      p.separator.thickness *= factor()
      p.solidState?.exchangeCurrentDensity *= factor()
      p.solidState?.interphaseResistivity *= factor()
      p.solidState?.voidContactLoss *= factor()
      p.solidState?.stackPressure = Double.random(in: 1e5...5e7, using: &random)
      let temperature = 273.15 + Double.random(in: -20...60, using: &random)
      let rate = Double.random(in: -5...5, using: &random)
      let charge = Double.random(in: 0...1, using: &random)
      guard let start = try? p.stoichiometries(stateOfCharge: charge) else { continue }
      var model = try SolidStateModel(p, thermal: index % 2 == 0 ? .isothermal : .lumped)
      model.ambientTemperature = temperature
      var simulation = CellSimulation(
        model, negative: start.negative, positive: start.positive, temperature: temperature)
      var limits = CellLimits()
      if rate > 0 {
        limits.lowerVoltage = p.lowerCutOff
      } else {
        limits.upperVoltage = p.upperCutOff
      }
      var isFinite = true
      let end = simulation.run(
        .current(rate * p.nominalCapacity / 3_600), duration: 20_000, limits: limits
      ) { _, state, model in
        isFinite = isFinite && model.observe(state).voltage.isFinite
        return isFinite
      }
      if !isFinite || end == .failed || end == .impossible {
        failures.append("\(index): \(end) at \(rate)C, \(temperature) K, charge \(charge)")
      }
    }
    #expect(failures.isEmpty, "\(failures.count): \(failures.prefix(5))")
  }

  @Test("A sheet cell with a field keeps its lithium and its energy")
  func field() throws {
    let p = CellParameters.argyroditeNMC811
    let start = try p.stoichiometries(stateOfCharge: 0.9)
    let model = try CellFieldModel<SolidStateModel>(
      p, resolution: CellFieldResolution(zones: 3, rows: 2)
    ) { part throws(ParameterError) in
      try SolidStateModel(part, thermal: .lumped)
    }
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive, temperature: 298.15)
    let first = simulation.observe()
    #expect(simulation.run(.current(0.12), duration: 1_800) == .duration)
    let last = simulation.observe()
    let total = last.electrodeLithium + last.lostLithium
    #expect(abs(total / first.electrodeLithium - 1) < 1e-10)
    let balance = simulation.model.heatBalance(simulation.state)
    let stored = p.heatCapacity * (last.temperature - 298.15)
    #expect(balance.generated > 1)
    #expect(abs(balance.generated - balance.lost - stored) < 1e-8 * balance.generated)
  }
}
