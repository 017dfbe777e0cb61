// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Deadlines, false alarms and leads are counted as they are defined.

import BatteryDomain
import Testbed
import Testing

struct ScorecardTests {
  private func record(
    runaway: Double?, named cell: Int?, at time: Double, healthy alarm: Double? = nil
  ) -> RunRecord {
    var record = RunRecord(scenario: "s", seed: 1, chemistry: .lfp)
    record.faults = [
      PlantFault(.internalShort, at: .cell(4), onset: 86_400, from: 100, to: 0.1)
    ]
    record.duration = 2 * 86_400
    record.runaway = runaway
    record.detectableFrom = 100_000
    var outcome = DetectorOutcome(detector: "siblings")
    func judged(_ number: Int, _ time: Double, healthy: Bool) -> JudgedVerdict {
      JudgedVerdict(
        verdict: Verdict(.internalShort, at: .cell(number), time: time), time: time,
        isRight: !healthy, isHealthy: healthy, isIsolated: !healthy && number == 4,
        shortResistance: 2, leaked: 3_600, charge: 0.5)
    }
    if let alarm { outcome.verdicts.append(judged(9, alarm, healthy: true)) }
    if let cell { outcome.verdicts.append(judged(cell, time, healthy: false)) }
    record.outcomes = [outcome]
    return record
  }

  @Test func `Only a warning of the right cell two hours before counts as a lead`() throws {
    let records = [
      record(runaway: 110_000, named: 4, at: 102_000),
      record(runaway: 110_000, named: 4, at: 105_000),
      record(runaway: 110_000, named: 7, at: 90_000),
      record(runaway: 110_000, named: nil, at: 0),
      record(runaway: nil, named: 4, at: 100_000),
    ]
    let card = Scorecard(records, kinds: [.siblings])
    let row = try #require(card.detectors[0].classes.first { $0.fault == .internalShort })
    #expect(row.detected.count == 4)
    #expect(row.isolated.count == 3)
    #expect(row.warnedTwoHours.count == 1)
    #expect(row.warnedTwoHours.total == 4)
    #expect(row.attainableTwoHours.count == 4)
    #expect(row.warnedOfAttainable.count == 1)
  }

  @Test func `An alarm counts as false only while nothing is wrong`() {
    let card = Scorecard(
      [record(runaway: nil, named: 4, at: 100_000, healthy: 5_000)], kinds: [.siblings])
    #expect(card.detectors[0].falseAlarms == 1)
    #expect(card.detectors[0].misnamed == 0)
    #expect(abs(card.detectors[0].healthyDays - 1) < 1e-9)
    #expect(abs(card.detectors[0].falseAlarmUpperBound - 4_743.9) < 1)
  }

  @Test func `An action after its deadline, or none, is not in time`() throws {
    func danger(_ action: Double?) -> RunRecord {
      var record = RunRecord(scenario: "s", seed: 1, chemistry: .lfp)
      record.dangerCause = .overcharge
      record.danger = 100
      record.action = action
      record.duration = 200
      return record
    }
    let score = ControllerScore([danger(103), danger(104.5), danger(nil)])
    let row = try #require(score.deadlines.first)
    #expect(row.cause == .overcharge)
    #expect(row.met.count == 1)
    #expect(row.met.total == 3)
    #expect(abs((row.latency?.largest ?? 0) - 4.5) < 1e-9)
  }
}
