// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Scenario files, repeatable runs, and scores.

import BatteryDomain
import StructuredInput
import Testbed
import Testing

struct ScenarioSuiteTests {
  @Test func `Axes multiply, and all faults of a file are told with line and key`() throws {
    let suite = try ScenarioSuite(
      """
      name: axes
      seeds: 3
      scenarios:
        - name: a
          cells: [ncm-60ah, lfp-150ah]
          duties: [commuter, taxi]
          odd: [none, aged, [wide-spread, warm-module]]
      """, file: "axes.yaml")
    #expect(suite.scenarios.count == 12)
    #expect(suite.runs == 36)
    #expect(suite.scenarios[2].oddities == [.wideSpread, .warmModule])
    let faults = #expect(throws: InputFaults.self) {
      try ScenarioSuite(
        """
        scenarios:
          - name: a
            cells: [ncm-61ah]
            duty: [taxi]
            faults: [{kind: internal-shrot}]
        """, file: "wrong.yaml")
    }
    let text = try #require(faults).description
    #expect(text.contains("wrong.yaml:3:"))
    #expect(text.contains("wrong.yaml:4:"))
    #expect(text.contains("internal-shrot"))
  }

  private func short(growth: Double, cell: PlantCell = .ncm60Ah) -> Scenario {
    var scenario = Scenario(name: "short", cell: cell)
    scenario.layout = PlantLayout(modules: 4, cellsPerModule: 6)
    scenario.duration = 60 * 3_600
    scenario.step = 30
    scenario.charge = 0.85...0.9
    scenario.faults = [
      FaultPlan(
        kind: .internalShort, onsetHours: 24...30, growthHours: growth...growth,
        law: .exponential, initial: 200...200, final: 0.01...0.01)
    ]
    return scenario
  }

  @Test func `A growing short is named in its cell more than two hours before it burns`() throws {
    var run = VehicleRun(short(growth: 9), seed: 3)
    let record = run.run(
      detectors: [.siblings], controller: ReferenceController(run.context))
    let runaway = try #require(record.runaway)
    let found = try #require(record.outcomes[0].detection(of: .internalShort))
    #expect(found.isIsolated)
    #expect(runaway - found.time > 7_200)
    #expect(record.outcomes[0].falseAlarms == 0)
    let ohms = try #require(found.shortResistance)
    #expect(ohms > 1)
  }

  @Test func `The same seed gives the same record, whatever runs beside it`() async {
    var scenario = short(growth: 6)
    scenario.duration = 10 * 3_600
    scenario.seeds = 3
    let suite = ScenarioSuite(name: "twice", scenarios: [scenario])
    let runner = SuiteRunner(suite, detectors: [.siblings, .rules])
    let one = await runner.run(workers: 1)
    let three = await runner.run(workers: 3)
    #expect(one == three)
    #expect(one.map(\.seed) == [1, 2, 3])
  }

  @Test func `No event in thirty thousand days bounds the rate at a tenth per thousand`() {
    #expect(abs(PoissonBound.upper(count: 0, confidence: 0.95) - 2.995_732) < 1e-5)
    #expect(abs(PoissonBound.upper(count: 3, confidence: 0.95) - 7.753_66) < 1e-4)
    #expect(PoissonBound.upper(count: 0, confidence: 0.95) / 30 < 0.1)
  }

  @Test func `A short outside is named within five milliseconds; bursts are not`() throws {
    var scenario = Scenario(name: "outside", cell: .ncm60Ah)
    scenario.duty = .grid
    scenario.duration = 8
    scenario.step = 0.001
    scenario.parkedStep = 0.001
    scenario.hasFineInstruments = true
    scenario.layout = PlantLayout(modules: 2, cellsPerModule: 6)
    scenario.faults = [
      FaultPlan(kind: .externalShort, onsetHours: 0.001...0.002, final: 0.002...0.01)
    ]
    var run = VehicleRun(scenario, seed: 1)
    let record = run.run(detectors: [.rules], controller: ReferenceController(run.context))
    let onset = try #require(record.faults.first).onset
    let found = try #require(record.outcomes[0].detection(of: .externalShort))
    #expect(found.time - onset <= 0.005)
    let action = try #require(record.action)
    #expect(action - onset < 0.05)

    scenario.faults = []
    scenario.oddities = [.inrush, .fullPower]
    var healthy = VehicleRun(scenario, seed: 1)
    let quiet = healthy.run(detectors: [.rules], controller: ReferenceController(run.context))
    #expect(quiet.outcomes[0].verdicts.isEmpty)
  }
}
