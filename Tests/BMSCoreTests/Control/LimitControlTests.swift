// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Derating maps, constant current and voltage, the plating margin, and graded answers to a fault.

import BMSCore
import Testing

@Suite("Limits and graded mitigation")
struct LimitControlTests {
  @Test(
    "Limits follow the maps over temperature",
    arguments: [(265.0, 0.0), (278.15, 0.1), (283.15, 0.3), (288.15, 0.6), (300, 1)])
  func chargeMap(_ temperature: Double, _ share: Double) {
    var bench = Bench.connected(.standby)
    // Over ten minutes: at once would be a thermal event.
    for step in 1...600 {
      let share = Double(step) / 600
      bench.probes = Array(repeating: 298.15 + share * (temperature - 298.15), count: 3)
      bench.step(milliseconds: 1_000)
    }
    bench.run(seconds: 30, every: 1_000)
    let largest = bench.table[.chargeOverCurrent].limit.operating
    let limit = bench.control.commands.chargeCurrentLimit
    #expect(abs(limit - share * largest) < 0.02 * largest, "\(limit) of \(largest)")
  }

  @Test("Maps are straight between their points, constant beyond, and 0 without a value")
  func maps() {
    let hot = LimitSettings<Double>().chargeHot
    #expect(abs(hot(313.15) - 0.5) < 1e-12 && abs(hot(315.65) - 0.25) < 1e-12)
    #expect(abs(hot(250) - 1) < 1e-12)
    #expect(hot(400) < 1e-12 && hot(.nan) < 1e-12)
  }

  @Test("The emptiest cell, not the mean, folds the discharge back")
  func emptiest() {
    var bench = Bench.connected(.drive)
    bench.run(seconds: 30, every: 100)
    let full = bench.control.commands.dischargeCurrentLimit
    bench.estimate.cellStateOfCharge[3] = 0.05
    bench.run(seconds: 1)
    #expect(abs(bench.control.commands.dischargeCurrentLimit - 0.5 * full) < 0.02 * full)
    bench.estimate.cellStateOfCharge[3] = 0.5
    bench.cells[3] = bench.table[.cellUnderVoltage].limit.operating + 0.05
    bench.run(seconds: 0.2)
    #expect(bench.control.commands.dischargeCurrentLimit < 0.4 * full)
  }

  @Test("A charge holds its current, then its voltage, tapers off, and ends; it starts again below")
  func constantCurrentConstantVoltage() {
    var bench = Bench.connected(.charge)
    bench.load = -1_000
    for cell in 0..<6 { bench.estimate.cellStateOfCharge[cell] = 0.5 }
    bench.configuration.limits.chargeFull = DeratingMap(
      [0, 0.05, 0.1, 0.6, 0.8, 1], [1, 1, 1, 1, 1, 1])
    var charge = 0.5
    var highest = 0.0
    var currents: [Double] = []
    for _ in 0..<7_200 {
      // A cell of 50 A·h and 2 mΩ whose curve ends at 4.2 V.
      charge -= bench.current / 3_600 / 50
      for cell in 0..<6 { bench.cells[cell] = 3.6 + 0.6 * charge - 0.002 * bench.current }
      bench.estimate.stateOfCharge = charge
      bench.step(milliseconds: 1_000)
      highest = max(highest, bench.cells[0])
      currents.append(-bench.current)
    }
    let settings = bench.configuration.limits
    #expect(highest <= settings.chargeVoltage + 0.015, "\(highest)")
    let most = currents.max() ?? 0
    #expect(currents.count { $0 > 0.95 * most } > 300)
    #expect(bench.current > -0.01)
    #expect(charge > 0.97 && charge < 1.001, "\(charge)")
    // Between full and the threshold nothing starts again.
    bench.estimate.stateOfCharge = 0.98
    bench.run(seconds: 20, every: 100)
    #expect(bench.current > -0.01)
    bench.estimate.stateOfCharge = 0.96
    for cell in 0..<6 { bench.cells[cell] = 4.1 }
    bench.run(seconds: 30, every: 100)
    #expect(bench.current < -1)
  }

  @Test("Each charge after which lithium was seen costs current, until service")
  func plating() {
    var bench = Bench.connected(.standby)
    bench.run(seconds: 20, every: 100)
    let first = bench.control.commands.chargeCurrentLimit
    for _ in 0..<3 {
      bench.estimate.platingIndicator = 0.55
      bench.run(seconds: 1, every: 100)
      bench.estimate.platingIndicator = 0
      bench.run(seconds: 20, every: 100)
    }
    #expect(abs(bench.control.commands.chargeCurrentLimit - 0.512 * first) < 0.01 * first)
    bench.control.clearByService()
    bench.request = .off
    bench.run(seconds: 3)
    bench.request = .standby
    bench.run(seconds: 30, every: 100)
    #expect(abs(bench.control.commands.chargeCurrentLimit - first) < 0.01 * first)
  }

  @Test("A growing short is answered by less current, then cooling and isolation, then opening")
  func graded() {
    var bench = Bench.connected(.drive, load: 60)
    bench.configuration.modules = 3
    bench.run(seconds: 20, every: 100)
    let full = bench.control.commands.dischargeCurrentLimit
    var order: [String] = []
    func note(_ word: String, _ holds: Bool) {
      if holds, !order.contains(word) { order.append(word) }
    }
    for second in 0..<160 {
      if second == 130 {
        bench.request = .standby
        bench.load = 0
      }
      bench.estimate.internalShortResistance[4] = 300 * Double.exponential(-0.035 * Double(second))
      bench.run(seconds: 1, every: 50)
      let commands = bench.control.commands
      note("less", commands.dischargeCurrentLimit < 0.6 * full && bench.conducts)
      note("cool", commands.pump == 1 && commands.chiller == 1)
      note("isolate", commands.isolate == 1 << 2)
      note("open", !bench.conducts)
      if !bench.conducts { #expect(second >= 130) }
    }
    #expect(order == ["less", "cool", "isolate", "open"])
  }

  @Test("A sleeping core woken early by the front end judges what woke it")
  func frontEndWake() {
    var bench = Bench()
    bench.run(seconds: 0.1)
    bench.request = .sleep
    bench.run(seconds: 2)
    let period = bench.control.commands.wakeAfterSeconds
    #expect(period > 60)
    // The comparator of a front end wakes it long before its time.
    bench.cells[2] = 4.35
    bench.step(milliseconds: 30_000)
    bench.run(seconds: 4)
    #expect(bench[.cellOverVoltage] == .safety)
    #expect(bench.control.commands.wakeAfterSeconds <= bench.configuration.sleep.shortestSeconds)
    bench.request = .standby
    bench.run(seconds: 5)
    #expect(!bench.conducts)
  }
}
