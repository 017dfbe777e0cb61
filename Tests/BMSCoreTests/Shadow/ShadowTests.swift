// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The shadow configuration reports and never acts.

import BMSCore
import Testing

@Suite("Shadow configuration")
struct ShadowTests {
  func run(_ shadowTable: DiagnosisConfiguration<Double>, cell: Double) -> (
    bench: Bench, shadow: Shadow<6, 3, Double>
  ) {
    var bench = Bench.connected()
    var table = shadowTable
    var shadow = Shadow<6, 3, Double>()
    for cycle in 0..<400 {
      if cycle == 100 { bench.cells[2] = cell }
      var before = bench.control.commands
      bench.step()
      shadow.step(
        &bench.sample, estimate: &bench.estimate, commands: &before, active: &bench.diagnosis,
        activeTable: &bench.table, table: &table)
    }
    return (bench, shadow)
  }

  @Test("The same table on the same samples never disagrees")
  func same() {
    let (_, shadow) = run(Bench().table, cell: 4.29)
    #expect(shadow.count == 0)
    #expect(shadow.differingCycles == 0)
  }

  @Test("A stricter table reports cause, time, values and limit, and contactors stay closed")
  func stricter() {
    var table = Bench().table
    table.version = 8
    table[.cellOverVoltage].limit = PerLevel(4.1, 4.12, 4.15)
    let (bench, shadow) = run(table, cell: 4.18)
    #expect(bench.state == .closed)
    #expect(shadow.count == 1)
    let entry = shadow.entries[0]
    #expect(entry.fault == .cellOverVoltage)
    #expect(entry.active == .within && entry.shadow == .safety)
    #expect(entry.activeValue == 4.18 && entry.shadowValue == 4.18)
    #expect(entry.limit == 4.15)
    #expect(entry.index == 2)
    #expect(entry.timeMilliseconds > 0)
    #expect(shadow.openedByShadowAlone > 2000 && shadow.openedByActiveAlone == 0)
  }

  @Test("A laxer table is reported with the limit of the active one")
  func laxer() {
    var table = Bench().table
    table[.cellOverVoltage].limit = PerLevel(4.4, 4.45, 4.5)
    let (bench, shadow) = run(table, cell: 4.29)
    #expect(!bench.conducts)
    #expect(shadow.entries[0].active == .safety && shadow.entries[0].shadow == .within)
    #expect(shadow.entries[0].limit == bench.table[.cellOverVoltage].limit.safety)
    #expect(shadow.openedByActiveAlone > 2000)
  }
}
