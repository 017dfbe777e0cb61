// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Series–parallel wiring: Kirchhoff's laws, equalising currents, loads, open branches.

import NumericalMethods
import PackModels
import Testing

@Suite struct ElectricalTreeTests {
  private func random(_ count: Int, seed: UInt64) -> (voltage: [Double], resistance: [Double]) {
    var generator = Xoshiro256(seed: seed)
    return (
      (0..<count).map { _ in Double.random(in: 2.5...4.2, using: &generator) },
      (0..<count).map { _ in Double.random(in: 0.5e-3...50e-3, using: &generator) }
    )
  }

  @Test(arguments: 1...20)
  func `Kirchhoff's laws hold in groups in series`(seed: Int) {
    let (voltage, resistance) = random(24, seed: UInt64(seed))
    var tree = ElectricalTree(
      .groupsInSeries(series: 6, parallel: 4), jointResistance: 1e-4, groupResistance: 5e-5)
    var current = [Double](repeating: 0, count: 24)
    let terminal = tree.solve(
      load: .current(37), sourceVoltage: voltage, sourceResistance: resistance,
      cellCurrent: &current)
    for group in 0..<6 {
      let cells = group * 4..<group * 4 + 4
      #expect(abs(cells.map { current[$0] }.reduce(0, +) - 37) < 1e-9)
      let across = cells.map { voltage[$0] - current[$0] * (resistance[$0] + 1e-4) }
      #expect(across.allSatisfy { abs($0 - across[0]) < 1e-9 })
    }
    // Power from the sources is power at the terminals plus losses.
    let given = zip(voltage, current).map(*).reduce(0, +)
    var lost = 0.0
    for i in 0..<24 { lost += current[i] * current[i] * (resistance[i] + 1e-4) }
    lost += 37 * 37 * 5e-5 * 7
    #expect(abs(given - lost - terminal.current * terminal.voltage) < 1e-8)
  }

  @Test func `parallel strings equalise with nothing connected`() {
    var tree = ElectricalTree(
      .stringsInParallel(series: 2, parallel: 2), jointResistance: 0, groupResistance: 0)
    var current = [Double](repeating: 0, count: 4)
    let terminal = tree.solve(
      load: .open, sourceVoltage: [4, 4, 3.9, 3.9], sourceResistance: [0.01, 0.01, 0.01, 0.01],
      cellCurrent: &current)
    #expect(terminal.current == 0)
    #expect(abs(terminal.voltage - 7.9) < 1e-12)
    #expect(abs(current[0] - 5) < 1e-9 && abs(current[3] + 5) < 1e-9)
  }

  @Test func `a blown fuse takes its branch out and leaves the others`() {
    var tree = ElectricalTree(
      .groupsInSeries(series: 1, parallel: 3), jointResistance: 0, groupResistance: 0)
    var current = [Double](repeating: 0, count: 3)
    _ = tree.solve(
      load: .current(9), sourceVoltage: [4, 4, 4],
      sourceResistance: [0.01, .infinity, 0.01], cellCurrent: &current)
    #expect(abs(current[0] - 4.5) < 1e-9 && current[1] == 0 && abs(current[2] - 4.5) < 1e-9)
  }

  @Test func `an open string gives nothing and says so`() {
    var tree = ElectricalTree(
      .groupsInSeries(series: 3, parallel: 1), jointResistance: 0, groupResistance: 0)
    var current = [Double](repeating: 0, count: 3)
    let terminal = tree.solve(
      load: .current(9), sourceVoltage: [4, 4, 4],
      sourceResistance: [0.01, .infinity, 0.01], cellCurrent: &current)
    #expect(terminal.current == 0 && !terminal.loadMet)
    #expect(current.allSatisfy { $0 == 0 })
  }

  @Test func `power, resistance and short circuit loads follow Ohm's law`() {
    var tree = ElectricalTree(.cell(0), jointResistance: 0, groupResistance: 0)
    var current = [0.0]
    let power = tree.solve(
      load: .power(30), sourceVoltage: [4], sourceResistance: [0.02], cellCurrent: &current)
    #expect(abs(power.current * power.voltage - 30) < 1e-9 && power.loadMet)
    let short = tree.solve(
      load: .resistance(0), sourceVoltage: [4], sourceResistance: [0.02], cellCurrent: &current)
    #expect(abs(short.current - 200) < 1e-9 && abs(current[0] - 200) < 1e-9)
    let tooMuch = tree.solve(
      load: .power(500), sourceVoltage: [4], sourceResistance: [0.02], cellCurrent: &current)
    #expect(!tooMuch.loadMet && abs(tooMuch.current - 100) < 1e-9)
  }

  @Test func `nested wiring equals a direct solution`() {
    // Cell 0 in series with (cell 1 ∥ (cell 2 in series with cell 3)).
    let wiring = Wiring.series([.cell(0), .parallel([.cell(1), .series([.cell(2), .cell(3)])])])
    var tree = ElectricalTree(wiring, jointResistance: 0, groupResistance: 0)
    let e = [4.0, 4.1, 2.0, 2.05]
    let r = [0.01, 0.02, 0.01, 0.03]
    var current = [Double](repeating: 0, count: 4)
    _ = tree.solve(
      load: .resistance(1), sourceVoltage: e, sourceResistance: r, cellCurrent: &current)
    let branch = r[2] + r[3]
    let g = 1 / r[1] + 1 / branch
    let inner = (e[1] / r[1] + (e[2] + e[3]) / branch) / g
    let total = (e[0] + inner) / (1 + r[0] + 1 / g)
    let across = inner - total / g
    #expect(abs(current[0] - total) < 1e-12)
    #expect(abs(current[1] - (e[1] - across) / r[1]) < 1e-9)
    #expect(abs(current[3] - (e[2] + e[3] - across) / branch) < 1e-9)
  }

  @Test func `a fuse melts at its integral and never at its rating`() {
    let fuse = CellFuse(ratedCurrent: 30, meltingIntegral: 2_000)
    #expect(!fuse.isMelted(fuse.state(after: 1e6, from: 0, current: 29.9)))
    #expect(fuse.isMelted(fuse.state(after: 1e6, from: 0, current: 30.5)))
    // A pulse far above the rating melts at I²t.
    let time = 2_000.0 / (1_000 * 1_000)
    #expect(fuse.isMelted(fuse.state(after: 1.01 * time, from: 0, current: 1_000)))
    #expect(!fuse.isMelted(fuse.state(after: 0.98 * time, from: 0, current: 1_000)))
  }
}
