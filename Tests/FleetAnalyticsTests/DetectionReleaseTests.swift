// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What each fault of a pack must raise; forty thousand rows a pack need release speed.

import BatteryDomain
import FleetAnalytics
import Foundation
import Testing

@Suite(.enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct DetectionReleaseTests {
  static func assess(_ fault: SyntheticFault, days: Double = 30, seed: UInt64 = 11)
    -> VehicleAssessment
  {
    var pack = SyntheticPack()
    pack.cellCount = 24
    pack.probeCount = 6
    pack.days = days
    pack.interval = 60
    pack.fault = fault
    pack.seed = seed
    var analysis = VehicleAnalysis(identity: "synthetic")
    analysis.ingest(pack.batch())
    return analysis.assessment()
  }

  static func day(_ finding: Finding) -> Double? {
    finding.since.map { ($0 - SyntheticPack().start) / 86_400 }
  }

  @Test("a healthy pack raises nothing above a note")
  func healthy() {
    let assessment = Self.assess(.none)
    #expect(assessment.findings.filter { $0.severity > .note }.isEmpty)
    #expect(assessment.risk < 25)
    #expect(assessment.modules.count == 1)
  }

  @Test("a cell that leaks is acted upon, dated and given its leakage")
  func leak() throws {
    let assessment = Self.assess(.leak(cell: 9, fromDay: 12, current: 0.02))
    let first = try #require(assessment.findings.first)
    #expect(first.kind == "cell_voltage_departure")
    #expect(first.subject == .cell(10))
    #expect(first.severity == .act)
    let onset = try #require(Self.day(first))
    #expect(onset > 11 && onset < 16)
    // Within a factor of two either way: the display of charge, the capacity and the slope err.
    let leakage = try #require(assessment.cells[9].leakage)
    #expect(leakage.low > 0.010 && leakage.low < 0.040)
    #expect(leakage.high >= leakage.low)
    #expect(assessment.cells[9].acceleration == nil, "an even leak does not accelerate")
  }

  @Test("a cell that drops is acted upon from that day on")
  func drop() throws {
    let first = try #require(
      Self.assess(.drop(cell: 4, day: 20, charge: 0.03)).findings.first)
    #expect(first.subject == .cell(5))
    #expect(first.severity == .act)
    let onset = try #require(Self.day(first))
    #expect(abs(onset - 20) < 1.5)
  }

  @Test("a standing offset is watched, without an onset and without a word of a short")
  func offset() throws {
    let first = try #require(
      Self.assess(.offset(cell: 15, charge: 0.03)).findings.first)
    #expect(first.kind == "cell_static_offset")
    #expect(first.subject == .cell(16))
    #expect(first.severity == .watch)
    #expect(first.since == nil)
    #expect(!first.title.contains("short circuit") && first.controlNode != .separator)
  }

  @Test("a doubled resistance is found from the response to load")
  func resistance() throws {
    let findings = Self.assess(.resistance(cell: 7, factor: 2)).findings
    let finding = try #require(findings.first { $0.kind == "cell_resistance" })
    #expect(finding.subject == .cell(8))
    #expect(finding.severity == .watch)
    let share = try #require(finding.evidence.first)
    #expect(abs(share.value / (share.reference ?? 0) - 1) < 0.25)
  }

  @Test("a loose contact is found and dated")
  func looseContact() throws {
    let findings = Self.assess(.looseContact(cell: 12, fromDay: 15, resistance: 0.003)).findings
    let noise = try #require(findings.first { $0.kind == "cell_unsteady_reading" })
    #expect(noise.subject == .cell(13))
    #expect(findings.contains { $0.kind == "cell_resistance" && $0.subject == .cell(13) })
  }

  @Test("a cell of less capacity is told from an offset")
  func capacity() throws {
    let assessment = Self.assess(.capacity(cell: 18, lost: 0.15))
    let finding = try #require(assessment.findings.first { $0.kind == "cell_capacity" })
    #expect(finding.subject == .cell(19))
    #expect(assessment.findings.allSatisfy { $0.severity < .act })
  }

  @Test("frozen, lost and hot channels are named")
  func channels() throws {
    let stuck = Self.assess(.stuckCell(cell: 3)).findings
    #expect(stuck.contains { $0.kind == "cell_reading_stuck" && $0.subject == .cell(4) })
    #expect(!stuck.contains { $0.kind == "cell_static_offset" })
    let dead = Self.assess(.deadProbe(probe: 2, fromDay: 10)).findings
    #expect(dead.contains { $0.kind == "probe_lost" && $0.subject == .probe(3) })
    let frozen = Self.assess(.stuckProbe(probe: 1)).findings
    #expect(frozen.contains { $0.kind == "probe_stuck" && $0.subject == .probe(2) })
    let hot = try #require(
      Self.assess(.hotProbe(probe: 4, fromDay: 15, rise: 9)).findings.first {
        $0.kind == "probe_hot"
      })
    #expect(hot.subject == .probe(5))
    let onset = try #require(Self.day(hot))
    #expect(abs(onset - 15) < 2)
  }

  @Test("failing cooling and falling insulation are reported for the pack")
  func pack() {
    let hot = Self.assess(.cooling(fromDay: 20)).findings
    #expect(hot.contains { $0.kind == "temperature_high" && $0.severity >= .act })
    let insulation = Self.assess(.insulation(fromDay: 20, share: 0.3)).findings
    #expect(insulation.contains { $0.kind == "insulation_fall" && $0.severity == .watch })
  }
}
