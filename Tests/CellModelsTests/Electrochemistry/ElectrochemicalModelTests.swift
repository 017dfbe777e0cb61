// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Physics that every electrochemical model must keep.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Electrochemical models")
struct ElectrochemicalModelTests {
  @Test("Lithium in electrodes and electrolyte is conserved to 1e-10 over a cycle with a hold")
  func conservation() throws {
    let p = CellParameters.chen2020
    let coarse = CellResolution(negative: 6, separator: 3, positive: 6, particleModes: 5)
    // A loose tolerance on purpose: conservation must not depend on it.
    let options = StiffOptions(relativeTolerance: 1e-3)
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: coarse), negative: start.negative,
      positive: start.positive, temperature: 298.15, options: options)
    let first = simulation.observe()
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    var small = CellLimits()
    small.currentBelow = 0.25
    let discharged = simulation.run(.current(5), duration: 5_000, limits: low)
    let rested = simulation.run(.current(0), duration: 600)
    let charged = simulation.run(.current(-2.5), duration: 9_000, limits: high)
    let atHold = simulation.time
    let held = simulation.run(.voltage(4.2), duration: 9_000, limits: small) { time, state, model in
      let observation = model.observe(state)
      #expect(time < atHold || abs(observation.voltage - 4.2) < 1e-6)
      return true
    }
    #expect(discharged == .event(.lowerVoltage) && rested == .duration)
    #expect(charged == .event(.upperVoltage) && held == .event(.currentBelow))
    let last = simulation.observe()
    #expect(abs(last.current + 0.25) < 1e-8)
    #expect(abs(last.electrodeLithium / first.electrodeLithium - 1) < 1e-10)
    #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
  }

  @Test("Charge through the terminals is the lithium that moved")
  func chargeBalance() throws {
    let p = CellParameters.marquis2019
    let curve = discharge(
      try PorousElectrodeModel(
        p, resolution: CellResolution(negative: 6, separator: 3, positive: 6, particleModes: 5)),
      p, rate: 1)
    #expect(curve.outcome == .event(.lowerVoltage))
    let moved =
      (curve.start.negativeStoichiometry - curve.observation.negativeStoichiometry)
      * p.hostCapacity.negative * 96_485.332_12
    #expect(abs(moved / (p.unitCurrent * curve.end) - 1) < 1e-10)
  }

  @Test("At rest nothing happens")
  func rest() throws {
    let p = CellParameters.prada2013
    var simulation = CellSimulation(
      try PorousElectrodeModel(p), negative: 0.5, positive: 0.5, temperature: 298.15)
    let before = simulation.observe()
    let outcome = simulation.run(.current(0), duration: 1e5)
    let after = simulation.observe()
    #expect(outcome == .duration)
    #expect(abs(after.voltage - before.voltage) < 1e-9)
    #expect(abs(after.salt - 1) < 1e-12)
    #expect(simulation.integrator.statistics.steps < 100)
  }

  @Test("At a small current all models agree")
  func slowLimit() throws {
    let p = CellParameters.chen2020
    let full = discharge(try PorousElectrodeModel(p), p, rate: 0.02)
    let single = discharge(try SingleParticleModel(p, withElectrolyte: false), p, rate: 0.02)
    let salt = discharge(try SingleParticleModel(p, withElectrolyte: true), p, rate: 0.02)
    #expect(single.difference(from: full) < 2e-3)
    #expect(salt.difference(from: full) < 5e-4)
    #expect(abs(salt.end / full.end - 1) < 1e-3)
  }

  @Test("A power hold holds the power")
  func power() throws {
    let p = CellParameters.chen2020
    var simulation = CellSimulation(
      try PorousElectrodeModel(p), negative: 0.8, positive: 0.35, temperature: 298.15)
    let outcome = simulation.run(.power(10), duration: 600) { _, state, model in
      let observation = model.observe(state)
      #expect(abs(observation.current * observation.voltage - 10) < 1e-6)
      return true
    }
    #expect(outcome == .duration)
    var single = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: true), negative: 0.8, positive: 0.35,
      temperature: 298.15)
    let other = single.run(.power(10), duration: 600)
    #expect(other == .duration)
    let difference = single.observe().voltage - simulation.observe().voltage
    #expect(abs(difference) < 0.02)
  }

  @Test("Heat generated is heat stored plus heat lost")
  func energyBalance() throws {
    let p = CellParameters.chen2020
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, thermal: .lumped), negative: start.negative,
      positive: start.positive, temperature: 298.15, options: StiffOptions(relativeTolerance: 1e-6))
    var generated = 0.0
    var lost = 0.0
    var last: (time: Double, heat: Double, excess: Double)?
    let outcome = simulation.run(.current(5), duration: 3_000, interval: 1) { time, state, model in
      var rates = [Double](repeating: 0, count: model.unknownCount)
      _ = model.evaluate(time: 0, state: state, into: &rates)
      let now = model.observe(state)
      if let last {
        generated += 0.5 * (time - last.time) * (last.heat + now.heat)
        lost += 0.5 * (time - last.time) * (last.excess + now.temperature - 298.15)
      }
      last = (time, now.heat, now.temperature - 298.15)
      return true
    }
    #expect(outcome == .duration)
    lost *= 10 * 0.005_31
    let stored = p.heatCapacity * (simulation.observe().temperature - 298.15)
    #expect(stored > 100)
    #expect(abs(generated - lost - stored) < 2e-4 * generated)
  }

  @Test("An impossible value is refused by name")
  func refusal() {
    var p = CellParameters.chen2020
    p.negative.porosity = 1.2
    let expected = ParameterError.outOfRange(
      key: "Negative electrode porosity", value: 1.2, allowed: "above 0, at most 1")
    #expect(throws: expected) { _ = try PorousElectrodeModel(p) }
    var q = CellParameters.prada2013
    q.negative.porosity = 0.3
    #expect(throws: ParameterError.missing(key: "Total heat transfer coefficient [W.m-2.K-1]")) {
      _ = try PorousElectrodeModel(q, thermal: .lumped)
    }
  }
}
