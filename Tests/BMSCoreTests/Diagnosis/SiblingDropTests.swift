// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What is no sudden drop: load on unequal cells, and cells that empty first.

import BMSCore
import TestSupport
import Testing

@Suite("Sudden drop of a cell against its siblings")
struct SiblingDropTests {
  /// A pack with 10 % spread of resistance under a drive load, voltages rounded to 1 mV.
  func drive(_ seconds: Int, drop: Double, at start: Int) -> Bench {
    var bench = Bench.connected(.drive)
    var generator = Seeded(5)
    for cycle in 0..<(seconds * 10) {
      bench.load = [20.0, 80, -15, 5, 60][cycle / 70 % 5]
      let flows = bench.current
      for cell in 0..<6 {
        let resistance = 0.001 * (0.95 + 0.02 * Double(cell))
        let noise = Double.random(in: -0.001...0.001, using: &generator)
        let falls = cell == 4 && cycle >= start * 10 ? drop : 0
        let volts = 3.7 + 0.004 * Double(cell) - resistance * flows - falls + noise
        bench.cells[cell] = (volts * 1000).rounded() / 1000
      }
      bench.step(milliseconds: 100)
    }
    return bench
  }

  @Test("A drive load on unequal cells, and a drop of 15 mV under it, warn of nothing")
  func underLoad() {
    let before = drive(120, drop: 0.045, at: 200)
    #expect(before.trips.isEmpty)
    #expect(drive(150, drop: 0.015, at: 120)[.suddenDrop] == .within)
  }

  @Test("A cell that empties first, or fills first, is no sudden drop")
  func ends() {
    var bench = Bench.connected(.drive, load: 50)
    bench.run(seconds: 20, every: 100)
    for second in 0..<120 {
      for cell in 0..<6 { bench.cells[cell] = 3.08 - 0.0005 * Double(second) }
      bench.cells[2] -= 0.0015 * Double(second)
      bench.step(milliseconds: 1000)
    }
    #expect(bench[.suddenDrop] == .within)
  }
}
