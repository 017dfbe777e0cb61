// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random cells, currents and temperatures: every run ends with a result or a named event.

import CellModels
import Foundation
import NumericalMethods
import Testing

/// Enabled in release runs: thousands of discharges are slow without optimisation.
@Suite(
  "Robustness of the porous-electrode model",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct RobustnessReleaseTests {
  /// A set with its parameters changed by up to 30 %.
  func draw(_ index: Int, _ random: inout Xoshiro256) -> CellParameters {
    let sets = [
      CellParameters.chen2020, .marquis2019, .okane2022, .prada2013, .ecker2015, .chen2020Composite,
    ]
    var p = sets[index % sets.count]
    func factor(_ random: inout Xoshiro256) -> Double {
      Double.random(in: 0.7...1.3, using: &random)
    }
    for side in [\CellParameters.negative, \CellParameters.positive] {
      p[keyPath: side].thickness *= factor(&random)
      p[keyPath: side].particleRadius *= factor(&random)
      p[keyPath: side].conductivity *= factor(&random)
      p[keyPath: side].reactionRate *= factor(&random)
      p[keyPath: side].porosity *= factor(&random)
      let active = p[keyPath: side].activeFraction * Double.random(in: 0.7...1, using: &random)
      let other = p[keyPath: side].second?.activeFraction ?? 0
      p[keyPath: side].activeFraction = min(active, 1 - p[keyPath: side].porosity - other)
      let old = p[keyPath: side].diffusivity
      let scale = factor(&random)
      if old.constant == nil {
        p[keyPath: side].diffusivity = PropertyFunction(activationEnergy: old.activationEnergy) {
          scale * old.value($0)
        }
      } else {
        p[keyPath: side].diffusivity = PropertyFunction(
          constant: old.value(0.5) * scale, activationEnergy: old.activationEnergy)
      }
    }
    p.separator.thickness *= factor(&random)
    p.separator.porosity = min(1, p.separator.porosity * factor(&random))
    return p
  }

  @Test("No random draw ends for reasons of the solver")
  func randomDraws() throws {
    var random = Xoshiro256(seed: 2_026)
    var ran = 0
    var impossible = 0
    var failures: [String] = []
    for index in 0..<2_000 {
      let p = draw(index, &random)
      let temperature = 273.15 + Double.random(in: -20...60, using: &random)
      let rate = Double.random(in: -5...5, using: &random)
      let charge = Double.random(in: 0...1, using: &random)
      // A draw whose lithium cannot reach a cut-off is refused by name and not run.
      guard let start = try? p.stoichiometries(stateOfCharge: charge) else { continue }
      let warm = p.heat != nil && index % 8 > 3
      let isFilmed = p.interphase != nil && index % 5 > 2
      let laws = InterphaseLaw.allCases
      let plates = p.plating != nil && index % 7 > 2
      var model = try PorousElectrodeModel(
        p, thermal: warm ? .lumped : .isothermal,
        interphase: isFilmed ? laws[index / 6 % laws.count] : .none,
        plating: plates ? PlatingLaw.allCases[index / 6 % 4] : .none)
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
        .current(rate * p.unitCurrent), duration: 20_000, limits: limits
      ) { _, state, model in
        isFinite = isFinite && model.observe(state).voltage.isFinite
        return isFinite
      }
      ran += 1
      #expect(isFinite)
      if end == .failed || end == .impossible {
        impossible += 1
        failures.append("\(index) \(p.name) \(end) \(rate) C \(temperature) K \(charge)")
      }
    }
    #expect(ran > 1_500)
    // The goal is fewer than one in a thousand.
    #expect(Double(impossible) < 1e-3 * Double(ran), "\(failures)")
  }
}
