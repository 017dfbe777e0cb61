// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Bugs that users of open battery management systems reported: that the core does not have them.
// NaiveVariantTests plays the same scenarios to variants that do.

import BMSCore
import Testing

@Suite("Bugs users reported elsewhere")
struct ReportedBugTests {
  // foxBMS 2: a table constant named for 2000 ms holds 1000.
  @Test("A debounce lasts as long as its row states, and a constant that lies is found")
  func honestDelay() {
    func measured(_ row: DiagnosisRow<Double>) -> UInt32 {
      var state = RowState()
      var time: UInt32 = 0
      while state.level < .safety, time < 100_000 {
        _ = state.advance(1e9, by: row, milliseconds: 1, isEnabled: true, isOff: false)
        time += 1
      }
      return time
    }
    let row = Bench().table[.untrustedInput]
    #expect(measured(row) == 2000)
    var naive = row
    let delay2000Milliseconds: UInt32 = 1000
    naive.debounceMilliseconds.safety = delay2000Milliseconds
    #expect(measured(naive) != 2000)
  }

  // Libre Solar #40: after a refactoring the update of the state of charge was no longer called.
  @Test("An estimator that is no longer called is found although its number looks healthy")
  func deadEstimator() {
    var bench = Bench.connected(.drive, load: 40)
    bench.disturb = { _, estimate in estimate.livenessCounter = 99 }
    bench.run(seconds: 5, every: 100)
    #expect((0...1).contains(bench.estimate.stateOfCharge))
    #expect(bench[.estimatorDead] == .recommended)
    #expect(bench.control.commands.dischargeCurrentLimit <= 75)
  }

  @Test("Each estimator that is no longer called is found and named", arguments: 0..<7)
  func deadPart(_ part: Int) throws {
    var bench = Bench.connected(.drive, load: 40)
    bench.disturb = { _, estimate in estimate.beats.runs[part] = 99 }
    bench.run(seconds: 5, every: 100)
    #expect(bench[.estimatorDead] == .recommended)
    let trip = try #require(bench.trips.last { $0.fault == .estimatorDead })
    #expect(EstimatorBeats.Part(rawValue: Int(trip.index))?.rawValue == part)
  }

  // Libre Solar #19: never recovers after under-voltage or over-voltage.
  @Test("After an under-voltage trip the pack can be charged again, and recovers")
  func recovers() {
    var bench = Bench.connected(.standby)
    // Down over ten minutes: at once would be a sudden drop.
    for second in 0..<600 {
      bench.cells[2] = 3.7 - 0.002 * Double(second)
      bench.step(milliseconds: 1000)
    }
    bench.cells[2] = 2.5
    bench.run(seconds: 3)
    #expect(bench[.cellUnderVoltage] == .safety)
    #expect(bench.state == .faulted)
    bench.request = .off
    bench.run(seconds: 6)
    bench.request = .charge
    bench.load = -20
    let closes = bench.run(until: { $0.state == .closed }, within: 10)
    #expect(closes)
    bench.run(seconds: 10)
    // Woken gently, and not discharged.
    #expect(bench.current < 0 && bench.current >= -0.05 * 50 - 0.01)
    #expect(bench.control.commands.dischargeCurrentLimit == 0)
    bench.cells[2] = 3.3
    bench.run(seconds: 60, every: 100)
    #expect(bench.current < -10)
    bench.request = .standby
    bench.run(seconds: 5)
    #expect(bench.state == .closed)
    #expect(bench[.cellUnderVoltage] == .within)
  }

  @Test("After an over-voltage trip the pack closes again once the cell has relaxed")
  func recoversFromAbove() {
    var bench = Bench.connected(.charge)
    bench.cells[4] = 4.3
    bench.run(seconds: 3)
    #expect(bench.state == .faulted)
    bench.cells[4] = 4.1
    bench.request = .off
    bench.run(seconds: 4)
    bench.request = .standby
    let closes = bench.run(until: { $0.state == .closed }, within: 10)
    #expect(closes)
  }

  // Libre Solar #29: −58.8 °C and 6.06 V shown and used as data.
  @Test("Readings flagged as impossible are neither used nor shown as good")
  func impossibleReadings() {
    var bench = Bench.connected()
    bench.disturb = { sample, _ in
      sample.cellVoltage[3] = Measured(6.06, quality: .outOfRange)
      sample.probeTemperature[1] = Measured(214.35, quality: .outOfRange)
    }
    bench.run(seconds: 5)
    let naiveHighest = (0..<6).map { bench.sample.cellVoltage[$0].value }.max() ?? 0
    #expect(naiveHighest > bench.table[.cellOverVoltage].limit.safety)
    #expect(bench[.cellOverVoltage] == .within)
    #expect(bench[.dischargeUnderTemperature] == .within)
    #expect(bench[.sensorOutOfRange] == .recommended)
    #expect(bench.diagnosis.state.indicator[FaultClass.sensorOutOfRange.row].index == 3)
    #expect(!bench.sample.cellVoltage[3].isUsable)
  }

  // diyBMS ESP32 #282: a relay opened and nothing told which rule did it.
  @Test("Contactors never open for a fault without a trip that names it", arguments: FaultClass.all)
  func whoOpenedIt(_ fault: FaultClass) {
    let injection = FaultInjection.of(fault)
    guard injection.connected, injection.within < 12 else { return }
    var bench = Bench.connected(injection.request == .off ? .standby : injection.request)
    injection.prepare(&bench)
    let start = bench.uptime
    while Double(bench.uptime - start) / 1000 < injection.within + 5, bench.state == .closed {
      injection.drive(&bench, Double(bench.uptime - start) / 1000)
      bench.step(milliseconds: injection.cycle)
    }
    guard bench.state != .closed else { return }
    let trip = bench.trips.last { !$0.reaction.isDisjoint(with: .opening) }
    #expect(trip != nil)
    #expect(bench.diagnosis.state.worst == .safety)
    #expect(bench.diagnosis.evidence.first.trip.number > 0)
  }

  // diyBMS ESP32 #4: lost communication with a module did not raise the error.
  @Test("A silent front end is found although its last values still look good")
  func lostModule() {
    var bench = Bench.connected()
    bench.disturb = { sample, _ in
      sample.link.insert(.frontEndSilent)
      for cell in 0..<6 { sample.cellVoltage[cell].quality = .stale }
    }
    bench.run(seconds: 2.2)
    #expect((0..<6).allSatisfy { (2.8...4.2).contains(bench.sample.cellVoltage[$0].value) })
    #expect(bench[.communicationLoss] == .safety)
    #expect(bench[.untrustedInput] == .safety)
    #expect(!bench.conducts)
  }

  // diyBMS ESP32 #99: the limit that stops a charge and the one that trips must differ.
  @Test("Over-voltage stops the charge first and opens only at a second limit")
  func twoLimits() {
    var bench = Bench.connected(.charge, load: -20)
    bench.run(seconds: 10)
    #expect(bench.current < -5)
    bench.cells[1] = 4.25
    bench.run(seconds: 5)
    #expect(bench[.cellOverVoltage] == .recommended)
    #expect(bench.state == .closed)
    #expect(bench.control.commands.chargeCurrentLimit == 0)
    #expect(bench.control.commands.dischargeCurrentLimit > 0)
    bench.cells[1] = 4.29
    bench.run(seconds: 2)
    #expect(!bench.conducts)
  }

  // diyBMS ESP32 #322: the charge limit crept above its setting over days.
  @Test("The charge limit never leaves its setting over three days of regulation")
  func limitDoesNotDrift() {
    var bench = Bench.connected(.charge, load: -200)
    let setting = bench.table[.chargeOverCurrent].limit.operating
    var greatest = 0.0
    for minute in 0..<(3 * 24 * 20) {
      bench.cells[minute % 6] = 4.12 + 0.01 * Double(minute % 7)
      bench.step(milliseconds: 180_000)
      greatest = max(greatest, bench.control.commands.chargeCurrentLimit)
    }
    #expect(greatest <= setting)
  }

  @Test("A charger that takes more than it was given is found")
  func ignoredLimit() {
    var bench = Bench.connected(.charge, load: -25)
    bench.estimate.chargeCurrent = InlineArray(repeating: 20)
    bench.obeysLimits = false
    bench.run(seconds: 6, every: 50)
    #expect(bench[.currentLimitIgnored] == .operating)
    // The plain over-current check sees nothing.
    #expect(bench[.chargeOverCurrent] == .within)
  }

  // diyBMS ESP32 #197: a state of charge of 101 %.
  @Test(
    "A state of charge outside its range, or not a number, is named",
    arguments: [1.01, -0.02, .nan])
  func impossibleCharge(_ value: Double) {
    var bench = Bench.connected()
    bench.estimate.stateOfCharge = value
    bench.run(seconds: 0.1)
    #expect(bench[.stateOfChargeJump] == .recommended)
  }

  // Battery-Emulator #581: on a fault the precharge contactor engages again, the display says closed.
  @Test("On a fault precharge never engages again while the request stays, and the state tells")
  func noPrechargeOnFault() {
    var bench = Bench.connected(.drive)
    bench.disturb = { sample, _ in sample.cellVoltage[0] = Measured(4.4) }
    for _ in 0..<1500 {
      bench.step()
      if bench.diagnosis.state.worst == .safety {
        #expect(!bench.control.commands.contactors.contains(.precharge))
        #expect(bench.control.commands.state != .closed || bench.conducts)
      }
    }
    #expect(bench.control.commands.state == .faulted)
  }

  // Battery-Emulator #1750: open only after the current is gone, but in bounded time.
  @Test(
    "Contactors part without current when the vehicle obeys, and in bounded time when it does not")
  func partsWithoutCurrent() {
    for obeys in [true, false] {
      var bench = Bench.connected(.standby, load: 80)
      bench.run(seconds: 30, every: 100)
      #expect(bench.current > 40)
      bench.obeysLimits = obeys
      bench.disturb = { sample, _ in sample.feedback.remove(.interlockClosed) }
      let start = bench.uptime
      var atParting = Double.nan
      let opens = bench.run(
        until: { bench in
          if bench.state == .openingPositive, atParting.isNaN { atParting = bench.current }
          return !bench.conducts
        }, within: 3)
      #expect(opens)
      if obeys { #expect(atParting <= bench.configuration.contactors.zeroCurrent) }
      #expect(bench.uptime - start <= 200 + 1000 + 10)
    }
  }

  // Battery-Emulator #1047: the voltage left in the link was read as a welded contactor.
  @Test("A link that keeps its voltage after opening is no weld")
  func residualIsNoWeld() {
    var bench = Bench.connected()
    bench.linkDecay = 0
    bench.request = .off
    bench.run(seconds: 8)
    #expect(bench.link > 0.5 * bench.cells.reduce(0, +))
    #expect(bench.state == .opened)
    #expect(bench[.contactorWeld] == .within)
  }

  @Test("A link that follows the string after opening is a weld, whatever the read-back says")
  func linkFollows() {
    var bench = Bench.connected()
    bench.linkDecay = 0
    bench.request = .off
    bench.disturb = { sample, _ in sample.linkVoltage = sample.packVoltage }
    let opens = bench.run(until: { $0.state == .checkingWeld }, within: 3)
    #expect(opens)
    for cell in 0..<6 { bench.cells[cell] = 3.78 }
    let found = bench.run(until: { $0.state == .welded }, within: 3)
    #expect(found)
  }
}
