// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Physics of the equivalent circuit: conservation, analytic solutions, limits.

import CellModels
import Foundation
import Quantities
import Testing

@Suite("Equivalent circuit")
struct EquivalentCircuitTests {
  /// A cell of constant open-circuit voltage, so that energies are known in closed form.
  private func flatCell(
    heat: LumpedHeat = .isothermal, entropy: Double = 0
  ) -> EquivalentCircuit<ResistorCapacitorPolarisation, NoHysteresis> {
    EquivalentCircuit(
      capacity: Charge(ampereHours: 5),
      openCircuit: OpenCircuitVoltage(
        curve: MonotoneCurve(values: [3.7, 3.7]),
        entropyCoefficient: MonotoneCurve(values: [entropy, entropy])),
      seriesResistance: Resistance(milliohms: 20),
      polarisation: ResistorCapacitorPolarisation(pairs: [
        ResistorCapacitorPair(
          resistance: Resistance(milliohms: 10), timeConstant: Quantities.Duration(8)),
        ResistorCapacitorPair(
          resistance: Resistance(milliohms: 15), timeConstant: Quantities.Duration(400)),
      ]), hysteresis: NoHysteresis(), heat: heat)
  }

  @Test("charge is conserved over any cycle of currents")
  func charge() {
    let cell = Chen2020.equivalentCircuit
    var state = cell.restState(stateOfCharge: 0.5, temperature: Temperature(celsius: 25))
    var moved = 0.0
    for step in 0..<1_000 {
      let current = 5 * sin(Double(step) / 17) + 0.3
      let duration = 1 + Double(step % 7)
      moved += current * duration
      _ = cell.advance(&state, current: current, duration: duration, ambient: 298.15)
    }
    #expect((state.stateOfCharge - (0.5 - moved / cell.capacity)).magnitude < 1e-12)
  }

  @Test("relaxation after a pulse follows the sum of exponentials")
  func relaxation() {
    let cell = flatCell()
    var state = cell.restState(stateOfCharge: 0.5, temperature: Temperature(celsius: 25))
    _ = cell.advance(&state, current: 4, duration: 30, ambient: 298.15)
    for wait in [1.0, 10, 100, 1_000] {
      var rested = state
      let step = cell.advance(&rested, current: 0, duration: wait, ambient: 298.15)
      let first = 4 * 0.010 * (1 - exp(-30.0 / 8)) * exp(-wait / 8)
      let second = 4 * 0.015 * (1 - exp(-30.0 / 400)) * exp(-wait / 400)
      #expect((step.voltage - (3.7 - first - second)).magnitude < 1e-12)
    }
  }

  @Test("the result does not depend on how a constant current is cut into steps")
  func stepIndependence() {
    let cell = flatCell(
      heat: LumpedHeat(capacityJoulesPerKelvin: 45, conductanceWattsPerKelvin: 0.05))
    var whole = cell.restState(stateOfCharge: 0.8, temperature: Temperature(celsius: 25))
    var cut = whole
    let one = cell.advance(&whole, current: 5, duration: 600, ambient: 298.15)
    var heat = 0.0
    var last = one
    for _ in 0..<600 {
      last = cell.advance(&cut, current: 5, duration: 1, ambient: 298.15)
      heat += last.irreversibleHeat
    }
    #expect((last.voltage - one.voltage).magnitude < 1e-11)
    #expect((heat - one.irreversibleHeat).magnitude < 1e-8 * heat)
    // Temperature differs only because the long step spreads the growing heat evenly.
    #expect((whole.temperature - cut.temperature).magnitude < 0.15)
  }

  @Test("chemical energy becomes work, heat and stored field energy, nothing else")
  func energy() {
    let cell = flatCell()
    var state = cell.restState(stateOfCharge: 0.9, temperature: Temperature(celsius: 25))
    var work = 0.0
    var heat = 0.0
    var chemical = 0.0
    // Steps short against the time constants, so that the trapezoid of the voltage is exact to
    // second order.
    let duration = 0.05
    for step in 0..<40_000 {
      let current = step % 8_000 < 5_000 ? 6.0 : -3.0
      let before = cell.voltage(state, current: current)
      let result = cell.advance(&state, current: current, duration: duration, ambient: 298.15)
      work += current * (before + result.voltage) / 2 * duration
      heat += result.irreversibleHeat
      chemical += current * 3.7 * duration
    }
    let stored = cell.polarisation.storedEnergy(state.polarisation, factor: 1)
    #expect((chemical - work - heat - stored).magnitude < 1e-6 * chemical)
    #expect(heat > 0.005 * chemical)
  }

  @Test("heat equals the Bernardi balance in the steady state")
  func bernardi() {
    let cell = flatCell(entropy: 2e-4)
    var state = cell.restState(stateOfCharge: 0.9, temperature: Temperature(celsius: 25))
    _ = cell.advance(&state, current: 3, duration: 10_000, ambient: 298.15)
    let step = cell.advance(&state, current: 3, duration: 100, ambient: 298.15)
    let open = cell.openCircuit.voltage(at: 0.5, temperature: 298.15)
    let irreversible = 3 * (open - step.voltage) * 100
    #expect((step.irreversibleHeat - irreversible).magnitude < 1e-6 * irreversible)
    #expect((step.reversibleHeat + 3 * 298.15 * 2e-4 * 100).magnitude < 1e-9)
  }

  @Test("nothing changes without current in thermal equilibrium")
  func rest() {
    let cell = Chen2020.equivalentCircuit
    var state = cell.restState(stateOfCharge: 0.42, temperature: Temperature(celsius: 25))
    let step = cell.advance(&state, current: 0, duration: 86_400, ambient: 298.15)
    #expect(state.stateOfCharge == 0.42)
    #expect(step.irreversibleHeat == 0 && step.reversibleHeat == 0)
    #expect((state.temperature - 298.15).magnitude < 1e-12)
    #expect(step.voltage == cell.openCircuit.voltage(at: 0.42, temperature: state.temperature))
  }

  @Test(
    "the temperature of a heated cell follows the exponential and ends at power over conductance")
  func thermal() {
    let heat = LumpedHeat(capacityJoulesPerKelvin: 50, conductanceWattsPerKelvin: 0.1)
    let end = heat.advanced(300, power: 2, ambient: 290, duration: 1e6)
    #expect((end - 310).magnitude < 1e-9)
    let early = heat.advanced(290, power: 2, ambient: 290, duration: 500)
    #expect((early - (310 - 20 * exp(-1))).magnitude < 1e-10)
    #expect(LumpedHeat.isothermal.advanced(300, power: 5, ambient: 290, duration: 60) == 300)
  }

  @Test("cold cells have a higher resistance by the Arrhenius law")
  func arrhenius() {
    let factor = ResistanceFactor(activationEnergy: 35_000)
    #expect(factor.value(temperature: 298.15, stateOfCharge: 0.5) == 1)
    let cold = factor.value(temperature: 273.15, stateOfCharge: 0.5)
    let exact = exp(35_000 / 8.314_462_618 * (1 / 273.15 - 1 / 298.15))
    #expect((cold - exact).magnitude < 1e-8)
    let mapped = ResistanceFactor(map: MonotoneCurve(values: [2, 1, 1]))
    #expect(mapped.value(temperature: 298.15, stateOfCharge: 0) == 2)
    #expect(mapped.value(temperature: 298.15, stateOfCharge: 0.9) == 1)
  }

  @Test("hysteresis settles at opposite ends after charge and discharge, whatever the step")
  func hysteresis() {
    let loop = OneStateHysteresis(amplitude: Voltage(millivolts: 20), rate: 50)
    var discharged = loop.neutralState
    loop.advance(&discharged, throughput: 0.5)
    var charged = loop.neutralState
    for _ in 0..<500 { loop.advance(&charged, throughput: -0.001) }
    #expect((loop.voltage(discharged) + 0.02).magnitude < 1e-9)
    #expect((loop.voltage(charged) - 0.02).magnitude < 1e-9)
    var half = loop.neutralState
    loop.advance(&half, throughput: log(2) / 50)
    #expect((half + 0.5).magnitude < 1e-12)
    loop.advance(&half, throughput: 0)
    #expect((half + 0.5).magnitude < 1e-12)
  }

  @Test("null parts leave an ohmic cell")
  func ohmic() {
    let cell = EquivalentCircuit(
      capacity: Charge(ampereHours: 1),
      openCircuit: OpenCircuitVoltage(curve: MonotoneCurve(values: [3, 4])),
      seriesResistance: Resistance(0.1), polarisation: NoPolarisation(),
      hysteresis: NoHysteresis())
    var state = cell.restState(stateOfCharge: 1, temperature: Temperature(celsius: 25))
    let step = cell.advance(&state, current: 1, duration: 1_800, ambient: 298.15)
    #expect((step.voltage - 3.4).magnitude < 1e-12)
    #expect((step.irreversibleHeat - 180).magnitude < 1e-9)
  }

  @Test("the reduced LG M50 has the resistance that its parameters give by hand")
  func reduced() {
    let reduced = Chen2020.reduced
    // R·T/(F·j₀·S) with S = 3·0.75·85.2e-6·0.1027/5.86e-6 = 3.3596 m².
    #expect((reduced.ohmic - 0.005_4).magnitude < 3e-4)
    #expect((reduced.chargeTransfer.resistance - 0.025_1).magnitude < 5e-4)
    #expect((reduced.positiveDiffusion.timeConstant - 337.4).magnitude < 1)
    let total = reduced.ohmic + reduced.pairs.reduce(0) { $0 + $1.resistance }
    // The cell's direct-current resistance is some tens of milliohms.
    #expect((0.03...0.06).contains(total))
    #expect(Prada2013.reduced.ohmic > 0)
  }
}
