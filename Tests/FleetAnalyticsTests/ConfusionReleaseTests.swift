// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Faults that are easily taken for another, or hidden by what the pack does at the same time.

import BatteryDomain
import FleetAnalytics
import Foundation
import Testing

@Suite(.enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct ConfusionReleaseTests {
  private static func assess(_ change: (inout SyntheticPack) -> Void) -> VehicleAssessment {
    var pack = SyntheticPack()
    pack.cellCount = 40
    pack.probeCount = 4
    pack.days = 40
    pack.interval = 60
    pack.seed = 5
    change(&pack)
    var analysis = VehicleAnalysis(identity: "synthetic")
    analysis.ingest(pack.batch())
    return analysis.assessment()
  }

  private static func about(_ cell: Int, _ assessment: VehicleAssessment) -> [Finding] {
    assessment.findings.filter { $0.subject == .cell(cell) }
  }

  @Test("a module that rises does not hide a cell of it that drops")
  func dropInRisingModule() throws {
    let assessment = Self.assess {
      $0.modules = [(0, 0), (16, -0.02)]
      $0.moduleDrift = 0.001
      $0.fault = .drop(cell: 7, day: 20, charge: 0.04)
    }
    let first = try #require(Self.about(8, assessment).first)
    #expect(first.kind == "cell_voltage_departure")
    #expect(first.severity == .act)
    let onset = try #require(DetectionReleaseTests.day(first))
    #expect(onset > 18 && onset < 23)
    let others = assessment.findings.filter {
      if case .cell(let number) = $0.subject { number != 8 && $0.severity >= .act } else { false }
    }
    #expect(others.isEmpty)
  }

  @Test("a reading that freezes is named so, with its day, and not as a falling cell")
  func freeze() throws {
    let assessment = Self.assess { $0.fault = .freeze(cell: 20, fromDay: 25) }
    let found = Self.about(21, assessment)
    #expect(found.map(\.kind) == ["cell_reading_stuck"])
    let onset = try #require(found.first.flatMap(DetectionReleaseTests.day))
    #expect(abs(onset - 25) < 1.1)
    #expect(assessment.telemetry.stuckCells == [21])
  }

  @Test("a cell of less capacity does not fall because the pack is kept at lower charge")
  func capacityAtLowCharge() throws {
    let assessment = Self.assess {
      $0.thriftyFromDay = 24
      $0.fault = .capacity(cell: 30, lost: 0.12)
    }
    let found = Self.about(31, assessment)
    let capacity = try #require(found.first { $0.kind == "cell_capacity" })
    #expect(capacity.severity == .watch)
    #expect(!found.contains { $0.kind == "cell_voltage_departure" && $0.severity >= .act })
  }
}
