// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Film growth: lithium balance and the analytic law.

import CellModels
import NumericalMethods
import Testing

@Suite("Interphase growth")
struct InterphaseGrowthTests {
  @Test("Lithium lost by the electrodes is in the film", arguments: InterphaseLaw.allCases)
  func balance(law: InterphaseLaw) throws {
    let p = CellParameters.okane2022
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: true, interphase: law),
      negative: start.negative, positive: start.positive, temperature: 298.15)
    let first = simulation.observe()
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    let down = simulation.run(.current(5), duration: 5_000, limits: low)
    let up = simulation.run(.current(-2.5), duration: 9_000, limits: high)
    #expect(down == .event(.lowerVoltage) && up == .event(.upperVoltage))
    let last = simulation.observe()
    let missing = first.electrodeLithium - last.electrodeLithium
    #expect(abs(missing - last.lostLithium) < 1e-10 * first.electrodeLithium)
    #expect(law == .none ? last.lostLithium == 0 : last.lostLithium > 1e-9)
    #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
  }

  @Test("Under solvent diffusion the square of the thickness grows with time")
  func parabolicLaw() throws {
    let p = CellParameters.chen2020
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: false, interphase: .solvent),
      negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: 1e-8))
    let outcome = simulation.run(.current(0), duration: 1e7)
    #expect(outcome == .duration)
    let film = try #require(p.interphase)
    let rate =
      2 * film.partialMolarVolume * film.solventDiffusivity * film.solventConcentration
      / film.lithiumPerMolecule
    let exact = (film.initialThickness * film.initialThickness + rate * 1e7).squareRoot()
    #expect(abs(simulation.observe().filmThickness / exact - 1) < 1e-6)
  }

  @Test("Growth without film parameters is refused by name")
  func refusal() {
    #expect(throws: ParameterError.missing(key: "Initial SEI thickness [m]")) {
      _ = try SingleParticleModel(.prada2013, withElectrolyte: false, interphase: .reaction)
    }
  }
}
