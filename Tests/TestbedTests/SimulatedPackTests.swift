// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Physics of the simulated pack: agreement with the single cell, leaks, joints, heat.

import CellModels
import NumericalMethods
import Quantities
import Testbed
import Testing

@Suite("Simulated pack")
struct SimulatedPackTests {
  private func pack(_ design: PackDesign = .uniform, state: Double = 0.6) -> SimulatedPack {
    var random = SplitMix64(seed: 1)
    return SimulatedPack(
      design: design, stateOfCharge: state, temperature: 298.15, using: &random)
  }

  private let calm = PackSurroundings(ambient: 298.15)

  @Test("without spread every group equals the single cell at its share of the current")
  func singleCell() {
    var pack = pack()
    let cell = Chen2020.equivalentCircuit
    var state = cell.restState(stateOfCharge: 0.6, temperature: .init(298.15))
    let parallel = Double(pack.design.parallelCount)
    // Surroundings that hold the cell's temperature leave the electrical parts to compare.
    for step in 0..<200 {
      let current = step % 40 < 25 ? 60.0 : -30.0
      pack.advance(current: current, duration: 10, surroundings: calm)
      state.temperature = pack.temperature[5]
      let single = cell.advance(
        &state, current: current / parallel, duration: 10, ambient: 298.15)
      #expect((pack.voltage[5] - single.voltage).magnitude < 2e-4)
      #expect((pack.stateOfCharge[5] - state.stateOfCharge).magnitude < 1e-12)
      #expect(pack.voltage[5] == pack.voltage[90])
    }
  }

  @Test("a leak takes its charge from its own group and from no other")
  func leak() {
    var pack = pack()
    // 370 Ω on a cell of some 3.8 V leaks about 10 mA.
    pack.shortConductance[40] = 1.0 / 370
    let before = pack.stateOfCharge
    let days = 30.0
    for _ in 0..<720 { pack.advance(current: 0, duration: 3_600, surroundings: calm) }
    let lost = (before[40] - pack.stateOfCharge[40]) * pack.capacity[40]
    let expected = 3.8 / 370 * days * 86_400
    #expect((lost - expected).magnitude < 0.03 * expected)
    #expect((lost - pack.lostCharge[40]).magnitude < 1e-6 * lost)
    #expect(pack.stateOfCharge[39] == before[39])
    #expect(pack.voltage[40] < pack.voltage[39] - 0.02)
  }

  @Test("a loose connection costs voltage in proportion to the current and heats its group")
  func looseConnection() {
    for current in [-50.0, 20, 100] {
      var pack = pack()
      pack.connectionResistance[17] = 0.001
      pack.advance(current: current, duration: 10, surroundings: calm)
      let drop = pack.voltage[18] - pack.voltage[17]
      // The joint also warms the group, which lowers its own resistance a little.
      #expect((drop - 0.001 * current).magnitude < 1e-4 * current.magnitude)
      for _ in 0..<60 { pack.advance(current: current, duration: 10, surroundings: calm) }
      #expect(pack.temperature[17] > pack.temperature[30])
      // Heat spreads to the neighbours inside the module, not across modules.
      #expect(pack.temperature[18] > pack.temperature[30])
    }
  }

  @Test("an isolated pack warms by exactly the energy its losses turn into heat")
  func heatBalance() {
    var design = PackDesign.uniform
    design.passiveConductance = 1e-12
    var pack = pack(design, state: 0.8)
    let start = pack.temperature[0]
    var electrical = 0.0
    var chemical = 0.0
    let open = Chen2020.openCircuit
    for _ in 0..<3_600 {
      let before = pack.stateOfCharge[0]
      let voltage = pack.voltage[0]
      pack.advance(current: 75, duration: 1, surroundings: calm)
      electrical += 75 * (voltage + pack.voltage[0]) / 2
      chemical +=
        75 * (open.curve.value(at: before) + open.curve.value(at: pack.stateOfCharge[0])) / 2
    }
    let warmed =
      (pack.temperature[0] - start) * Chen2020.heat.capacity
      * Double(design.parallelCount)
    // A few per cent of the loss is still stored in the diffusion pairs.
    let loss = chemical - electrical
    #expect(warmed < loss)
    #expect(warmed > 0.9 * loss)
  }

  @Test("the current for a power delivers that power")
  func power() {
    for power in [-40_000.0, -1_000, 500, 30_000, 80_000] {
      var pack = pack(PackDesign())
      let current = pack.current(forPower: power)
      // A step too short to move any state.
      pack.advance(current: current, duration: 1e-6, surroundings: calm)
      #expect((current * pack.packVoltage - power).magnitude < 1e-3 * power.magnitude)
    }
  }

  @Test("charge and discharge limits put the extreme group exactly on its limit")
  func limits() {
    var pack = pack(PackDesign(), state: 0.9)
    let charge = pack.chargeLimit(voltage: 4.2)
    pack.advance(current: -charge, duration: 1e-6, surroundings: calm)
    #expect(((pack.voltage.max() ?? 0) - 4.2).magnitude < 1e-3)
    var low = self.pack(PackDesign(), state: 0.1)
    let discharge = low.dischargeLimit(voltage: 2.8)
    low.advance(current: discharge, duration: 1e-6, surroundings: calm)
    #expect(((low.voltage.min() ?? 0) - 2.8).magnitude < 1e-3)
  }

  @Test("a weaker group swings further at the same throughput and meets the others when full")
  func weakCell() {
    var pack = pack(state: 1)
    pack.loseCapacity(cell: 3, fraction: 0.2)
    #expect(pack.stateOfCharge[3] == 1)
    let charge = 0.5 * pack.capacity[0]
    pack.advance(current: charge / 7_200, duration: 7_200, surroundings: calm)
    #expect((pack.stateOfCharge[0] - 0.5).magnitude < 1e-9)
    #expect((pack.stateOfCharge[3] - 0.375).magnitude < 1e-9)
  }

  @Test("the same seed gives the same pack and spreads have the stated size")
  func spread() {
    var first = SplitMix64(seed: 9)
    var second = SplitMix64(seed: 9)
    var design = PackDesign()
    design.moduleCount = 100
    let a = SimulatedPack(design: design, stateOfCharge: 0.5, temperature: 290, using: &first)
    let b = SimulatedPack(design: design, stateOfCharge: 0.5, temperature: 290, using: &second)
    #expect(a.capacity == b.capacity && a.stateOfCharge == b.stateOfCharge)
    let mean = a.capacity.reduce(0, +) / 1_200
    let variance = a.capacity.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1_199
    #expect((variance.squareRoot() / mean / design.capacitySpread - 1).magnitude < 0.1)
  }
}
