// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Laws of ageing one by one: limits, derivatives, published values, refused parameters.

import CellModels
import Foundation
import Testing

@Suite("Laws of ageing")
struct AgeingLawTests {
  let plating = PlatingParameters()

  func conditions(_ potential: Double, plated: Double = 10) -> PlatingConditions {
    PlatingConditions(plated: plated, salt: 1_000, potential: potential, temperature: 298.15)
  }

  @Test("Plating and stripping balance where Nernst's law has them")
  func nernst() {
    // exp(F·η/(R·T)) = c_e/c_Li.
    let balance = 8.314_462_618 * 298.15 / 96_485.332_12 * log(1_000.0 / 10)
    let current = ReversiblePlating().current(plating, conditions(balance))
    #expect(abs(current.value) < 1e-9)
    #expect(ReversiblePlating().current(plating, conditions(balance - 0.01)).value < 0)
    #expect(ReversiblePlating().current(plating, conditions(balance + 0.01)).value > 0)
    // At 0 V the current density of plating is F·k·c_e.
    let down = IrreversiblePlating().current(plating, conditions(0))
    #expect(abs(down.value + 96_485.332_12 * 1e-9 * 1_000) < 1e-9)
    #expect(NoPlating().current(plating, conditions(-0.1)).value == 0)
  }

  @Test("Derivatives of the plating current are those of its value", arguments: PlatingLaw.allCases)
  func derivatives(law: PlatingLaw) {
    let step = 1e-5
    for potential in [-3.0, -0.2, -0.01, 0.0, 0.05, 0.4] {
      let at = law.plating.current(plating, conditions(potential))
      let up = law.plating.current(plating, conditions(potential + step))
      let down = law.plating.current(plating, conditions(potential - step))
      let slope = (up.value - down.value) / (2 * step)
      #expect(abs(at.byPotential - slope) <= 1e-6 * abs(slope) + 1e-9)
      let more = law.plating.current(plating, conditions(potential, plated: 11))
      #expect(abs(at.byPlated - (more.value - at.value)) <= 1e-9 * abs(at.byPlated) + 1e-6)
      var saltier = conditions(potential)
      saltier.salt += 1
      let salted = law.plating.current(plating, saltier)
      #expect(abs(at.bySalt - (salted.value - at.value)) <= 1e-9 * abs(at.value) + 1e-9)
    }
  }

  @Test("Plated lithium dies more slowly under a thicker film")
  func dying() {
    #expect(PartiallyReversiblePlating().deadLithiumRate(plating, relativeFilm: 1) == 1e-6)
    #expect(PartiallyReversiblePlating().deadLithiumRate(plating, relativeFilm: 4) == 0.25e-6)
    #expect(ReversiblePlating().deadLithiumRate(plating, relativeFilm: 1) == 0)
    #expect(IrreversiblePlating().deadShare == 1 && ReversiblePlating().deadShare == 0)
  }

  @Test("Stress of a particle is that of the closed formula and drives loss and cracks in tension")
  func stress() throws {
    let mechanics = try #require(CellParameters.okane2022.negative.mechanics)
    // 3.1e-6 · 1.5e10 / (3 · 0.7) · 1000.
    let tension = mechanics.tangentialStress(mean: 16_000, surface: 15_000)
    #expect(abs(tension - 3.1e-6 * 1.5e10 / 2.1 * 1_000) < 1e-3)
    let hydrostatic = mechanics.hydrostaticStress(tangential: tension)
    #expect(abs(hydrostatic - tension * 2 / 3) < 1e-6)
    let pulled = ActiveMaterialConditions(hydrostaticStress: hydrostatic, filmCurrent: -1)
    let pushed = ActiveMaterialConditions(hydrostaticStress: -hydrostatic, filmCurrent: -1)
    let rate = StressDrivenLoss().rate(mechanics, pulled)
    let ratio = hydrostatic / 6e7
    #expect(abs(rate / (-1e-3 / 3_600 * ratio * ratio) - 1) < 1e-12)
    #expect(StressDrivenLoss().rate(mechanics, pushed) == 0)
    var reacting = mechanics
    reacting.reactionLossFactor = 1e-4
    let sum = StressAndReactionDrivenLoss().rate(reacting, pulled)
    #expect(abs(sum - rate + 1e-4 / 96_485.332_12) < 1e-18)
    #expect(ParisCracking().growth(mechanics, length: 2e-8, stress: -tension) == 0)
    let growth = ParisCracking().growth(mechanics, length: 2e-8, stress: tension)
    let intensity = 1.12 * tension * (Double.pi * 2e-8).squareRoot()
    #expect(abs(growth / (3.9e-20 / 3_600 * pow(intensity, 2.2)) - 1) < 1e-12)
    #expect(abs(mechanics.crackArea(length: 2e-8) - 1.908) < 1e-12)
    #expect(mechanics.displacement(mean: 15_000, radius: 5.86e-6) > 0)
  }

  @Test("Null laws do nothing")
  func null() {
    let mechanics = ParticleMechanics()
    let conditions = ActiveMaterialConditions(hydrostaticStress: 1e8, filmCurrent: -1)
    #expect(NoActiveMaterialLoss().rate(mechanics, conditions) == 0)
    #expect(NoCracking().growth(mechanics, length: 1e-8, stress: 1e8) == 0)
    #expect(CellParameters.chen2020.negative.thicknessChange(from: 0.1, to: 0.9) == 0)
  }

  // Ai et al. (2020): graphite grows by about a tenth in volume; the fit of the paper.
  @Test("A graphite coating thickens on charge")
  func thickness() {
    let electrode = CellParameters.okane2022.negative
    let change = electrode.thicknessChange(from: 0.03, to: 0.9)
    #expect(change > 0.05 * electrode.thickness * 0.75)
    #expect(change < 0.15 * electrode.thickness * 0.75)
  }

  @Test("A parameter file in PyBaMM's names carries plating and mechanics")
  func reading() throws {
    var values = ParameterFileTests.document()
    #expect(try ParameterFileTests.read(values).plating == nil)
    #expect(try ParameterFileTests.read(values).negative.mechanics == nil)
    values["Lithium plating kinetic rate constant [m.s-1]"] = 2e-9
    values["Lithium plating transfer coefficient"] = 0.6
    values["Negative electrode partial molar volume [m3.mol-1]"] = 3.1e-6
    values["Negative electrode Paris' law constant b"] = 1.12
    let set = try ParameterFileTests.read(values)
    let plating = try #require(set.plating)
    #expect(plating.rateConstant == 2e-9 && plating.transferCoefficient == 0.6)
    let mechanics = try #require(set.negative.mechanics)
    #expect(mechanics.youngModulus == 1.5e10 && mechanics.parisFactor == 1.12)
    let full = mechanics.volumeChange.value(1)
    #expect(abs(full - 3.1e-6 * set.negative.maximumConcentration) < 1e-12)
    values["Lithium plating transfer coefficient"] = 1.2
    let expected = ParameterError.outOfRange(
      key: "Lithium plating transfer coefficient", value: 1.2, allowed: "above 0 and below 1")
    #expect(throws: expected) { try ParameterFileTests.read(values) }
  }
}
