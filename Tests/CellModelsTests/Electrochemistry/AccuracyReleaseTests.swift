// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Accuracy at the standard setting: against own fine meshes and an independent solver.

import CellModels
import Foundation
import NumericalMethods
import Testing

/// Enabled in release runs: the fine meshes are slow without optimisation.
@Suite(
  "Accuracy of cell models",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct AccuracyReleaseTests {
  static let tight = StiffOptions(relativeTolerance: 1e-7)

  static func set(_ name: String) -> CellParameters {
    switch name {
    case "Marquis2019": .marquis2019
    case "Prada2013": .prada2013
    default: .chen2020
    }
  }

  static let cases: [(String, Double)] = ["Chen2020", "Marquis2019", "Prada2013"].flatMap { name in
    [0.5, 1, 2].map { (name, $0) }
  }

  @Test(
    "DFN at the standard setting is within its limits of the mesh-converged curve", arguments: cases
  )
  func porousElectrode(name: String, rate: Double) throws {
    let p = Self.set(name)
    let fine = discharge(
      try PorousElectrodeModel(p, resolution: .fine), p, rate: rate, options: Self.tight)
    let standard = discharge(try PorousElectrodeModel(p), p, rate: rate)
    #expect(fine.outcome == .event(.lowerVoltage))
    #expect(standard.difference(from: fine) < (rate > 1 ? 2.5e-3 : 1.5e-3))
    #expect(abs(standard.end / fine.end - 1) < 5e-4)
  }

  @Test("SPM and SPMe are within half a millivolt of their converged curves", arguments: cases)
  func singleParticle(name: String, rate: Double) throws {
    let p = Self.set(name)
    for withElectrolyte in [false, true] {
      let fine = discharge(
        try SingleParticleModel(p, withElectrolyte: withElectrolyte, resolution: .fine), p,
        rate: rate, options: Self.tight)
      let standard = discharge(
        try SingleParticleModel(p, withElectrolyte: withElectrolyte), p, rate: rate)
      #expect(fine.outcome == .event(.lowerVoltage) || fine.outcome == .event(.electrolyteDepleted))
      #expect(standard.difference(from: fine) < 5e-4)
      #expect(abs(standard.end / fine.end - 1) < 5e-4)
    }
  }

  @Test("Temperature with lumped heat is within 0.1 K of the converged one", arguments: [1.0, 2])
  func temperature(rate: Double) throws {
    let p = CellParameters.chen2020
    let fine = discharge(
      try PorousElectrodeModel(p, resolution: .fine, thermal: .lumped), p, rate: rate,
      options: Self.tight)
    let standard = discharge(try PorousElectrodeModel(p, thermal: .lumped), p, rate: rate)
    #expect(fine.observation.temperature > 305)
    let worst = zip(standard.temperatures, fine.temperatures).map { abs($0 - $1) }.max() ?? .nan
    #expect(worst < 0.1)
    #expect(standard.difference(from: fine) < (rate > 1 ? 2.5e-3 : 1.5e-3))
  }

  // PyBaMM 26.10.1, IDAKLU at rtol 1e-7, Chen2020 from the set's initial concentrations at 1C:
  // time of the 2.5 V cut-off in s; voltage at 0.1 s, 10 s, 100 s and 1000 s. Meshes (x, r):
  // DFN 80/40/80, 60; SPMe 60/30/60, 100; SPM r 150. Its error of first order in the mesh is the
  // tolerance.
  @Test("An independent solver gives the same discharge")
  func independent() throws {
    let p = CellParameters.chen2020
    let full = discharge(
      try PorousElectrodeModel(p, resolution: .fine), p, rate: 1, options: Self.tight)
    #expect(abs(full.end - 3_555.254) < 0.3)
    let salt = discharge(
      try SingleParticleModel(p, withElectrolyte: true, resolution: .fine), p, rate: 1,
      options: Self.tight)
    #expect(abs(salt.end - 3_555.755) < 0.3)
    let single = discharge(
      try SingleParticleModel(p, withElectrolyte: false, resolution: .fine), p, rate: 1,
      options: Self.tight)
    #expect(abs(single.end - 3_567.696) < 0.3)
    // DFN 30/15/30, 40 with lumped heat: time of the cut-off and final temperature.
    let warm = discharge(
      try PorousElectrodeModel(p, resolution: .fine, thermal: .lumped), p, rate: 1,
      options: Self.tight)
    #expect(abs(warm.end - 3_561.99) < 0.5)
    #expect(abs(warm.observation.temperature - 311.964) < 0.05)
  }

  // PyBaMM 26.10.1, IDAKLU at rtol 1e-7, Ecker2015 at 296.15 K from the set's initial
  // concentrations at 1C, DFN 60/30/60, 80: time of the 2.5 V cut-off in s, and voltages.
  @Test("An independent solver gives the same discharge with diffusivities by stoichiometry")
  func independentNonlinear() throws {
    var p = CellParameters.ecker2015
    p.ambientTemperature = 296.15
    let fine = discharge(
      try PorousElectrodeModel(p, resolution: .fine), p, rate: 1, options: Self.tight)
    #expect(abs(fine.end - 3_776.037) < 0.1)
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: .fine), negative: start.negative,
      positive: start.positive, temperature: 296.15, options: Self.tight)
    let known = [(10.0, 4.097509), (100, 4.066727), (500, 3.927795), (1_000, 3.826264)]
    for (time, voltage) in known {
      let end = simulation.run(.current(p.unitCurrent), duration: time - simulation.time)
      #expect(end == .duration)
      let difference = simulation.observe().voltage - voltage
      #expect(abs(difference) < 1e-4)
    }
    for rate in [1.0, 2] {
      let reference = discharge(
        try PorousElectrodeModel(p, resolution: .fine), p, rate: rate, options: Self.tight)
      let standard = discharge(try PorousElectrodeModel(p), p, rate: rate)
      #expect(standard.difference(from: reference) < 5e-4)
      #expect(abs(standard.end / reference.end - 1) < 5e-4)
    }
  }

  // PyBaMM 26.10.1, DFN of Chen2020 30/15/30, 60 with a distributed film resistance and pores
  // that the film fills, IDAKLU at rtol 1e-6: lithium in the film after 10 cycles of 1C discharge
  // to 2.5 V, C/2 charge to 4.2 V and a hold to C/20, in mAh, and charge of the tenth discharge.
  @Test(
    "Film growth over ten cycles is that of an independent solver",
    arguments: [(InterphaseLaw.carbonate, 537.249, 4.368792), (.solvent, 1.34259, 4.911777)])
  func filmGrowth(law: InterphaseLaw, lost: Double, capacity: Double) throws {
    let words = [
      "Discharge at 1C until 2.5 V", "Charge at C/2 until 4.2 V", "Hold at 4.2 V until C/20",
    ]
    var experiment = Experiment(
      steps: try words.map { try ExperimentStep($0) }, parameters: .chen2020)
    experiment.cycles = 10
    experiment.ageing.interphase = law
    var last: Experiment.CycleResult?
    try experiment.run { if case .cycle(let result) = $0 { last = result } }
    let result = try #require(last)
    #expect(abs(result.observation.lostLithium * 96_485.332_12 / 3.6 / lost - 1) < 5e-4)
    #expect(abs(result.discharged / 3_600 / capacity - 1) < 5e-4)
  }

  // PyBaMM 26.10.1, DFN of Chen2020_composite 40/20/40, 80 with one-state hysteresis of silicon
  // (decay rate 30, from −1), IDAKLU at rtol 1e-6, from graphite at 0.93 and silicon in
  // equilibrium with it: time of the 2.5 V cut-off at 1C in s, and voltages.
  @Test("A composite electrode with hysteresis discharges as by an independent solver")
  func composite() throws {
    var p = CellParameters.chen2020Composite
    // That program's set has barriers at the ends of the positive potential.
    let published = p.positive.openCircuitPotential.value
    p.positive.openCircuitPotential = PropertyFunction { x in
      let y = max(1e-6, min(1 - 1e-6, x))
      return published(x) + 1e-4 * (1 / y + 1 / (y - 1))
    }
    for (resolution, options, bound) in [
      (CellResolution.fine, Self.tight, 1e-4),
      (.standard, CellSimulation<PorousElectrodeModel>.standardOptions, 3e-4),
    ] {
      var model = try PorousElectrodeModel(p, resolution: resolution)
      model.restHysteresis = -1
      var simulation = CellSimulation(
        model, negative: 0.901684216, positive: 17_038.0 / 63_104, temperature: 298.15,
        options: options)
      let known = [
        (100.0, 3.917896), (500, 3.821103), (1_000, 3.703962), (2_000, 3.460649),
        (3_000, 3.212578), (3_500, 2.814348),
      ]
      for (time, voltage) in known {
        let end = simulation.run(.current(5), duration: time - simulation.time)
        #expect(end == .duration)
        let difference = simulation.observe().voltage - voltage
        #expect(abs(difference) < bound)
      }
      var limits = CellLimits()
      limits.lowerVoltage = 2.5
      let end = simulation.run(.current(5), duration: 1_000, limits: limits)
      #expect(end == .event(.lowerVoltage))
      #expect(abs(simulation.time - 3_743.07) < 0.2)
    }
  }

  // PyBaMM 26.10.1, DFN of OKane2022 30/15/30, 60 with EC-limited film growth, distributed film
  // resistance and both changes of porosity, at 10 °C, IDAKLU at rtol 1e-6: lithium in the film,
  // lithium in metal and the second discharge after two cycles of 1C to 2.5 V, C/2 to 4.2 V and a
  // hold to C/20, in mAh and Ah.
  @Test(
    "Plating at 10 °C is that of an independent solver",
    arguments: [
      (PlatingLaw.irreversible, 111.54286, 350.17534, 4.454437),
      (.partiallyReversible, 112.98934, 22.2855, 4.616131),
    ])
  func plating(law: PlatingLaw, film: Double, metal: Double, capacity: Double) throws {
    let p = CellParameters.okane2022
    let start = try p.stoichiometries(stateOfCharge: 1)
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, interphase: .carbonate, plating: law),
      negative: start.negative, positive: start.positive, temperature: 283.15)
    simulation.model.ambientTemperature = 283.15
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    var small = CellLimits()
    small.currentBelow = 0.25
    var last = 0.0
    for _ in 0..<2 {
      let before = simulation.observe().charge
      let down = simulation.run(.current(5), duration: 5_000, limits: low)
      last = (simulation.observe().charge - before) / 3_600
      let up = simulation.run(.current(-2.5), duration: 9_000, limits: high)
      let held = simulation.run(.voltage(4.2), duration: 20_000, limits: small)
      #expect(down == .event(.lowerVoltage) && up == .event(.upperVoltage))
      #expect(held == .event(.currentBelow))
    }
    let scale = 96_485.332_12 / 3.6
    let observation = simulation.observe()
    #expect(abs(observation.filmLithium * scale / film - 1) < 1e-3)
    let all = (observation.platedLithium + observation.deadLithium) * scale
    #expect(abs(all / metal - 1) < 5e-3)
    #expect(abs(last / capacity - 1) < 5e-4)
  }
}
