// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The plant against closed forms: charge, relaxation, heat, shorts, runaway.

import Foundation
import NumericalMethods
import Testbed
import Testing

struct PlantPackTests {
  private func pack(_ cell: PlantCell = .ncm60Ah, charge: Double = 0.6) -> PlantPack {
    var random = Xoshiro256(seed: 4)
    var layout = PlantLayout(modules: 2, cellsPerModule: 4)
    layout.capacitySpread = 0
    layout.resistanceSpread = 0
    layout.chargeSpread = 0
    layout.selfDischarge = 0
    return PlantPack(
      cell: cell, layout: layout, charge: charge, temperature: 298.15, using: &random)
  }

  @Test func `Charge moved equals current times time, whatever the step`() {
    var coarse = pack()
    var fine = pack()
    coarse.advance(current: 30, duration: 1_200)
    for _ in 0..<1_200 { fine.advance(current: 30, duration: 1) }
    let expected = 0.6 - 30 * 1_200 / coarse.cell.capacity
    #expect(abs(coarse.charge[3] - expected) < 1e-12)
    #expect(abs(fine.charge[3] - expected) < 1e-9)
    // Resistances follow the temperature, which long steps hold for five minutes.
    #expect(abs(coarse.slowLoss[3] - fine.slowLoss[3]) < 0.02 * fine.slowLoss[3])
  }

  @Test func `A pulse relaxes by the exponentials of its circuit`() {
    var plant = pack()
    plant.advance(current: 60, duration: 10)
    let cell = plant.cell
    let expected = 60 * cell.fast.resistance * (1 - exp(-10 / cell.fast.time))
    #expect(abs(plant.fastLoss[0] - expected) < 1e-4 * expected + 1e-5)
  }

  @Test func `A resting pack cools towards the air with the time constant of its conductances`() {
    var plant = pack()
    plant.ambient = 288.15
    let start = plant.temperature[2]
    for _ in 0..<720 { plant.advance(current: 0, duration: 10) }
    #expect(plant.temperature[2] < start - 0.5)
    #expect(plant.temperature[2] > 288.15)
    #expect(abs(plant.temperature[1] - plant.temperature[2]) < 0.05)
  }

  @Test func `A soft short leaks its own current and sags the voltage`() {
    var plant = pack()
    plant.shortConductance[5] = 1.0 / 10
    for _ in 0..<360 { plant.advance(current: 0, duration: 10) }
    // About 0.37 A for an hour.
    let ampereHours = plant.leaked[5] / 3_600
    #expect(abs(ampereHours - plant.voltage[5] / 10) < 0.005)
    #expect(abs(plant.charge[5] - (0.6 - plant.leaked[5] / plant.cell.capacity)) < 1e-9)
    #expect(plant.leaked[4] == 0)
    #expect(plant.hotCells.isEmpty)
  }

  @Test(arguments: ["ncm-60ah", "lfp-150ah", "lfp-280ah", "sodium-80ah"])
  func `A hard short burns its cell and a soft one does not`(name: String) throws {
    let cell = try #require(PlantCell.named(name))
    var hard = pack(cell, charge: 0.9)
    hard.shortConductance[2] = 1 / 0.05
    for _ in 0..<3_600 where hard.firstRunaway == nil { hard.advance(current: 0, duration: 1) }
    #expect(hard.firstRunaway != nil)
    for _ in 0..<120 { hard.advance(current: 0, duration: 1) }
    #expect(hard.firstVenting != nil)
    #expect(hard.gasPartsPerMillion > 1_000)
    var soft = pack(cell, charge: 0.9)
    soft.shortConductance[2] = 1 / 2.0
    for _ in 0..<360 { soft.advance(current: 0, duration: 10) }
    #expect(soft.firstRunaway == nil)
    #expect(soft.firstVenting == nil)
  }
}
