// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Balancing: units, direction, pauses, budgets, and what each hardware achieves.

import BMSCore
import Testing

@Suite("Balancing")
struct BalancingTests {
  /// Runs balancing on cells whose charge follows the commanded currents.
  ///
  /// - Returns: The spread of charge after each hour, in ampere-hours.
  func spreads(
    _ hardware: BalancingHardware, hours: Int, start: [Double],
    change: (inout Bench) -> Void = { _ in }
  ) -> [Double] {
    var bench = Bench()
    bench.configuration.balancing.hardware = hardware
    bench.configuration.balancing.current = 1
    bench.configuration.balancing.tolerance = 0.001
    bench.configuration.balancing.turnMilliseconds = 100_000
    bench.configuration.balancing.pauseMilliseconds = 10_000
    change(&bench)
    var charge = start
    func spread() -> Double { (charge.max() ?? 0) - (charge.min() ?? 0) }
    var found = [spread()]
    for _ in 0..<hours {
      for _ in 0..<360 {
        for cell in 0..<6 {
          charge[cell] -= bench.control.commands.balancing[cell] / 360
          bench.estimate.cellStateOfCharge[cell] = charge[cell] / 50
          bench.cells[cell] = 3.4 + 0.6 * charge[cell] / 50
        }
        bench.step(milliseconds: 10_000)
      }
      found.append(spread())
    }
    return found
  }

  let uneven: [Double] = [25, 25.8, 25.2, 26.5, 25.4, 25.1]

  // foxBMS 2 #91: volts went into an interface of millivolts, per cent were taken for a fraction.
  @Test("A plan holds the charge that separates the cells, in ampere-hours")
  func units() {
    var bench = Bench()
    bench.configuration.balancing.current = 0.1
    bench.configuration.balancing.pauseMilliseconds = 0
    for cell in 0..<6 { bench.estimate.cellStateOfCharge[cell] = cell == 3 ? 0.52 : 0.5 }
    var moved = 0.0
    for _ in 0..<(12 * 720) {
      moved += bench.control.commands.balancing[3] / 720
      bench.estimate.cellStateOfCharge[3] = 0.52 - moved / 50
      bench.step(milliseconds: 5000)
    }
    // 2 % of 50 A·h are 1 A·h, moved down to the tolerance of half a per cent of 50 A·h.
    #expect(moved > 0.74 && moved < 1.01)
  }

  // foxBMS 2 #9: the bits of the balancing register were inverted.
  @Test("Balancing brings cells together")
  func direction() {
    let right = spreads(.passive, hours: 2, start: uneven)
    #expect(right[2] < 0.6 * right[0])
  }

  // diyBMS v4Code #115: balancing a neighbour corrupts the reading.
  @Test("Every turn has a pause for undisturbed samples, and no two neighbours are bled at once")
  func pauses() {
    var bench = Bench()
    bench.configuration.balancing.planSeconds = 30
    for cell in 0..<6 { bench.estimate.cellStateOfCharge[cell] = 0.5 + 0.02 * Double(cell % 3) }
    bench.run(seconds: 3700, every: 10_000)
    var balanced = 0
    var quiet = 0
    var longestWithoutQuiet = 0
    var since = 0
    for _ in 0..<6000 {
      bench.step(milliseconds: 10)
      let flows = (0..<6).map { bench.control.commands.balancing[$0] != 0 }
      for cell in 0..<5 { #expect(!(flows[cell] && flows[cell + 1])) }
      if flows.contains(true) {
        balanced += 1
        since += 10
      } else {
        quiet += 1
        since = 0
      }
      longestWithoutQuiet = max(longestWithoutQuiet, since)
    }
    #expect(balanced > 4000)
    #expect(quiet >= 500)
    #expect(longestWithoutQuiet <= Int(bench.configuration.balancing.turnMilliseconds))
  }

  @Test("Nothing is balanced above the heat budget, too hot, too empty, or on a fault")
  func budgets() {
    func heat(_ change: (inout Bench) -> Void) -> Double {
      var bench = Bench()
      bench.configuration.balancing.current = 1
      for cell in 0..<6 { bench.estimate.cellStateOfCharge[cell] = 0.5 + 0.02 * Double(cell % 3) }
      change(&bench)
      var greatest = 0.0
      for _ in 0..<500 {
        bench.step(milliseconds: 10_000)
        bench.step(milliseconds: 2000)
        greatest = max(greatest, bench.control.commands.balancingHeat)
      }
      return greatest
    }
    #expect(heat { _ in } > 7)
    let bounded = heat { $0.configuration.balancing.heatBudget = 4 }
    #expect(bounded > 3 && bounded <= 4)
    #expect(heat { $0.probes = [320, 320, 320] } == 0)
    #expect(
      heat { bench in
        for cell in 0..<6 { bench.estimate.cellStateOfCharge[cell] -= 0.3 }
      } == 0)
    #expect(heat { $0.disturb = { sample, _ in sample.cellVoltage[0].quality = .openWire } } == 0)
    #expect(heat { $0.estimate.isConverged = false } == 0)
  }

  @Test(
    "Each hardware brings the cells together, and moves charge instead of burning it where it can")
  func hardware() {
    let passive = spreads(.passive, hours: 3, start: uneven)
    let inductor = spreads(.inductor, hours: 3, start: uneven)
    let converter = spreads(.converter, hours: 3, start: uneven)
    #expect(passive[3] < 0.5 * passive[0])
    #expect(inductor[3] < 0.3 * inductor[0])
    #expect(converter[3] < 0.3 * converter[0])
  }

  @Test("A second layer of capacitors balances faster than one")
  func secondLayer() {
    let start = [27.0, 26.5, 26, 25.5, 25, 24.5]
    func configure(_ bench: inout Bench) {
      bench.configuration.balancing.capacitorResistance = 0.02
      bench.configuration.balancing.planSeconds = 60
    }
    let single = spreads(.switchedCapacitor, hours: 4, start: start, change: configure)
    let double = spreads(.switchedCapacitorDouble, hours: 4, start: start, change: configure)
    #expect(single[4] < 0.9 * single[0])
    #expect(double[4] < 0.8 * single[4])
  }
}
