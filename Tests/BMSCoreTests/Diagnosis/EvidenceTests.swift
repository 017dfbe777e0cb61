// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The frozen ring before and after a trip.

import BMSCore
import Testing

@Suite("Evidence of trips")
struct EvidenceTests {
  @Test("A trip freezes thirty seconds before and after it, and the fast samples around it")
  func frozen() {
    var bench = Bench.connected()
    for second in 0..<40 {
      for cell in 0..<6 { bench.cells[cell] = 3.7 + 0.01 * Double(second) }
      bench.run(seconds: 1, every: 20)
    }
    bench.cells[2] = 4.3
    bench.run(seconds: 35, every: 20)
    let record = bench.diagnosis.evidence.first
    #expect(record.trip.fault == .cellOverVoltage && record.trip.level == .safety)
    #expect(record.beforeCount == 30 && record.isComplete)
    #expect(record.row.limit.safety == 4.28)
    for place in 0..<29 {
      let step = record.before[place + 1].timeMilliseconds - record.before[place].timeMilliseconds
      #expect(step == 1000)
      #expect(record.before[place].cellVoltage[2] <= record.before[place + 1].cellVoltage[2])
      #expect(record.before[place].cellVoltage[2] == record.before[place].cellVoltage[0])
    }
    #expect(record.moment.cellVoltage[2] == 43_000)
    #expect(record.moment.timeMilliseconds == record.trip.timeMilliseconds)
    #expect(record.moment.contactors.contains([.positive, .negative]))
    // Shows how the contactors opened.
    #expect(record.before[29].contactors.contains([.positive, .negative]))
    #expect(record.after[29].contactors.isEmpty)
    #expect(record.fastBeforeCount == 32 && record.fastAfterCount == 32)
    for place in 0..<31 {
      #expect(
        record.fastBefore[place + 1].timeMilliseconds - record.fastBefore[place].timeMilliseconds
          == 20)
    }
  }

  @Test("Later and lower trips do not overwrite the first of the highest level")
  func kept() {
    var bench = Bench.connected()
    bench.cells[2] = 4.3
    bench.run(seconds: 3)
    bench.cells[2] = 3.7
    bench.probes[1] = 340
    bench.run(seconds: 40, every: 50)
    #expect(bench.diagnosis.evidence.first.trip.fault == .cellOverVoltage)
    #expect(bench.diagnosis.evidence.latest.trip.fault != .cellOverVoltage)
    bench.diagnosis.clearByService()
    #expect(bench.diagnosis.evidence.first.trip.number == 0)
    #expect(bench.diagnosis.state.tripCount == 0)
  }

  @Test("Unusable values are marked, and values beyond the compact range are bounded")
  func marks() {
    var bench = Bench.connected()
    bench.disturb = { sample, _ in
      sample.cellVoltage[1] = Measured(.nan)
      sample.cellVoltage[2] = Measured(9)
      sample.cellVoltage[3] = Measured(-1)
      sample.probeTemperature[0] = Measured(300, quality: .frozen)
    }
    bench.run(seconds: 3)
    let moment = bench.diagnosis.evidence.first.moment
    #expect(moment.cellVoltage[1] == .max)
    #expect(moment.cellVoltage[2] == 65_534)
    #expect(moment.cellVoltage[3] == 0)
    #expect(moment.probeTemperature[0] == .max)
  }

  @Test("The log keeps the last sixteen trips in order with the numbers they had")
  func log() {
    var bench = Bench.connected()
    for round in 0..<12 {
      bench.probes[0] = 298.15 + (round % 2 == 0 ? 7 : 0)
      bench.run(seconds: 60, every: 200)
    }
    let numbers = bench.trips.map(\.number)
    #expect(numbers == numbers.sorted())
    #expect(bench.diagnosis.state.lastTrip.number == bench.diagnosis.state.tripCount)
    #expect(numbers.count == min(16, Int(bench.diagnosis.state.tripCount)))
  }
}
