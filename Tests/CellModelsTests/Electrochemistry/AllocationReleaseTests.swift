// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// No step of a cell model allocates memory.

import AllocationCounter
import CellModels
import Foundation
import NumericalMethods
import Testing

/// Enabled in release runs: without optimisation closures may live on the heap.
@Suite(
  "Allocations of cell models",
  .enabled(
    if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"
      && anodyne_allocation_count() >= 0))
struct AllocationReleaseTests {
  /// Allocations of a second discharge, rest and hold on a built simulation.
  func allocations<Model: ElectrochemicalModel & ~Copyable>(_ model: consuming Model) -> Int {
    let p = CellParameters.chen2020
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive,
      temperature: p.ambientTemperature)
    var limits = CellLimits()
    limits.lowerVoltage = p.lowerCutOff
    var used = 0
    for _ in 0..<2 {
      simulation.reset(
        negative: start.negative, positive: start.positive, temperature: p.ambientTemperature)
      let before = anodyne_allocation_count()
      let down = simulation.run(.current(p.unitCurrent), duration: 6_000, limits: limits)
      let rest = simulation.run(.current(0), duration: 600)
      let hold = simulation.run(.voltage(3.2), duration: 600)
      used = anodyne_allocation_count() - before
      #expect(down == .event(.lowerVoltage))
      #expect(rest == .duration)
      #expect(hold == .duration)
    }
    return used
  }

  @Test("A discharge, a rest and a hold allocate nothing once the model is built")
  func simulation() throws {
    let p = CellParameters.chen2020
    for thermal in [ThermalModel.isothermal, .lumped] {
      let full = allocations(try PorousElectrodeModel(p, thermal: thermal))
      #expect(full == 0, "DFN, \(thermal)")
      for salt in [false, true] {
        let single = allocations(
          try SingleParticleModel(p, withElectrolyte: salt, thermal: thermal))
        #expect(single == 0, "SPM, electrolyte \(salt), \(thermal)")
      }
    }
  }
}
