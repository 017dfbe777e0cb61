// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Particles whose diffusivity depends on the stoichiometry.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Diffusivity by stoichiometry")
struct NonlinearDiffusionTests {
  static let coarse = CellResolution(negative: 6, separator: 3, positive: 6, particleModes: 6)

  @Test("A function that is constant where the cell is gives what the constant gives")
  func constantLimit() throws {
    let plain = CellParameters.chen2020
    var varied = plain
    for side in [\CellParameters.negative, \CellParameters.positive] {
      let d = plain[keyPath: side].diffusivity.value(0.5)
      // Different only below a stoichiometry of 0.01, where neither electrode comes.
      varied[keyPath: side].diffusivity = PropertyFunction { x in
        let distance = max(0, 0.01 - x) / 0.01
        return d * (1 + distance * distance * distance)
      }
    }
    #expect(varied.negative.diffusivity.varies(over: 0...1))
    let options = StiffOptions(relativeTolerance: 1e-6)
    let start = plain.initialStoichiometries
    var voltages: [[Double]] = []
    for p in [plain, varied] {
      var simulation = CellSimulation(
        try PorousElectrodeModel(p, resolution: Self.coarse), negative: start.negative,
        positive: start.positive, temperature: 298.15, options: options)
      var curve: [Double] = []
      let end = simulation.run(.current(10), duration: 1_200, interval: 60) { _, state, model in
        curve.append(model.observe(state).voltage)
        return true
      }
      #expect(end == .duration)
      voltages.append(curve)
    }
    let worst = zip(voltages[0], voltages[1]).map { abs($0 - $1) }.max() ?? .nan
    #expect(worst < 1e-8)
  }

  @Test("Lithium is conserved to 1e-10 at a loose tolerance")
  func conservation() throws {
    let p = CellParameters.ecker2015
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse), negative: start.negative,
      positive: start.positive, temperature: 296.15, options: StiffOptions(relativeTolerance: 1e-3))
    let first = simulation.observe()
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    let down = simulation.run(.current(p.unitCurrent), duration: 6_000, limits: low)
    let up = simulation.run(.current(-0.5 * p.unitCurrent), duration: 12_000, limits: high)
    let held = simulation.run(.voltage(4.2), duration: 1_000)
    #expect(down == .event(.lowerVoltage) && up == .event(.upperVoltage) && held == .duration)
    let last = simulation.observe()
    #expect(abs(last.electrodeLithium / first.electrodeLithium - 1) < 1e-10)
    #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
  }

  // Kirchhoff's transform: in a slow, settled discharge the flow at a radius r is −j·r/R, so
  // ∫ D dx over the surface is that at the centre minus j·R/(2·F·c_max), whatever D is.
  @Test("A settled profile follows Kirchhoff's transform")
  func settledProfile() throws {
    var p = CellParameters.chen2020
    let d0 = 3e-14
    p.negative.diffusivity = PropertyFunction { d0 * (1 + 2 * $0) }
    let modes = ParticleModes(count: 6)
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse), negative: 0.8, positive: 0.35,
      temperature: 298.15, options: StiffOptions(relativeTolerance: 1e-8))
    let end = simulation.run(.current(0.05), duration: 20_000)
    #expect(end == .duration)
    let first = simulation.model.unknownCount - 6 * 12
    let amplitudes = (0..<6).map { simulation.state[first + 6 * $0] }
    func integral(_ x: Double) -> Double { d0 * (x + x * x) }
    let surface = integral(modes.profile(amplitudes, at: 1))
    let centre = integral(modes.profile(amplitudes, at: 0))
    // The mean of the particle changes by −3·j/(F·R·c_max).
    var rates = [Double](repeating: 0, count: simulation.model.unknownCount)
    let isDefined = simulation.model.evaluate(time: 0, state: simulation.state, into: &rates)
    #expect(isDefined && rates[first] < 0)
    let r = p.negative.particleRadius
    let exact = -rates[first] * r * r / 6
    #expect(abs((centre - surface) / exact - 1) < 5e-3)
  }

  @Test("Single particles take it as well: at a small current they agree with the full model")
  func singleParticle() throws {
    let p = CellParameters.ecker2015
    let full = discharge(try PorousElectrodeModel(p), p, rate: 0.05)
    for withElectrolyte in [false, true] {
      let single = discharge(
        try SingleParticleModel(p, withElectrolyte: withElectrolyte), p, rate: 0.05)
      #expect(single.outcome == .event(.lowerVoltage))
      #expect(single.difference(from: full) < 2e-3)
      #expect(abs(single.end / full.end - 1) < 1e-3)
      let moved =
        (single.start.negativeStoichiometry - single.observation.negativeStoichiometry)
        * p.hostCapacity.negative * 96_485.332_12
      #expect(abs(moved / (0.05 * p.unitCurrent * single.end) - 1) < 1e-10)
    }
  }

  @Test("A diffusivity that turns negative is refused by name")
  func refusal() {
    let key = "Negative particle diffusivity [m2.s-1]"
    var p = CellParameters.chen2020
    p.negative.diffusivity = PropertyFunction { 1e-14 * (0.5 - $0) + 1e-15 }
    #expect {
      _ = try PorousElectrodeModel(p)
    } throws: { error in
      guard case .outOfRange(key, _, _)? = error as? ParameterError else { return false }
      return true
    }
  }
}
