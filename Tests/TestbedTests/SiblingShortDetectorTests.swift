// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Shorts against siblings: knees at rest, plateaus, rivals, and readings that make no sense.

import BatteryDomain
import Testbed
import Testing

struct SiblingShortDetectorTests {
  private func run(_ change: (inout Scenario) -> Void, seed: UInt64 = 3) -> RunRecord {
    var scenario = Scenario(name: "siblings", cell: .lfp150Ah)
    scenario.layout = PlantLayout(modules: 2, cellsPerModule: 12)
    scenario.duty = .parked
    scenario.step = 30
    scenario.duration = 60 * 3_600
    change(&scenario)
    var run = VehicleRun(scenario, seed: seed)
    return run.run(detectors: [.siblings], controller: ReferenceController(run.context))
  }

  private func short(_ hours: Double) -> FaultPlan {
    FaultPlan(
      kind: .internalShort, onsetHours: 24...30, growthHours: hours...hours, law: .exponential,
      initial: 200...200, final: 0.01...0.01)
  }

  /// Iron phosphate at both knees and on both plateaus.
  @Test(arguments: [0.12, 0.55, 0.9, 0.99])
  func `A short of a resting iron phosphate cell is named wherever it stands`(
    charge: Double
  ) throws {
    let record = run {
      $0.charge = charge...charge
      $0.faults = [short(12)]
    }
    let found = try #require(record.outcomes[0].detection(of: .internalShort))
    #expect(found.isIsolated)
    #expect(record.outcomes[0].falseAlarms == 0)
    #expect(record.outcomes[0].misnamed == 0)
    let runaway = try #require(record.runaway)
    #expect(runaway - found.time > 7_200)
    #expect(try #require(found.shortResistance) > 0.4)
  }

  @Test(arguments: [Oddity.wideSpread, .leakySiblings, .reseatedConnector])
  func `A full pack with odd siblings says nothing for a week`(oddity: Oddity) {
    let record = run {
      $0.duty = .commuter
      $0.charge = 0.97...1
      $0.oddities = [oddity]
      $0.duration = 7 * 86_400
    }
    #expect(record.outcomes[0].verdicts.isEmpty)
  }

  @Test func `After a cell was told to be shorted nothing else is said of it`() throws {
    let record = run {
      $0.cell = .ncm60Ah
      $0.duty = .commuter
      $0.duration = 72 * 3_600
      $0.faults = [short(40)]
    }
    let verdicts = record.outcomes[0].verdicts
    let first = try #require(verdicts.first)
    #expect(first.verdict.fault == .internalShort)
    #expect(verdicts.count { $0.verdict.subject == first.verdict.subject } == 1)
  }

  @Test func `Readings without sense do not trap and are not taken for a short`() {
    let context = DetectorContext(cell: .lfp150Ah, cells: 24, cellsPerModule: 12, probes: 4)
    var detector = SiblingShortDetector(context)
    var verdicts: [Verdict] = []
    let wild: [Double] = [.nan, .infinity, -.infinity, 0, -5, 3.3, 1e300]
    var reading = PackReading(cells: 24, probes: 4)
    for step in 0..<2_000 {
      let value = wild[step * 7 % 5 + step % 3]
      reading.time = step % 97 == 0 ? 0 : Double(step) * 300
      reading.mode = step % 11 == 0 ? .active : .parked
      reading.contactorsCommanded = reading.mode == .active
      reading.current = step % 5 == 0 ? value : 1
      reading.packVoltage = step % 3 == 0 ? value : 80
      for cell in 0..<24 { reading.cellVoltage[cell] = (cell + step) % 9 == 0 ? value : 3.3 }
      for probe in 0..<4 { reading.probeTemperature[probe] = step % 7 == 0 ? value : 298 }
      detector.ingest(reading, verdicts: &verdicts)
    }
    #expect(verdicts.allSatisfy { $0.fault != .internalShort })
    #expect((0..<24).allSatisfy { detector.leak(of: $0).deviation.isFinite })
  }
}
