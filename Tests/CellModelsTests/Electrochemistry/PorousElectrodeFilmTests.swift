// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Side reactions in the volumes of the porous-electrode model.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Side reactions in the porous-electrode model")
struct PorousElectrodeFilmTests {
  static let coarse = CellResolution(negative: 6, separator: 3, positive: 6, particleModes: 5)

  func lithium(_ o: CellObservation) -> Double { o.electrodeLithium + o.electrolyteLithium }

  @Test("Lithium lost by the electrodes is in the film", arguments: InterphaseLaw.allCases)
  func filmBalance(law: InterphaseLaw) throws {
    let p = CellParameters.chen2020
    let start = p.initialStoichiometries
    // A loose tolerance on purpose: conservation must not depend on it.
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse, interphase: law),
      negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: 1e-3))
    let first = simulation.observe()
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    let down = simulation.run(.current(5), duration: 5_000, limits: low)
    let up = simulation.run(.current(-2.5), duration: 9_000, limits: high)
    let held = simulation.run(.voltage(4.2), duration: 1_000)
    #expect(down == .event(.lowerVoltage) && up == .event(.upperVoltage) && held == .duration)
    let last = simulation.observe()
    let missing = lithium(first) - lithium(last)
    #expect(abs(missing - last.lostLithium) < 1e-10 * first.electrodeLithium)
    #expect(law == .none ? last.lostLithium == 0 : last.lostLithium > 1e-9)
    #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
  }

  @Test("Under solvent diffusion the square of the thickness grows with time")
  func parabolicLaw() throws {
    let p = CellParameters.chen2020
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse, interphase: .solvent), negative: 0.8,
      positive: 0.35, temperature: 298.15, options: StiffOptions(relativeTolerance: 1e-8))
    let outcome = simulation.run(.current(0), duration: 1e7)
    #expect(outcome == .duration)
    let film = try #require(p.interphase)
    let rate =
      2 * film.partialMolarVolume * film.solventDiffusivity * film.solventConcentration
      / film.lithiumPerMolecule
    let exact = (film.initialThickness * film.initialThickness + rate * 1e7).squareRoot()
    #expect(abs(simulation.observe().filmThickness / exact - 1) < 1e-6)
  }

  @Test("A film that resists lowers the voltage by its resistance")
  func resistance() throws {
    var p = CellParameters.chen2020
    var voltages: [Double] = []
    for resistivity in [0, 2e5] {
      var film = InterphaseParameters()
      film.resistivity = resistivity
      film.solventDiffusivity = 1e-30
      p.interphase = film
      var simulation = CellSimulation(
        try PorousElectrodeModel(p, resolution: Self.coarse, interphase: .solvent), negative: 0.8,
        positive: 0.35, temperature: 298.15, options: StiffOptions(relativeTolerance: 1e-7))
      let end = simulation.run(.current(5), duration: 60)
      #expect(end == .duration)
      voltages.append(simulation.observe().voltage)
    }
    let area = p.electrodeArea * p.negative.surfaceDensity * p.negative.thickness
    let expected = 5 / area * 5e-9 * 2e5
    // The loss is the mean of the squared current density over its mean: a little more.
    let ratio = (voltages[0] - voltages[1]) / expected
    #expect(ratio > 1 && ratio < 1.1)
  }

  @Test("Single-particle and porous-electrode model agree at a small current")
  func slowLimit() throws {
    let p = CellParameters.chen2020
    var films: [Double] = []
    var losses: [Double] = []
    func run<M: ElectrochemicalModel & ~Copyable>(_ model: consuming M) {
      var simulation = CellSimulation(
        model, negative: 0.9, positive: 0.27, temperature: 298.15,
        options: StiffOptions(relativeTolerance: 1e-6))
      let end = simulation.run(.current(0.05), duration: 1e5)
      #expect(end == .duration)
      films.append(simulation.observe().filmThickness)
      losses.append(simulation.observe().lostLithium)
    }
    run(try SingleParticleModel(p, withElectrolyte: false, interphase: .carbonate))
    run(try PorousElectrodeModel(p, interphase: .carbonate))
    #expect(abs(films[1] / films[0] - 1) < 1e-3)
    #expect(abs(losses[1] / losses[0] - 1) < 1e-3)
  }

  @Test("Lithium that plates is accounted for", arguments: PlatingLaw.allCases)
  func platingBalance(law: PlatingLaw) throws {
    let p = CellParameters.okane2022
    var simulation = CellSimulation(
      try PorousElectrodeModel(
        p, resolution: Self.coarse, interphase: .carbonate, plating: law), negative: 0.3,
      positive: 0.7, temperature: 268.15, options: StiffOptions(relativeTolerance: 1e-3))
    simulation.model.ambientTemperature = 268.15
    let first = simulation.observe()
    var high = CellLimits()
    high.upperVoltage = 4.2
    let up = simulation.run(.current(-5), duration: 5_000, limits: high)
    #expect(up == .event(.upperVoltage))
    let charged = simulation.observe()
    let rested = simulation.run(.current(0), duration: 3_600)
    let down = simulation.run(.current(2.5), duration: 1_000)
    #expect(rested == .duration && down == .duration)
    #expect(charged.platingMargin < 0)
    for o in [charged, simulation.observe()] {
      let missing = lithium(first) - lithium(o)
      #expect(
        abs(missing - o.lostLithium - o.platedLithium) < 1e-10 * first.electrodeLithium)
    }
    let last = simulation.observe()
    switch law {
    case .none:
      #expect(charged.platedLithium == 0 && charged.deadLithium == 0)
    case .irreversible:
      #expect(charged.platedLithium == 0 && last.deadLithium > 1e-5)
    case .reversible:
      #expect(charged.platedLithium > 1e-5 && last.deadLithium == 0)
      #expect(last.platedLithium < 0.05 * charged.platedLithium)
    case .partiallyReversible:
      #expect(last.deadLithium > 1e-8 && last.deadLithium < 0.1 * charged.platedLithium)
    }
  }

  @Test("At rest above 0 V, plating falls exponentially with the potential", arguments: [0.3, 0.9])
  func nothingPlates(stoichiometry: Double) throws {
    let p = CellParameters.okane2022
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse, plating: .irreversible),
      negative: stoichiometry, positive: 0.5, temperature: 298.15)
    let end = simulation.run(.current(0), duration: 10)
    #expect(end == .duration)
    let observation = simulation.observe()
    let plating = try #require(p.plating)
    let potential = p.negative.openCircuitPotential.value(stoichiometry)
    // Plating at rest polarises the electrode a little.
    #expect(abs(observation.platingMargin - potential) < 2e-3)
    let exponent = -0.65 * 96_485.332 * observation.platingMargin / (8.314_46 * 298.15)
    let rate = plating.rateConstant * 1_000 * exp(exponent)
    let area = p.electrodeArea * p.negative.thickness * p.negative.surfaceDensity
    #expect(abs(observation.deadLithium / (rate * area * 10) - 1) < 5e-3)
  }

  @Test("What the set lacks is refused by name")
  func refusal() {
    #expect(throws: ParameterError.missing(key: "Initial SEI thickness [m]")) {
      _ = try PorousElectrodeModel(.prada2013, interphase: .reaction)
    }
    let key = "Lithium plating kinetic rate constant [m.s-1]"
    #expect(throws: ParameterError.missing(key: key)) {
      _ = try PorousElectrodeModel(.chen2020, plating: .reversible)
    }
  }
}
