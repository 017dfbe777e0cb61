// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every reported bug beside the core on the same scenario: the naive variant fails it, the core does not.

import BMSCore
import Testing

/// Each test plays one scenario to a naive variant and to the core, and judges both by one measure.
@Suite("Reported bugs, built in and not")
struct NaiveVariantTests {
  /// A bench of six cells at rest, one of which holds one ampere-hour of 50 more than the others.
  private func uneven() -> (bench: Bench, charge: [Double]) {
    var bench = Bench()
    bench.configuration.balancing.current = 0.2
    bench.configuration.balancing.planSeconds = 60
    bench.configuration.balancing.chargeBudget = 0.1
    bench.configuration.balancing.turnMilliseconds = 100_000
    bench.configuration.balancing.pauseMilliseconds = 10_000
    return (bench, [25, 25, 25, 26, 25, 25])
  }

  /// Shows the charges to the bench as what its estimators would say.
  private func show(_ charge: [Double], to bench: inout Bench) {
    for cell in 0..<6 {
      bench.estimate.cellStateOfCharge[cell] = charge[cell] / 50
      bench.cells[cell] = 3.4 + 0.6 * charge[cell] / 50
    }
  }

  @Test("foxBMS 2 #91: balancing by per cent as fractions empties the cell it should level")
  func percent() {
    var (bench, ours) = uneven()
    var theirs = ours
    var naive = Naive.PercentBalancing(
      percent: theirs.map { $0 / 50 * 100 }, capacityAmpereHours: 50)
    for _ in 0..<(24 * 360) {
      show(ours, to: &bench)
      bench.step(milliseconds: 10_000)
      for cell in 0..<6 { ours[cell] -= bench.control.commands.balancing[cell] / 360 }
      let bleeds = naive.step(hours: 1.0 / 360, current: 0.2)
      for cell in 0..<6 { theirs[cell] -= bleeds[cell] / 360 }
    }
    // One ampere-hour was too much: all of it and more was burnt.
    #expect(theirs[3] < 22)
    #expect(ours[3] > 25 && ours[3] < 25.3)
  }

  @Test("foxBMS 2 #91: volts against a threshold in millivolts never balance")
  func volts() {
    var (bench, charge) = uneven()
    let start = charge[3]
    var hasBled = false
    for _ in 0..<3_600 {
      show(charge, to: &bench)
      bench.step(milliseconds: 10_000)
      hasBled = hasBled || Naive.VoltBalancing().isBled(bench.cells).contains(true)
      for cell in 0..<6 { charge[cell] -= bench.control.commands.balancing[cell] / 360 }
    }
    #expect(!hasBled)
    #expect(charge[3] < start - 0.5)
  }

  @Test("foxBMS 2 #9: inverted bits drive the cells apart on the plan that brings them together")
  func inverted() {
    var (bench, ours) = uneven()
    var theirs = ours
    for _ in 0..<3_600 {
      show(ours, to: &bench)
      bench.step(milliseconds: 10_000)
      let plan = (0..<6).map { bench.control.commands.balancing[$0] }
      let wrong = Naive.invertedDriver(plan, bleed: 0.2)
      for cell in 0..<6 {
        ours[cell] -= plan[cell] / 360
        theirs[cell] -= wrong[cell] / 360
      }
    }
    func spread(_ charge: [Double]) -> Double { (charge.max() ?? 0) - (charge.min() ?? 0) }
    #expect(spread(theirs) > 1.5)
    #expect(spread(ours) < 0.5)
  }

  @Test("Libre Solar #40: a range check is content with a number that is never computed again")
  func dead() {
    var bench = Bench.connected(.drive, load: 40)
    bench.disturb = { _, estimate in estimate.livenessCounter = 99 }
    var naiveAlarm = false
    for _ in 0..<50 {
      bench.step(milliseconds: 100)
      naiveAlarm = naiveAlarm || Naive.RangeMonitor().isAlarmed(bench.estimate.stateOfCharge)
    }
    #expect(!naiveAlarm)
    #expect(bench[.estimatorDead] >= .recommended)
  }

  @Test("Libre Solar #19: a latch that waits for the voltage it forbids to restore never ends")
  func recovery() {
    var bench = Bench.connected(.standby)
    for second in 0..<600 {
      bench.cells[2] = 3.7 - 0.002 * Double(second)
      bench.step(milliseconds: 1000)
    }
    bench.cells[2] = 2.5
    bench.run(seconds: 3)
    #expect(bench[.cellUnderVoltage] == .safety)
    bench.request = .off
    bench.run(seconds: 6)
    bench.request = .charge
    bench.load = -20
    let closes = bench.run(until: { $0.state == .closed }, within: 10)
    #expect(closes)
    // Each charges its own cell with what it allows: one volt for five ampere-hours.
    var naive = Naive.LatchedUnderVoltage()
    var theirs = 2.5
    var naiveCharged = false
    for _ in 0..<(4 * 3_600) {
      bench.step(milliseconds: 1000)
      bench.cells[2] -= bench.current / 3_600 / 5
      bench.cells[2] = min(bench.cells[2], 3.7)
      if naive.step(theirs).charge { naiveCharged = true } else { theirs = min(2.6, theirs + 1e-5) }
    }
    #expect(!naiveCharged && naive.isLatched)
    #expect(
      bench.state == .closed && bench.cells[2] > 3.2,
      "\(bench.state) \(bench.cells[2]) \(bench.trips.map(\.fault))")
    #expect(bench[.cellUnderVoltage] == .within)
  }

  @Test("Libre Solar #29: readings that cannot be are the extremes of a naive display")
  func impossible() {
    var rig = SensingRig()
    rig.settle()
    rig.run(100) {
      $0.cellVoltage[3] = 6.06
      $0.probeTemperature[1] = 273.15 - 58.8
    }
    let raw = rig.raw
    let volts = Naive.extremes((0..<8).map { raw.cellVoltage[$0] })
    let kelvins = Naive.extremes((0..<4).map { raw.probeTemperature[$0] })
    #expect(volts.high > 6 && kelvins.low < 215)
    let sample = rig.sample
    let usable = Naive.extremes(
      (0..<8).filter { sample.cellVoltage[$0].isUsable }.map { sample.cellVoltage[$0].value })
    let warm = Naive.extremes(
      (0..<4).filter { sample.probeTemperature[$0].isUsable }
        .map { sample.probeTemperature[$0].value })
    #expect(usable.high < 3.8 && warm.low > 297)
  }

  @Test("diyBMS #282: a relay of rules is open and cannot say why")
  func cause() throws {
    var bench = Bench.connected(.standby)
    var naive = Naive.RelayOfRules()
    for _ in 0..<600 {
      bench.cells[1] = 4.3
      bench.step()
      naive.step([bench.cells.contains { $0 > 4.25 }, bench.probes.contains { $0 > 333 }])
    }
    #expect(!naive.isClosed && naive.cause == nil)
    #expect(!bench.conducts)
    let trip = try #require(bench.trips.last { !$0.reaction.isDisjoint(with: .opening) })
    #expect(trip.fault == .cellOverVoltage && trip.index == 1)
    #expect(trip.value > trip.limit && trip.limitVersion == 7)
    #expect(bench.diagnosis.evidence.first.trip.number == trip.number)
  }

  @Test("diyBMS #4: the last values of a silent module look healthy for ever")
  func silence() {
    var bench = Bench.connected()
    var naive = Naive.HeldValues(voltages: bench.cells)
    bench.disturb = { sample, _ in
      sample.link.insert(.frontEndSilent)
      for cell in 0..<6 { sample.cellVoltage[cell].quality = .stale }
    }
    for _ in 0..<500 {
      naive.receive(nil)
      bench.step()
    }
    #expect(!naive.isAlarmed)
    #expect(bench[.communicationLoss] == .safety && !bench.conducts)
  }

  @Test("diyBMS v4 #115: without a pause the readings of bled cells and their neighbours are wrong")
  func corrupted() {
    var (bench, charge) = uneven()
    charge = [25, 25.6, 25, 26, 25.3, 25]
    var naive = Naive.RestlessBalancing(currents: Array(repeating: 0, count: 6))
    var naiveWorst = 0.0
    var ourWorst = 0.0
    var quiet = 0
    for second in 0..<20_000 {
      show(charge, to: &bench)
      let truth = bench.cells
      // Ours judges by samples of the pause; a plan of its own runs in between.
      let plan = (0..<6).map { bench.control.commands.balancing[$0] }
      if plan.allSatisfy({ $0 == 0 }) {
        quiet += 1
        let read = Naive.readings(truth, bled: plan)
        for cell in 0..<6 { ourWorst = max(ourWorst, abs(read[cell] - truth[cell])) }
      }
      let read = Naive.readings(truth, bled: naive.currents)
      if second > 0 {
        for cell in 0..<6 { naiveWorst = max(naiveWorst, abs(read[cell] - truth[cell])) }
      }
      naive.step(read, bleed: 0.2)
      bench.step(milliseconds: 1000)
      for cell in 0..<6 { charge[cell] -= bench.control.commands.balancing[cell] / 3_600 }
    }
    #expect(naiveWorst > 0.015)
    #expect(quiet > 1_000)
    #expect(ourWorst < 1e-9)
  }

  @Test("diyBMS #99: one limit either opens a pack that only had to stop charging, or charges on")
  func limits() {
    var bench = Bench.connected(.charge, load: -20)
    var early = Naive.OneLimit(limit: 4.23)
    var late = Naive.OneLimit(limit: 4.28)
    bench.run(seconds: 10)
    bench.cells[1] = 4.25
    for _ in 0..<500 {
      bench.step()
      early.step(bench.cells.max() ?? 0)
      late.step(bench.cells.max() ?? 0)
    }
    #expect(!early.isClosed)
    #expect(late.allowsCharge)
    #expect(bench.state == .closed)
    #expect(bench.control.commands.chargeCurrentLimit == 0)
  }

  @Test("diyBMS #322: an integrator without its setting creeps above it within a day")
  func creep() {
    var bench = Bench.connected(.charge, load: -200)
    let setting = bench.table[.chargeOverCurrent].limit.operating
    var naive = Naive.UnboundedLimit(limit: setting)
    var greatest = 0.0
    for minute in 0..<(24 * 60) {
      bench.cells[minute % 6] = 4.12 + 0.01 * Double(minute % 7)
      bench.step(milliseconds: 60_000)
      greatest = max(greatest, bench.control.commands.chargeCurrentLimit)
      naive.step(highest: bench.cells.max() ?? 0)
    }
    #expect(naive.limit > setting * 1.02)
    #expect(greatest <= setting)
  }

  @Test("diyBMS #197: a plain counter shows 101 % where the core holds and records it")
  func overfull() {
    var configuration = EstimationConfiguration<Double>()
    let capacity = configuration.circuit.capacity
    var naive = Naive.PlainCounter(stateOfCharge: 0.98)
    var counter = ChargeCounter<Double>()
    counter.start(0.98, deviation: 0.01, cause: .restored, capacity: capacity, timeMilliseconds: 0)
    var greatest = 0.0
    // A sensor 0.2 A off over a day of charge and discharge near full.
    for minute in 0..<1_440 {
      let current = ((minute / 10) % 2 == 0 ? 5.0 : -5.0) - 0.2
      naive.add(current: current, seconds: 60, capacity: capacity)
      counter.add(
        current: current, interval: 60, variance: 0, capacity: capacity,
        timeMilliseconds: UInt64(minute) * 60_000, configuration: &configuration)
      greatest = max(greatest, counter.stateOfCharge(capacity: capacity))
    }
    #expect(naive.stateOfCharge > 1.01)
    #expect(greatest <= 1)
    #expect(counter.resets[age: 0]?.cause == .bound)
  }

  @Test("Battery-Emulator #581: falling back to idle on a fault precharges again")
  func precharge() {
    var bench = Bench.connected(.drive)
    bench.disturb = { sample, _ in sample.cellVoltage[0] = Measured(4.4) }
    var naive = Naive.Contactors()
    var engaged = false
    for _ in 0..<1500 {
      bench.step()
      let isFault = bench.diagnosis.state.worst == .safety
      naive.step(isFault: isFault, isAsked: true)
      engaged = engaged || (isFault && bench.control.commands.contactors.contains(.precharge))
    }
    #expect(naive.engagedOnFault)
    #expect(!engaged && bench.control.commands.state == .faulted)
  }

  @Test(
    "Battery-Emulator #1750: opening parts under load, waiting for zero never ends",
    arguments: [true, false])
  func underLoad(_ obeys: Bool) {
    var bench = Bench.connected(.standby, load: 80)
    bench.run(seconds: 30, every: 100)
    var naive = [Naive.Opening(waits: false), Naive.Opening(waits: true)]
    bench.obeysLimits = obeys
    bench.disturb = { sample, _ in sample.feedback.remove(.interlockClosed) }
    var opened: Double?
    var parted = Double.nan
    for cycle in 0..<300 {
      // The naive ones tell the vehicle nothing: it goes on drawing 80 A.
      for place in 0..<2 { naive[place].step(isAsked: true, current: 80) }
      bench.step()
      if bench.state == .openingPositive, parted.isNaN { parted = bench.current }
      if !bench.conducts, opened == nil { opened = Double(cycle + 1) / 100 }
    }
    #expect(naive[0].parted == 80)
    #expect(naive[1].isClosed)
    #expect((opened ?? .infinity) <= 1.21)
    if obeys { #expect(parted <= bench.configuration.contactors.zeroCurrent) }
  }

  @Test("Battery-Emulator #1047: a link that keeps its charge is called a weld, a real weld is one")
  func residual() {
    for isWelded in [false, true] {
      var bench = Bench.connected()
      bench.linkDecay = 0
      bench.request = .off
      if isWelded { bench.welded = .positiveClosed }
      bench.run(seconds: 8)
      let string = bench.cells.reduce(0, +)
      #expect(Naive.isWeld(link: bench.link, string: string))
      #expect((bench.state == .welded) == isWelded)
      #expect((bench[.contactorWeld] == .safety) == isWelded)
    }
  }
}
