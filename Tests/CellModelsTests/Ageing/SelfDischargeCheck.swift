// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a leak takes from a resting cell, for every model that has one.

import CellModels
import NumericalMethods
import Quantities
import Testing

/// What a leak takes from a resting cell, for every model that has one.
enum SelfDischargeCheck {
  /// Rests a model with a resistance of 100 Ω between its electrodes for ten hours.
  ///
  /// The charge leaked is the integral of the voltage over the resistance, none of it passes the
  /// terminals, and it left the negative electrode.
  static func leak<Model: ElectrochemicalModel & ~Copyable>(
    _ model: consuming Model, of p: CellParameters
  ) throws {
    let start = try p.stoichiometries(stateOfCharge: 0.6)
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: 1e-7))
    let first = simulation.observe()
    var leaked = 0.0
    var last: (time: Double, voltage: Double)?
    let outcome = simulation.run(.current(0), duration: 36_000, interval: 20) {
      time, state, model in
      let voltage = model.observe(state).voltage
      if let last { leaked += 0.5 * (time - last.time) * (voltage + last.voltage) / 100 }
      last = (time, voltage)
      return true
    }
    #expect(outcome == .duration)
    let end = simulation.observe()
    #expect(abs(end.leakedCharge / leaked - 1) < 1e-5)
    #expect(abs(end.charge - first.charge) < 1e-9 * p.nominalCapacity)
    let moved = (first.negativeStoichiometry - end.negativeStoichiometry) * p.hostCapacity.negative
    let charge = moved * PhysicalConstants.faraday
    #expect(abs(charge - end.leakedCharge) < 1e-9 * p.nominalCapacity)
  }
}
