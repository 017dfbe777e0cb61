// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Packs stepped from outside: commands act, states can be read, results agree with a whole run.

import Foundation
import PackModels
import Testing

@Suite struct PackControlTests {
  private func module(_ count: Int, cell name: String = "ncm-25ah") throws -> PackDescription {
    let cell = try #require(PackCell.named(name))
    let isFlat = name == "ncm-25ah"
    return PackDescription(
      cell: cell, wiring: .groupsInSeries(series: count, parallel: 1),
      arrangement: PackArrangement(
        geometry: cell.geometry, kind: isFlat ? .stack : .square, count: count, columns: count,
        gap: 0, rowGap: 0))
  }

  @Test func `cycles of a controller give what one run gives`() throws {
    var pack = try module(3)
    pack.trigger.power = 800
    pack.duration = 400
    var whole = PackSimulation(pack)
    let reference = whole.run()
    var stepped = PackSimulation(pack)
    while stepped.elapsed < 400 - 1e-6 { stepped.advance(by: 0.5) }
    let result = stepped.finish()
    #expect(result.sequence.map(\.cell) == reference.sequence.map(\.cell))
    #expect(result.sequence.count == 3)
    for (a, b) in zip(result.sequence, reference.sequence) { #expect(abs(a.time - b.time) < 3) }
    #expect(result.energy.imbalance < 1e-9)
    let state = stepped.state(ofCell: 0)
    #expect(state.hasVented && state.hasCollapsed && state.hasRunAway)
    #expect(state.gasReleased > 1 && state.ejectedMass > 0.2 && state.voltage < 0.1)
  }

  @Test func `commanded current, contactors and coolant act at once`() throws {
    var pack = try module(4)
    pack.trigger.kind = .none
    pack.cooling.plate = 200
    pack.cooling.coolantTemperature = 298.15
    pack.stateOfCharge = 0.8
    var simulation = PackSimulation(pack)
    simulation.control.load = .current(25)
    simulation.advance(by: 36)
    #expect(abs(simulation.terminalCurrent - 25) < 1e-9)
    #expect(abs(simulation.state(ofCell: 1).stateOfCharge - 0.79) < 1e-9)
    let loaded = simulation.terminalVoltage
    simulation.control.closesContactors = false
    simulation.advance(by: 1)
    #expect(simulation.terminalCurrent == 0 && simulation.terminalVoltage == 0)
    #expect(simulation.state(ofCell: 1).voltage * 4 > loaded)
    simulation.control.closesContactors = true
    simulation.control.coolantTemperature = 318.15
    simulation.control.load = .open
    simulation.advance(by: 600)
    let warm = simulation.state(ofCell: 1).temperature
    #expect(warm > 300)
    simulation.control.coolantFlow = 0
    simulation.control.ambientTemperature = warm
    simulation.advance(by: 600)
    #expect(abs(simulation.state(ofCell: 1).temperature - warm) < 1.5)
    #expect(simulation.finish().energy.imbalance < 1e-9)
  }

  @Test func `a round cell interrupts its current, then vents, then runs away`() throws {
    var pack = try module(1, cell: "ncm-18650")
    pack.trigger.kind = .oven
    pack.trigger.ovenTemperature = 473.15
    pack.cooling.convection = 20
    pack.duration = 3_600
    var simulation = PackSimulation(pack)
    let events = simulation.run().events
    let interrupted = try #require(events.first { $0.kind == .interrupted })
    let vented = try #require(events.first { $0.kind == .vented })
    let runaway = try #require(events.first { $0.kind == .runaway })
    #expect(interrupted.time < vented.time && vented.time < runaway.time)
    // First vents of 18650 cells open between about 120 and 160 °C.
    #expect(vented.temperature > 383 && vented.temperature < 443)
    #expect(simulation.state(ofCell: 0).isInterrupted)
  }

  @Test func `a trigger that starts later is told when it starts`() throws {
    var pack = try module(2)
    pack.trigger.kind = .nail
    pack.trigger.start = 50
    pack.duration = 100
    var simulation = PackSimulation(pack)
    let triggered = try #require(simulation.run().events.first { $0.kind == .triggered })
    #expect(abs(triggered.time - 50) < 1e-9)
  }
}
