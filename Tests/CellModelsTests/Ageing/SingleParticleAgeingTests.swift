// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ageing of the single-particle models: balances, limits, and what each phenomenon does.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Ageing of the single-particle models")
struct SingleParticleAgeingTests {
  static let faraday = 96_485.332_12

  /// Everything at once, harsher than any cell.
  static var everything: AgeingOptions {
    var options = AgeingOptions()
    options.interphase = .carbonate
    options.plating = .partiallyReversible
    options.cracking = .paris
    options.activeMaterialLoss = .stressAndReaction
    options.electrolyteLoss = .solventConsumption(excess: 0)
    options.selfDischarge = .resistance(200)
    return options
  }

  static var aged: CellParameters {
    var p = CellParameters.okane2022
    p.negative.mechanics?.reactionLossFactor = 1e-4
    p.negative.mechanics?.lossRate *= 3
    p.positive.mechanics?.lossRate *= 3
    p.interphase?.carbonateRate *= 20
    p.interphase?.lithiumPerMolecule = 2
    return p
  }

  static var options: [(String, AgeingOptions)] {
    var list: [(String, AgeingOptions)] = PlatingLaw.allCases.map { law in
      var options = AgeingOptions()
      options.plating = law
      options.interphase = .solvent
      return (law.rawValue, options)
    }
    list.append(("everything", everything))
    return list
  }

  @Test(
    "Lithium is conserved to 1e-10 with every sink, and charge to 1e-10 of the capacity",
    arguments: options, [false, true])
  func balance(named: (String, AgeingOptions), withElectrolyte: Bool) throws {
    let p = Self.aged
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try SingleParticleModel(
        p, withElectrolyte: withElectrolyte, thermal: .lumped, ageing: named.1),
      negative: start.negative, positive: start.positive, temperature: 298.15)
    simulation.model.ambientTemperature = 298.15
    let first = simulation.observe()
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    var small = CellLimits()
    small.currentBelow = 0.25
    var charge = 0.0
    for _ in 0..<2 {
      var begin = simulation.time
      #expect(simulation.run(.current(5), duration: 5_000, limits: low) == .event(.lowerVoltage))
      charge += 5 * (simulation.time - begin)
      begin = simulation.time
      #expect(
        simulation.run(.current(-2.5), duration: 9_000, limits: high) == .event(.upperVoltage))
      charge -= 2.5 * (simulation.time - begin)
    }
    let last = simulation.observe()
    #expect(abs(last.charge - first.charge - charge) < 1e-10 * p.nominalCapacity)
    func all(_ o: CellObservation) -> Double {
      o.electrodeLithium + o.platedLithium + o.lostLithium
    }
    #expect(abs(all(last) - all(first)) < 1e-10 * first.electrodeLithium)
    if withElectrolyte {
      #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
    }
    #expect(
      abs(last.lostLithium - last.filmLithium - last.deadLithium - last.trappedLithium) < 1e-15)
    #expect(last.filmLithium > 0)
    if named.0 == "everything" {
      #expect(last.trappedLithium > 0 && last.deadLithium > 0 && last.leakedCharge > 10)
      #expect(last.negativeActive < 1 && last.positiveActive < 1 && last.crackLength > 2e-8)
      #expect(last.gas > 0)
    }
    #expect(simulation.run(.voltage(4.2), duration: 9_000, limits: small) == .event(.currentBelow))
  }

  @Test(
    "A cold fast charge plates more than a warm slow one")
  func platingConditions() throws {
    let p = CellParameters.okane2022
    func plated(_ celsius: Double, _ current: Double) throws -> CellObservation {
      var options = AgeingOptions()
      options.plating = .reversible
      let start = try p.stoichiometries(stateOfCharge: 0.1)
      var simulation = CellSimulation(
        try SingleParticleModel(p, withElectrolyte: true, ageing: options),
        negative: start.negative, positive: start.positive, temperature: celsius + 273.15)
      var high = CellLimits()
      high.upperVoltage = 4.2
      #expect(
        simulation.run(.current(-current), duration: 40_000, limits: high) == .event(.upperVoltage))
      return simulation.observe()
    }
    let gentle = try plated(35, 1)
    let harsh = try plated(0, 5)
    #expect(harsh.platingMargin < 0 && gentle.platingMargin > 0)
    #expect(harsh.platedLithium > 1.5 * gentle.platedLithium)
  }

  @Test("Plated lithium strips back at rest when it may, and stays when it may not")
  func stripping() throws {
    let p = CellParameters.okane2022
    var left: [PlatingLaw: CellObservation] = [:]
    for law in PlatingLaw.allCases where law != .none {
      var options = AgeingOptions()
      options.plating = law
      let start = try p.stoichiometries(stateOfCharge: 0.5)
      var simulation = CellSimulation(
        try SingleParticleModel(p, withElectrolyte: true, ageing: options),
        negative: start.negative, positive: start.positive, temperature: 273.15)
      #expect(simulation.run(.current(-5), duration: 1_200) == .duration)
      let charged = simulation.observe()
      #expect(charged.platedLithium + charged.deadLithium > 1e-5)
      #expect(simulation.run(.current(2), duration: 3_600) == .duration)
      left[law] = simulation.observe()
    }
    let reversible = try #require(left[.reversible])
    let partially = try #require(left[.partiallyReversible])
    let irreversible = try #require(left[.irreversible])
    #expect(reversible.deadLithium == 0)
    #expect(partially.deadLithium > 0 && partially.deadLithium < irreversible.deadLithium)
    #expect(irreversible.platedLithium == 0)
    #expect(reversible.platedLithium < 0.2 * irreversible.deadLithium)
  }

  @Test("The plating limit ends a charge where the anode reaches 0 V")
  func platingEvent() throws {
    let p = CellParameters.okane2022
    let start = try p.stoichiometries(stateOfCharge: 0.1)
    var simulation = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: false), negative: start.negative,
      positive: start.positive, temperature: 283.15)
    var limits = CellLimits()
    limits.platingMargin = 0
    #expect(
      simulation.run(.current(-5), duration: 9_000, limits: limits) == .event(.platingPossible))
    #expect(abs(simulation.observe().platingMargin) < 1e-6)
  }

  @Test("A resistance between the electrodes discharges a resting cell by Ohm's law")
  func leak() throws {
    let p = CellParameters.okane2022
    var options = AgeingOptions()
    options.selfDischarge = .resistance(100)
    try SelfDischargeCheck.leak(
      try SingleParticleModel(p, withElectrolyte: true, ageing: options), of: p)
    let start = try p.stoichiometries(stateOfCharge: 0.6)
    // A shuttle current does not depend on the voltage.
    options.selfDischarge = .shuttle(current: 1e-3, activationEnergy: 0)
    var shuttle = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: false, ageing: options),
      negative: start.negative, positive: start.positive, temperature: 298.15)
    #expect(shuttle.run(.current(0), duration: 36_000) == .duration)
    #expect(abs(shuttle.observe().leakedCharge - 36) < 1e-6)
  }

  @Test("Dry-out starts when the excess is used up, and slows the growth of the film")
  func dryOut() throws {
    var p = Self.aged
    p.interphase?.lithiumPerMolecule = 2
    var ends: [CellObservation] = []
    for excess in [nil, 0.5, 0.02, 0] as [Double?] {
      var options = AgeingOptions()
      options.interphase = .carbonate
      if let excess { options.electrolyteLoss = .solventConsumption(excess: excess) }
      let start = try p.stoichiometries(stateOfCharge: 0.9)
      var simulation = CellSimulation(
        try SingleParticleModel(p, withElectrolyte: true, ageing: options),
        negative: start.negative, positive: start.positive, temperature: 318.15)
      #expect(simulation.run(.current(0), duration: 3e7) == .duration)
      ends.append(simulation.observe())
    }
    #expect(ends[0].wetFraction == 1 && ends[1].wetFraction == 1)
    #expect(ends[3].wetFraction < 0.995 && ends[2].wetFraction > ends[3].wetFraction)
    #expect(ends[3].filmLithium < ends[0].filmLithium)
    #expect(ends[3].trappedLithium > 0 && ends[1].trappedLithium == 0)
  }

  @Test("Loss of active material under a constant stress is the closed formula")
  func activeMaterial() throws {
    let p = CellParameters.okane2022
    var options = AgeingOptions()
    options.activeMaterialLoss = .stress
    let start = try p.stoichiometries(stateOfCharge: 1)
    var simulation = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: false, ageing: options),
      negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: 1e-8))
    let mechanics = try #require(p.negative.mechanics)
    #expect(simulation.run(.current(2.5), duration: 2_500) == .duration)
    let before = simulation.observe()
    #expect(before.negativeStress > 0)
    #expect(simulation.run(.current(2.5), duration: 100) == .duration)
    let after = simulation.observe()
    let ratio = (before.negativeStress + after.negativeStress) / 3 / mechanics.criticalStress
    let expected = mechanics.lossRate * ratio * ratio * 100 / p.negative.activeFraction
    #expect(abs((before.negativeActive - after.negativeActive) / expected - 1) < 1e-2)
  }

  @Test("What a law needs and the set lacks is named")
  func refusal() {
    var options = AgeingOptions()
    options.plating = .reversible
    #expect(throws: ParameterError.missing(key: "Lithium plating kinetic rate constant [m.s-1]")) {
      _ = try SingleParticleModel(.chen2020, withElectrolyte: false, ageing: options)
    }
    options = AgeingOptions()
    options.cracking = .paris
    #expect(throws: ParameterError.missing(key: "Negative electrode Young's modulus [Pa]")) {
      _ = try SingleParticleModel(.chen2020, withElectrolyte: false, ageing: options)
    }
    options = AgeingOptions()
    options.activeMaterialLoss = .reaction
    let key = "Negative electrode reaction-driven LAM factor [m3.mol-1]"
    #expect(throws: ParameterError.missing(key: key)) {
      _ = try SingleParticleModel(.okane2022, withElectrolyte: false, ageing: options)
    }
  }

  @Test("A fixture pushes back in proportion, and gas presses on the can")
  func forces() {
    let fixture = ElasticFixture(stiffness: 1e7, cellStiffness: 1e7, preload: 100)
    #expect(abs(fixture.force(thicknessChange: 1e-4) - 600) < 1e-9)
    #expect(fixture.force(thicknessChange: -1e-3) == 0)
    #expect(FreeFixture().force(thicknessChange: 1e-3) == 0)
    let rise = EthyleneGeneration().pressureRise(
      filmLithium: 2e-3, headspace: 1e-6, temperature: 300)
    #expect(abs(rise - 1e-3 * 8.314_462_618 * 300 / 1e-6) < 1e-6 * rise)
    #expect(NoGasGeneration().amount(filmLithium: 1) == 0)
  }

  @Test("Cracks that reach the centre of the particles end a run by name")
  func crackedThrough() throws {
    var p = CellParameters.okane2022
    p.positive.mechanics?.crackingRate *= 1e4
    var options = AgeingOptions()
    options.cracking = .paris
    let start = try p.stoichiometries(stateOfCharge: 0.1)
    var simulation = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: false, ageing: options),
      negative: start.negative, positive: start.positive, temperature: 273.15)
    var high = CellLimits()
    high.upperVoltage = 4.2
    let end = simulation.run(.current(-5), duration: 5_000, limits: high)
    #expect(end == .event(.crackedThrough))
    let told = simulation.detail(of: end)
    let detail = try #require(told)
    #expect(detail.place.region == .positive && abs(detail.value - 1) < 1e-6)
  }
}
