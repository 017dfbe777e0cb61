// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Closing, precharge, opening and weld check against a plant of contactors and a link.

import BMSCore
import Testing

@Suite("Contactors and precharge")
struct ContactorSequencerTests {
  @Test("Closing takes negative, precharge, positive in this order, and the link is charged first")
  func closes() {
    var bench = Bench()
    bench.run(seconds: 0.1)
    bench.request = .standby
    var order: [ContactorState] = []
    var linkAtPositive = 0.0
    for _ in 0..<300 {
      bench.step()
      if order.last != bench.state { order.append(bench.state) }
      if bench.state == .closingPositive, linkAtPositive == 0 { linkAtPositive = bench.link }
    }
    #expect(order == [.closingNegative, .precharging, .closingPositive, .closed])
    #expect(linkAtPositive >= 0.95 * 22.2)
  }

  @Test("An empty link and a still charged one both close; a charged one is no weld")
  func residual() {
    for start in [0.0, 11, 21.5, 22.2] {
      var bench = Bench()
      bench.linkDecay = 0
      bench.link = start
      bench.run(seconds: 0.1)
      bench.request = .standby
      let closes = bench.run(until: { $0.state == .closed }, within: 5)
      #expect(closes, "link at \(start) V")
      #expect(bench.trips.isEmpty)
    }
  }

  @Test(
    "Opening waits for the current and ends by itself when it does not go",
    arguments: [true, false])
  func bounded(_ obeys: Bool) {
    var bench = Bench.connected(.drive, load: 60)
    bench.run(seconds: 30, every: 100)
    #expect(bench.current > 50)
    bench.obeysLimits = obeys
    bench.request = .off
    let start = bench.uptime
    var atParting = Double.nan
    let opens = bench.run(
      until: { bench in
        if bench.state == .openingPositive, atParting.isNaN { atParting = bench.current }
        return !bench.conducts
      }, within: 5)
    #expect(opens)
    let elapsed = bench.uptime - start
    if obeys {
      #expect(atParting < bench.configuration.contactors.zeroCurrent)
      #expect(elapsed < 200)
    } else {
      #expect(elapsed >= 1000 && elapsed <= 1100)
    }
  }

  @Test(
    "Above the breaking capacity contactors stay closed, and the pyro fuse acts where fitted",
    arguments: [true, false])
  func breaking(_ isFitted: Bool) {
    var bench = Bench.connected()
    bench.configuration.contactors.hasPyroFuse = isFitted
    bench.obeysLimits = false
    bench.load = 900
    bench.disturb = { sample, _ in
      sample.packVoltage = Measured(15)
      sample.linkVoltage = Measured(1)
    }
    for _ in 0..<2000 {
      bench.step(milliseconds: 1)
      if bench.conducts, bench.current > bench.configuration.contactors.breakingCurrent,
        !bench.control.commands.firePyroFuse
      {
        #expect(bench.control.commands.contactors.isSuperset(of: [.negative, .positive]))
      }
    }
    #expect(bench.control.commands.firePyroFuse == isFitted)
    #expect(bench[.externalShort] == .safety)
    // The melting fuse clears: now the contactors open.
    bench.load = 0
    bench.disturb = { _, _ in }
    bench.run(seconds: 1)
    #expect(!bench.conducts)
  }

  @Test("A weld is found by its read-back, and by current without one", arguments: [true, false])
  func weld(_ readsBack: Bool) {
    var bench = Bench.connected()
    bench.request = .off
    if readsBack {
      bench.welded = .positiveClosed
    } else {
      bench.disturb = { sample, _ in sample.current = Measured(3) }
    }
    let found = bench.run(until: { $0.state == .welded }, within: 3)
    #expect(found)
    bench.step()
    #expect(bench[.contactorWeld] == .safety)
    // Nothing but service leads out.
    for request in [Request.standby, .off, .charge, .sleep, .drive] {
      bench.request = request
      bench.run(seconds: 0.3)
      #expect(bench.state == .welded)
      #expect(bench.control.commands.contactors.isEmpty)
    }
  }

  @Test("A positive contactor welded while off is found before precharge")
  func weldBeforeClosing() {
    var bench = Bench()
    bench.welded = .positiveClosed
    bench.request = .standby
    bench.run(seconds: 2)
    #expect(bench.state == .welded)
  }

  @Test("A precharge contactor that does not close is told from a link that is slow")
  func prechargeStuck() {
    var bench = Bench()
    bench.run(seconds: 0.1)
    bench.stuckOpen = .prechargeClosed
    bench.request = .standby
    bench.run(seconds: 3)
    #expect(bench[.contactorNoClose] == .safety)
    #expect(bench[.prechargeVoltage] == .within)
  }

  @Test("After a failed precharge the battery closes again only after off and clearing")
  func retry() {
    var bench = Bench()
    bench.run(seconds: 0.1)
    bench.disturb = { sample, _ in sample.linkVoltage = Measured(5) }
    bench.request = .standby
    bench.run(seconds: 10)
    #expect(bench.state == .faulted)
    bench.disturb = { _, _ in }
    bench.run(seconds: 10)
    #expect(bench.state == .faulted)
    bench.request = .off
    bench.run(seconds: 3)
    #expect(bench.state == .opened)
    bench.request = .standby
    let closes = bench.run(until: { $0.state == .closed }, within: 5)
    #expect(closes)
  }

  @Test("The state sleeps, wakes by time within its budget, and more often when suspicious")
  func sleeps() {
    var bench = Bench()
    bench.run(seconds: 0.1)
    bench.request = .sleep
    bench.run(seconds: 1)
    #expect(bench.state == .asleep)
    let settings = bench.configuration.sleep
    let period = bench.control.commands.wakeAfterSeconds
    #expect(period == SleepPlanner<Double>.period(settings))
    let look = settings.awake * Double(settings.lookMilliseconds) / 1000
    #expect(look / Double(period) + settings.asleep <= settings.budget)
    // The wake-up is one long cycle, then a look, then sleep again.
    bench.step(milliseconds: Int(period) * 1000)
    #expect(bench.control.commands.wakeAfterSeconds == 0)
    bench.run(seconds: 0.6)
    #expect(bench.control.commands.wakeAfterSeconds == period)
    bench.probes[0] = 325
    bench.run(seconds: 2.1)
    #expect(bench.control.commands.wakeAfterSeconds == settings.shortestSeconds)
    bench.request = .standby
    bench.probes[0] = 298.15
    let closes = bench.run(until: { $0.state == .closed }, within: 8)
    #expect(closes)
  }
}
