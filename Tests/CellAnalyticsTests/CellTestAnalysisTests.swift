// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity, efficiency, steps, pulses and rests of cells whose numbers are known.

import BatteryDomain
import CellAnalytics
import Foundation
import NumericalMethods
import Testing

@Suite struct CellTestAnalysisTests {
  @Test("capacity, efficiencies and resistance of a known cell are found")
  func knownCell() throws {
    var rows = TestRows()
    for number in 1...3 { rows.addCycle(SyntheticCell(), number: number, efficiency: 0.99) }
    let assessment = rows.assessment()
    #expect(assessment.cycles.count == 3)
    let cycle = assessment.cycles[1]
    // The discharge ends at 2.95 V loaded; the cut-off is the next multiple of 50 mV above.
    #expect(assessment.cutOff?.source == .inferred)
    #expect(abs((assessment.cutOff?.voltage ?? 0) - 2.95) < 0.051)
    let amperes = 0.5 * 7200 / 3600.0
    // One sampling interval of charge is the resolution of a capacity that is not interpolated.
    #expect(abs((cycle.dischargedCharge ?? 0) - 7200) < 12 * amperes)
    #expect(abs((cycle.coulombicEfficiency ?? 0) - 0.99) < 0.004)
    #expect((cycle.energyEfficiency ?? 1) < 0.99)
    #expect(abs((cycle.meanCurrent ?? 0) - amperes) < 0.01)
    #expect(abs((cycle.temperatureRise ?? 0) - 5) < 0.01)
    let resistance = try #require(cycle.resistance)
    #expect(abs(resistance - 0.05) < 0.01)
  }

  @Test("a stated cut-off overrides, an unreached one leaves no capacity")
  func cutOff() {
    var rows = TestRows()
    for number in 1...3 { rows.addCycle(SyntheticCell(), number: number) }
    var settings = CellTestSettings()
    settings.cutOffVoltage = 3.4
    let higher = rows.assessment(settings)
    #expect(higher.cutOff?.source == .stated)
    #expect((higher.cycles[0].capacity ?? 0) < 0.9 * 7200)
    settings.cutOffVoltage = 2.0
    let unreached = rows.assessment(settings)
    #expect(unreached.cycles.allSatisfy { $0.capacity == nil })
    #expect(unreached.series == nil)
  }

  @Test("the cut-off that reproduces the stated capacities is found", arguments: [3.2, 3.4, 3.6])
  func reproduces(voltage: Double) {
    let cell = SyntheticCell()
    let amperes = 1.0
    // Charge to the first 10 s sample at or below the voltage under load.
    let seconds = (0..<800).map { Double($0) * 10 }.first {
      cell.voltage(at: 1 - amperes * $0 / cell.capacity) - amperes * cell.resistance <= voltage
    }
    var rows = TestRows()
    for number in 1...4 { rows.addCycle(cell, number: number) }
    rows.stated = rows.stated.map { _ in (seconds ?? 0) * amperes }
    let assessment = rows.assessment()
    #expect(assessment.cutOff?.source == .reproducesFile)
    #expect(abs((assessment.cutOff?.voltage ?? 0) - voltage) < 1e-9)
  }

  @Test("the assessment does not depend on how rows are cut into batches", arguments: 1...4)
  func batching(seed: Int) throws {
    var rows = TestRows()
    for number in 1...2 { rows.addCycle(SyntheticCell(), number: number, every: 20) }
    rows.voltage[300] = 65.535
    rows.voltage[500] += 0.5
    rows.time[700] = rows.time[699]
    let whole = rows.assessment()
    var random = SplitMix64(seed: UInt64(seed))
    var analysis = CellTestAnalysis(identity: "synthetic")
    var start = 0
    while start < rows.time.count {
      let end = min(rows.time.count, start + Int.random(in: 1...60, using: &random))
      analysis.ingest(rows.batch(start..<end))
      start = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try encoder.encode(analysis.assessment()) == encoder.encode(whole))
  }

  @Test("the voltage collapse of a failing cell reaches the assessment")
  func collapse() {
    var rows = TestRows()
    rows.add(seconds: 2000, current: 1, cycle: 1) { _ in 3.7 }
    rows.add(seconds: 300, current: 1, cycle: 1) { _ in 0.4 }
    #expect(rows.assessment().minimumVoltage == 0.4)
    var last = TestRows()
    last.add(seconds: 2000, current: 1, cycle: 1) { _ in 3.7 }
    last.add(seconds: 0, current: 1, cycle: 1) { _ in 0.4 }
    #expect(last.assessment().minimumVoltage == 0.4)
  }

  @Test("pulse resistance is stated at its times and only while the current holds")
  func pulse() throws {
    var rows = TestRows()
    rows.add(seconds: 60, every: 1, current: 0, cycle: 1) { _ in 3.8 }
    // R0 = 20 mΩ at once, 30 mΩ more with a time constant of 5 s; the step begins at 60 s.
    rows.add(seconds: 14, every: 1, current: 4, cycle: 1) { t in
      3.8 - 4 * (0.02 + 0.03 * (1 - exp(-(t + 1) / 5)))
    }
    rows.add(seconds: 60, every: 1, current: 0, cycle: 1) { _ in 3.79 }
    let pulse = try #require(rows.assessment().pulses.first)
    #expect(abs(pulse.currentStep - 4) < 1e-12)
    #expect(abs(pulse.resistances[0] - (0.02 + 0.03 * (1 - exp(-1.0 / 5)))) < 1e-9)
    #expect(abs(pulse.resistances[1] - (0.02 + 0.03 * (1 - exp(-10.0 / 5)))) < 1e-9)
    #expect(pulse.resistances[2] == -1)
    #expect(pulse.fromRest)
  }

  @Test("a rest gives its settled voltage, time constant and drift")
  func relaxation() throws {
    var rows = TestRows()
    rows.add(seconds: 600, current: -1, cycle: 1) { _ in 4.1 }
    rows.add(seconds: 40_000, every: 20, current: 0, cycle: 1) { t in
      4.0 + 0.05 * exp(-t / 3000)
    }
    let rest = try #require(rows.assessment().relaxations.first)
    #expect(abs((rest.settledVoltage ?? 0) - 4.0) < 1e-4)
    #expect(abs((rest.timeConstant ?? 0) / 3000 - 1) < 0.02)
    #expect(rows.assessment().findings.allSatisfy { $0.kind != "cell_self_discharge" })
  }

  @Test("a cell that keeps falling at rest is suspected, with baseline and control node")
  func selfDischarge() throws {
    var rows = TestRows()
    rows.add(seconds: 600, current: -1, cycle: 1) { _ in 4.1 }
    rows.add(seconds: 86_400, every: 60, current: 0, cycle: 1) { t in
      4.0 + 0.05 * exp(-t / 3000) - 0.1 * t / 86_400
    }
    let finding = try #require(
      rows.assessment().findings.first { $0.kind == "cell_self_discharge" })
    #expect(finding.controlNode == .separator)
    #expect(abs(finding.evidence[0].value - 100) < 3)
    #expect(!finding.baseline.isEmpty)
  }

  @Test("heat and voltage over their limits are found and ranked first")
  func limits() throws {
    var rows = TestRows()
    for number in 1...2 { rows.addCycle(SyntheticCell(), number: number, warming: 60) }
    rows.add(seconds: 300, current: -1, cycle: 3) { t in 4.2 + t / 600 }
    let findings = rows.assessment().findings
    let heat = findings.first { $0.kind == "cell_temperature_limit" }
    #expect(heat?.severity == .stop && heat?.controlNode == .hotSpot)
    #expect(zip(findings, findings.dropFirst()).allSatisfy { $0.risk >= $1.risk })
    let overcharge = findings.first { $0.kind == "cell_overcharge" }
    #expect(overcharge?.severity == .stop)
    #expect(overcharge?.baseline.contains("4.2 V class") == true)
    let healthy = { () -> CellTestAssessment in
      var rows = TestRows()
      for number in 1...12 { rows.addCycle(SyntheticCell(), number: number, every: 30) }
      return rows.assessment()
    }()
    #expect(healthy.findings.isEmpty)
  }

  @Test("a reversed current is named, and nothing is concluded from it")
  func reversedCurrent() {
    var rows = TestRows()
    for number in 1...12 { rows.addCycle(SyntheticCell(), number: number, every: 30) }
    rows.current = rows.current.map { -$0 }
    #expect(rows.assessment().findings.map(\.kind) == ["cell_current_reversed"])
  }

  @Test("every kind of finding has texts and a unique name")
  func kinds() {
    #expect(Set(CellFindingKind.all.map(\.name)).count == CellFindingKind.all.count)
    for kind in CellFindingKind.all {
      #expect(!kind.action.isEmpty && !kind.meaning.isEmpty && !kind.title.isEmpty)
    }
  }

  @Test("empty and foreign tables give an assessment without numbers")
  func empty() {
    let nothing = CellTestAnalysis(identity: "none").assessment()
    #expect(nothing.cycles.isEmpty && nothing.findings.isEmpty && nothing.cutOff == nil)
  }
}
