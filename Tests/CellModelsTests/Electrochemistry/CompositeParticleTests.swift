// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A negative electrode of two materials in the single-particle models.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Composite electrodes in single-particle models")
struct CompositeParticleTests {
  /// The set with plating, and everything that may age it.
  static var aged: (parameters: CellParameters, options: AgeingOptions) {
    var p = CellParameters.chen2020Composite
    p.plating = CellParameters.okane2022.plating
    p.interphase?.carbonateRate *= 5
    p.negative.mechanics = ParticleMechanics()
    p.negative.mechanics?.reactionLossFactor = 1e-4
    var options = AgeingOptions()
    options.interphase = .carbonate
    options.plating = .partiallyReversible
    options.activeMaterialLoss = .reaction
    options.electrolyteLoss = .solventConsumption(excess: 0)
    options.selfDischarge = .resistance(200)
    return (p, options)
  }

  func all(_ o: CellObservation) -> Double { o.electrodeLithium + o.platedLithium + o.lostLithium }

  @Test(
    "Lithium and charge are conserved to 1e-10 with all that ages, for each law of plating",
    arguments: PlatingLaw.allCases, [false, true])
  func balance(law: PlatingLaw, withElectrolyte: Bool) throws {
    var (p, options) = Self.aged
    options.plating = law
    let start = try p.stoichiometries(stateOfCharge: 1)
    var simulation = CellSimulation(
      try SingleParticleModel(
        p, withElectrolyte: withElectrolyte, thermal: .lumped, ageing: options),
      negative: start.negative, positive: start.positive, temperature: 288.15)
    simulation.model.ambientTemperature = 288.15
    let first = simulation.observe()
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    #expect(simulation.run(.current(5), duration: 6_000, limits: low) == .event(.lowerVoltage))
    var charge = 5 * simulation.time
    let begin = simulation.time
    #expect(simulation.run(.current(-2.5), duration: 12_000, limits: high) == .event(.upperVoltage))
    charge -= 2.5 * (simulation.time - begin)
    let last = simulation.observe()
    #expect(abs(all(last) - all(first)) < 1e-10 * first.electrodeLithium)
    #expect(abs(last.charge - first.charge - charge) < 1e-10 * p.nominalCapacity)
    #expect(last.filmLithium > 0 && last.trappedLithium > 0 && last.wetFraction < 1)
    #expect(law == .none || last.platedLithium + last.deadLithium > 0)
    if withElectrolyte {
      #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
    }
    #expect(simulation.run(.voltage(4.2), duration: 1_000) == .duration)
    #expect(abs(all(simulation.observe()) - all(first)) < 1e-10 * first.electrodeLithium)
    #expect(simulation.run(.power(10), duration: 300) == .duration)
  }

  @Test(
    "A second material with the numbers of the first is the first alone", arguments: [false, true])
  func equalMaterials(withElectrolyte: Bool) throws {
    let plain = CellParameters.okane2022
    var split = plain.withSecondMaterialLikeFirst()
    // The electronic conductivity counts the first material alone in one set, both in the other.
    split.negative.bruggemanElectrode = 0
    var options = AgeingOptions()
    options.interphase = .carbonate
    // What is stripped depends on the metal on each material alone.
    options.plating = .irreversible
    let start = plain.initialStoichiometries
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var ends: [(time: Double, end: CellObservation)] = []
    for p in [plain, split] {
      var simulation = CellSimulation(
        try SingleParticleModel(p, withElectrolyte: withElectrolyte, ageing: options),
        negative: start.negative, positive: start.positive, temperature: 283.15,
        options: StiffOptions(relativeTolerance: 1e-7))
      #expect(simulation.run(.current(5), duration: 6_000, limits: low) == .event(.lowerVoltage))
      #expect(simulation.run(.current(-5), duration: 1_500) == .duration)
      ends.append((simulation.time, simulation.observe()))
    }
    #expect(abs(ends[1].time / ends[0].time - 1) < 1e-5)
    #expect(abs(ends[1].end.voltage - ends[0].end.voltage) < 1e-5)
    #expect(abs(ends[1].end.filmLithium / ends[0].end.filmLithium - 1) < 1e-4)
    #expect(abs(ends[1].end.deadLithium / ends[0].end.deadLithium - 1) < 1e-4)
  }

  @Test("At a small current the single particles are the porous electrode")
  func slowLimit() throws {
    let p = CellParameters.chen2020Composite
    let start = try p.stoichiometries(stateOfCharge: 0.9)
    var ends: [CellObservation] = []
    func run<M: ElectrochemicalModel & ~Copyable>(_ model: consuming M) {
      var simulation = CellSimulation(
        model, negative: start.negative, positive: start.positive, temperature: 298.15,
        options: StiffOptions(relativeTolerance: 1e-6))
      #expect(simulation.run(.current(0.1), duration: 1e5) == .duration)
      ends.append(simulation.observe())
    }
    run(try SingleParticleModel(p, withElectrolyte: false, interphase: .solvent))
    run(try SingleParticleModel(p, withElectrolyte: true, interphase: .solvent))
    run(
      try PorousElectrodeModel(
        p, resolution: CompositeElectrodeTests.coarse, interphase: .solvent))
    for end in ends[0..<2] {
      #expect(abs(end.voltage - ends[2].voltage) < 2e-3)
      #expect(abs(end.filmLithium / ends[2].filmLithium - 1) < 1e-3)
    }
  }

  @Test("A rested cell stays at rest, on either branch", arguments: [-1.0, 0, 1])
  func rest(branch: Double) throws {
    var model = try SingleParticleModel(.chen2020Composite, withElectrolyte: true)
    model.restHysteresis = branch
    var simulation = CellSimulation(model, negative: 0.4, positive: 0.6, temperature: 298.15)
    let before = simulation.observe()
    #expect(simulation.run(.current(0), duration: 1e5) == .duration)
    #expect(abs(simulation.observe().voltage - before.voltage) < 1e-8)
  }

  // PyBaMM 26.10.1, SPM (200 points in the particles) and SPMe (40/10/40, 150), Chen2020_composite
  // with one-state hysteresis of silicon (decay rates 30, from −1), IDAKLU at rtol 1e-7, from
  // graphite at 0.93 and silicon in equilibrium with it: time of the 2.5 V cut-off at 1C in s, and
  // voltages.
  @Test("Discharges as by an independent solver", arguments: [false, true])
  func reference(withElectrolyte: Bool) throws {
    var p = CellParameters.chen2020Composite
    // That program's set has barriers at the ends of the positive potential.
    let published = p.positive.openCircuitPotential.value
    p.positive.openCircuitPotential = PropertyFunction { x in
      let y = max(1e-6, min(1 - 1e-6, x))
      return published(x) + 1e-4 * (1 / y + 1 / (y - 1))
    }
    var model = try SingleParticleModel(p, withElectrolyte: withElectrolyte)
    model.restHysteresis = -1
    var simulation = CellSimulation(
      model, negative: 0.901684216, positive: 17_038.0 / 63_104, temperature: 298.15)
    let known =
      withElectrolyte
      ? [
        (100.0, 3.919070), (600, 3.798327), (1_200, 3.656298), (1_800, 3.504160),
        (2_400, 3.391233), (3_000, 3.226953), (3_400, 2.902946),
      ]
      : [
        (100.0, 3.967914), (600, 3.848696), (1_200, 3.706825), (1_800, 3.554689),
        (2_400, 3.442118), (3_000, 3.278090), (3_400, 2.954664),
      ]
    // That program's SPMe loses 4.5 mV less in the electrolyte with two materials than with one; here
    // the loss is the same, as it is in both programs' DFN (see the next test).
    let bound = withElectrolyte ? 6e-3 : 5e-4
    for (time, voltage) in known {
      #expect(simulation.run(.current(5), duration: time - simulation.time) == .duration)
      #expect(abs(simulation.observe().voltage - voltage) < bound, "\(time)")
    }
    var low = CellLimits()
    low.lowerVoltage = 2.5
    #expect(simulation.run(.current(5), duration: 900, limits: low) == .event(.lowerVoltage))
    #expect(
      abs(simulation.time - (withElectrolyte ? 3_746.29 : 3_765.90)) < (withElectrolyte ? 2.5 : 1))
  }

  @Test("The electrolyte loses as much with two materials as with one")
  func electrolyte() throws {
    var losses: [Double] = []
    for p in [CellParameters.chen2020, .chen2020Composite] {
      var voltages: [Double] = []
      for withElectrolyte in [false, true] {
        var simulation = CellSimulation(
          try SingleParticleModel(p, withElectrolyte: withElectrolyte), negative: 0.9,
          positive: 0.27, temperature: 298.15)
        #expect(simulation.run(.current(5), duration: 100) == .duration)
        voltages.append(simulation.observe().voltage)
      }
      losses.append(voltages[0] - voltages[1])
    }
    #expect(losses[0] > 0.04 && abs(losses[1] - losses[0]) < 1e-3)
  }
}
