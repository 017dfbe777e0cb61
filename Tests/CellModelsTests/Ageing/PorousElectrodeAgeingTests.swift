// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Wear in the volumes of the porous-electrode model: balances, limits, and the slow limit.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Ageing of the porous-electrode model")
struct PorousElectrodeAgeingTests {
  static let coarse = CellResolution(negative: 3, separator: 2, positive: 3, particleModes: 4)

  /// All lithium that is not in the electrolyte.
  func all(_ o: CellObservation) -> Double { o.electrodeLithium + o.platedLithium + o.lostLithium }

  /// Discharge, charge, hold and rest; returns the charge that left, in coulombs.
  func cycle<M: ElectrochemicalModel & ~Copyable>(
    _ simulation: inout CellSimulation<M>, hold: Double = 0
  ) -> Double {
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    var begin = simulation.time
    #expect(simulation.run(.current(5), duration: 5_000, limits: low) == .event(.lowerVoltage))
    var charge = 5 * (simulation.time - begin)
    begin = simulation.time
    #expect(simulation.run(.current(-2.5), duration: 9_000, limits: high) == .event(.upperVoltage))
    charge -= 2.5 * (simulation.time - begin)
    if hold > 0 { #expect(simulation.run(.voltage(4.2), duration: hold) == .duration) }
    return charge
  }

  static var options: [(String, AgeingOptions)] {
    var loss = AgeingOptions()
    loss.activeMaterialLoss = .stress
    var cracks = AgeingOptions()
    cracks.cracking = .paris
    cracks.interphase = .solvent
    var dry = AgeingOptions()
    dry.interphase = .carbonate
    dry.electrolyteLoss = .solventConsumption(excess: 0)
    var leak = AgeingOptions()
    leak.selfDischarge = .resistance(100)
    return [
      ("loss of material", loss), ("cracks", cracks), ("dry-out", dry), ("leak", leak),
      ("everything", SingleParticleAgeingTests.everything),
    ]
  }

  @Test(
    "Lithium is conserved to 1e-10 with every sink, and charge to 1e-10 of the capacity",
    arguments: options)
  func balance(named: (String, AgeingOptions)) throws {
    let p = SingleParticleAgeingTests.aged
    let start = p.initialStoichiometries
    // A loose tolerance on purpose: conservation must not depend on it.
    var simulation = CellSimulation(
      try PorousElectrodeModel(
        p, resolution: Self.coarse, thermal: .lumped, ageing: named.1),
      negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: 1e-4))
    let first = simulation.observe()
    var charge = 0.0
    charge += cycle(&simulation)
    let last = simulation.observe()
    #expect(abs(last.charge - first.charge - charge) < 1e-10 * p.nominalCapacity)
    #expect(abs(all(last) - all(first)) < 1e-10 * first.electrodeLithium)
    #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
    let o = named.1
    #expect(o.interphase == .none ? last.filmLithium == 0 : last.filmLithium > 0)
    #expect(o.activeMaterialLoss == .none || last.trappedLithium > 0)
    #expect(o.activeMaterialLoss == .none || (last.negativeActive < 1 && last.positiveActive < 1))
    #expect(o.cracking == .none ? last.crackLength == 0 : last.crackLength > 2e-8)
    #expect(o.electrolyteLoss == .none ? last.wetFraction == 1 : last.wetFraction < 1)
    #expect(o.selfDischarge == .none ? last.leakedCharge == 0 : last.leakedCharge > 10)
    #expect(o.plating == .none || last.deadLithium > 0)
    // Held at a voltage the balances are the same.
    _ = cycle(&simulation, hold: 2_000)
    #expect(abs(all(simulation.observe()) - all(first)) < 1e-10 * first.electrodeLithium)
  }

  @Test("At a small current it ages like the single-particle model", arguments: options)
  func slowLimit(named: (String, AgeingOptions)) throws {
    let p = SingleParticleAgeingTests.aged
    let start = try p.stoichiometries(stateOfCharge: 0.4)
    var ends: [CellObservation] = []
    func run<M: ElectrochemicalModel & ~Copyable>(_ model: consuming M) {
      var simulation = CellSimulation(
        model, negative: start.negative, positive: start.positive, temperature: 298.15,
        options: StiffOptions(relativeTolerance: 1e-6))
      #expect(simulation.run(.current(-0.05), duration: 4e4) == .duration)
      ends.append(simulation.observe())
    }
    run(try SingleParticleModel(p, withElectrolyte: false, ageing: named.1))
    run(try PorousElectrodeModel(p, resolution: Self.coarse, ageing: named.1))
    let facts: [(CellObservation) -> Double] = [
      { $0.filmLithium }, { $0.deadLithium }, { 1 - $0.negativeActive },
      { 1 - $0.positiveActive }, { $0.trappedLithium }, { $0.leakedCharge },
      { $0.crackLength }, { 1 - $0.wetFraction }, { $0.voltage },
    ]
    for (index, fact) in facts.enumerated() {
      let (single, porous) = (fact(ends[0]), fact(ends[1]))
      #expect(
        abs(porous - single) <= 0.05 * abs(single) + 1e-12, "\(index): \(single), \(porous)")
    }
  }

  @Test("A resistance between the electrodes discharges a resting cell by Ohm's law")
  func leak() throws {
    let p = CellParameters.okane2022
    var options = AgeingOptions()
    options.selfDischarge = .resistance(100)
    try SelfDischargeCheck.leak(
      try PorousElectrodeModel(p, resolution: Self.coarse, ageing: options), of: p)
  }

  @Test("Active material is lost where the stress is largest")
  func place() throws {
    let p = SingleParticleAgeingTests.aged
    var options = AgeingOptions()
    options.activeMaterialLoss = .stress
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse, ageing: options),
      negative: start.negative, positive: start.positive, temperature: 298.15)
    _ = cycle(&simulation)
    let profiles = simulation.model.profiles(simulation.state)
    #expect(profiles.activeMaterial.count == 8 && profiles.activeMaterial[4].isNaN)
    // At the end of the discharge the particles next to the collector still empty fast.
    #expect(profiles.activeMaterial[2] != profiles.activeMaterial[0])
    let mean = profiles.activeMaterial[0..<3].reduce(0, +) / 3
    #expect(abs(mean - simulation.observe().negativeActive) < 1e-12)
  }

  @Test("Cracks that reach the centre end a run with electrode, distance and depth")
  func crackedThrough() throws {
    var p = CellParameters.okane2022
    p.positive.mechanics?.crackingRate *= 1e4
    var options = AgeingOptions()
    options.cracking = .paris
    let start = try p.stoichiometries(stateOfCharge: 0.1)
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse, ageing: options),
      negative: start.negative, positive: start.positive, temperature: 273.15)
    var high = CellLimits()
    high.upperVoltage = 4.2
    let end = simulation.run(.current(-5), duration: 5_000, limits: high)
    #expect(end == .event(.crackedThrough))
    let told = simulation.detail(of: end)
    let detail = try #require(told)
    #expect(detail.place.region == .positive && detail.place.position != nil)
    #expect(abs(detail.value - 1) < 1e-6)
  }

  @Test("Both materials of a composite electrode grow films, and all lithium is accounted for")
  func compositeFilms() throws {
    var p = CellParameters.chen2020Composite
    p.plating = CellParameters.okane2022.plating
    var options = AgeingOptions()
    options.interphase = .carbonate
    options.plating = .partiallyReversible
    options.selfDischarge = .resistance(500)
    let start = try p.stoichiometries(stateOfCharge: 1)
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse, ageing: options),
      negative: start.negative, positive: start.positive, temperature: 288.15,
      options: StiffOptions(relativeTolerance: 1e-4))
    let first = simulation.observe()
    let charge = cycle(&simulation, hold: 0)
    let last = simulation.observe()
    #expect(abs(all(last) - all(first)) < 1e-10 * first.electrodeLithium)
    #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
    #expect(abs(last.charge - first.charge - charge) < 1e-10 * p.nominalCapacity)
    #expect(last.filmLithium > 0 && last.deadLithium > 0)
  }

  @Test("A second material with the numbers of the first ages as the first alone")
  func equalMaterials() throws {
    let plain = CellParameters.okane2022
    let split = plain.withSecondMaterialLikeFirst()
    var options = AgeingOptions()
    options.interphase = .carbonate
    options.plating = .irreversible
    let start = plain.initialStoichiometries
    var ends: [CellObservation] = []
    for p in [plain, split] {
      var simulation = CellSimulation(
        try PorousElectrodeModel(p, resolution: Self.coarse, ageing: options),
        negative: start.negative, positive: start.positive, temperature: 283.15,
        options: StiffOptions(relativeTolerance: 1e-7))
      _ = cycle(&simulation)
      ends.append(simulation.observe())
    }
    #expect(abs(ends[1].filmLithium / ends[0].filmLithium - 1) < 1e-5)
    #expect(abs(ends[1].deadLithium / ends[0].deadLithium - 1) < 1e-4)
    #expect(abs(ends[1].filmThickness / ends[0].filmThickness - 1) < 1e-5)
  }

  @Test("What a law needs and a material lacks is named")
  func refusal() {
    var options = AgeingOptions()
    options.cracking = .paris
    #expect(throws: ParameterError.missing(key: "Negative electrode Young's modulus [Pa]")) {
      _ = try PorousElectrodeModel(.chen2020, ageing: options)
    }
    var p = CellParameters.chen2020Composite
    p.negative.mechanics = CellParameters.okane2022.negative.mechanics
    p.positive.mechanics = CellParameters.okane2022.positive.mechanics
    let key = "Secondary: Negative electrode Young's modulus [Pa]"
    #expect(throws: ParameterError.missing(key: key)) {
      _ = try PorousElectrodeModel(p, ageing: options)
    }
  }
}
