// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A negative electrode of two materials in the porous-electrode model.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Composite electrodes")
struct CompositeElectrodeTests {
  static let coarse = CellResolution(negative: 6, separator: 3, positive: 6, particleModes: 5)

  @Test("Lithium is conserved to 1e-10 at a loose tolerance")
  func conservation() throws {
    let p = CellParameters.chen2020Composite
    let start = try p.stoichiometries(stateOfCharge: 1)
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse), negative: start.negative,
      positive: start.positive, temperature: 298.15, options: StiffOptions(relativeTolerance: 1e-3))
    let first = simulation.observe()
    #expect(abs(first.voltage - 4.2) < 1e-3)
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    let down = simulation.run(.current(5), duration: 6_000, limits: low)
    let empty = simulation.observe()
    let up = simulation.run(.current(-2.5), duration: 12_000, limits: high)
    let held = simulation.run(.voltage(4.2), duration: 1_000)
    #expect(down == .event(.lowerVoltage) && up == .event(.upperVoltage) && held == .duration)
    let last = simulation.observe()
    #expect(abs(last.electrodeLithium / first.electrodeLithium - 1) < 1e-10)
    #expect(abs(last.electrolyteLithium / first.electrolyteLithium - 1) < 1e-10)
    let moved =
      (first.negativeStoichiometry - empty.negativeStoichiometry) * p.hostCapacity.negative
    let arrived =
      (empty.positiveStoichiometry - first.positiveStoichiometry) * p.hostCapacity.positive
    #expect(abs(moved / arrived - 1) < 1e-8)
  }

  @Test("A second material with the numbers of the first is the first alone")
  func equalMaterials() throws {
    let plain = CellParameters.chen2020
    let split = plain.withSecondMaterialLikeFirst()
    let options = StiffOptions(relativeTolerance: 1e-7)
    let one = discharge(
      try PorousElectrodeModel(plain, resolution: Self.coarse), plain, rate: 1, options: options)
    let two = discharge(
      try PorousElectrodeModel(split, resolution: Self.coarse), split, rate: 1, options: options)
    #expect(one.outcome == .event(.lowerVoltage) && two.outcome == .event(.lowerVoltage))
    #expect(two.difference(from: one) < 1e-6)
    #expect(abs(two.end / one.end - 1) < 1e-6)
  }

  @Test("A rested cell stays at rest, on either branch", arguments: [-1.0, 0, 1])
  func rest(branch: Double) throws {
    let p = CellParameters.chen2020Composite
    var model = try PorousElectrodeModel(p, resolution: Self.coarse)
    model.restHysteresis = branch
    var simulation = CellSimulation(model, negative: 0.4, positive: 0.6, temperature: 298.15)
    let before = simulation.observe()
    let end = simulation.run(.current(0), duration: 1e5)
    #expect(end == .duration)
    #expect(abs(simulation.observe().voltage - before.voltage) < 1e-8)
  }

  @Test("At the same lithium, the rested voltage after a charge is above that after a discharge")
  func hysteresis() throws {
    let p = CellParameters.chen2020Composite
    var voltages: [Double] = []
    for current in [0.5, -0.5] {
      let model = try PorousElectrodeModel(p, resolution: Self.coarse)
      // 0.25 Ah away on either side, towards the same content.
      let away = 900 / (96_485.332_12 * p.hostCapacity.negative)
      let other = 900 / (96_485.332_12 * p.hostCapacity.positive)
      let sign = current > 0 ? 1.0 : -1
      var simulation = CellSimulation(
        model, negative: 0.15 + sign * away, positive: 0.8 - sign * other, temperature: 298.15)
      let moved = simulation.run(.current(current), duration: 1_800)
      let rested = simulation.run(.current(0), duration: 36_000)
      #expect(moved == .duration && rested == .duration)
      #expect(abs(simulation.observe().negativeStoichiometry - 0.15) < 1e-9)
      voltages.append(simulation.observe().voltage)
    }
    #expect(voltages[1] - voltages[0] > 0.01 && voltages[1] - voltages[0] < 0.2)
  }

  @Test("Silicon gives its lithium last, and profiles show it")
  func order() throws {
    let p = CellParameters.chen2020Composite
    let start = try p.stoichiometries(stateOfCharge: 1)
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, resolution: Self.coarse), negative: start.negative,
      positive: start.positive, temperature: 298.15)
    let full = simulation.model.profiles(simulation.state)
    let end = simulation.run(.current(2.5), duration: 3_600)
    #expect(end == .duration)
    let profiles = simulation.model.profiles(simulation.state)
    let graphite = full.meanStoichiometry[0] - profiles.meanStoichiometry[0]
    let silicon = full.secondMeanStoichiometry[0] - profiles.secondMeanStoichiometry[0]
    #expect(graphite > 2 * silicon)
    #expect(profiles.secondMeanStoichiometry[7].isNaN && profiles.meanStoichiometry[7].isNaN)
    // The reaction over the electrode is the current.
    let width = p.negative.thickness / 6
    let sum = (0..<6).reduce(0) { $0 + profiles.reaction[$1] * width }
    #expect(abs(sum * p.electrodeArea / 2.5 - 1) < 1e-4)
    let inside = simulation.model.particleProfile(
      simulation.state, volume: 0, radii: [0, 1], ofSecondMaterial: true)
    let values = try #require(inside)
    #expect(abs(values[1] - profiles.secondSurfaceStoichiometry[0]) < 1e-12)
    #expect(values[0] > values[1])
    let nowhere = simulation.model.particleProfile(simulation.state, volume: 7, radii: [0])
    #expect(nowhere == nil)
  }

  @Test("What has no second material, or cannot have one, says so by name")
  func refusal() {
    func refuses(_ key: String, _ body: () throws -> Void) -> Bool {
      do {
        try body()
        return false
      } catch {
        switch error as? ParameterError {
        case .unsupported(key, _): return true
        case .outOfRange(key, _, _): return true
        default: return false
        }
      }
    }
    let fraction = "Secondary: Negative electrode active material volume fraction"
    var p = CellParameters.chen2020Composite
    p.negative.second?.activeFraction = 0.3
    #expect(refuses(fraction) { _ = try PorousElectrodeModel(p) })
    p = .chen2020Composite
    p.negative.second?.hysteresisRate = -1
    #expect(
      refuses("Secondary: Negative particle hysteresis decay rate") {
        _ = try PorousElectrodeModel(p)
      })
    p = .chen2020Composite
    p.positive.second = p.negative.second
    #expect(
      refuses("Secondary: Positive electrode active material volume fraction") {
        _ = try PorousElectrodeModel(p)
      })
  }
}
