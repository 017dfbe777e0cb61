// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the small parts of the page: escaping, numbers, drawing data, gaps.

import BatteryDomain
import BatteryFiles
import FleetAnalytics
import Foundation
import ReportPages
import SafetyReport
import Testing

@Suite("Parts of the page")
struct PagePartsTests {
  @Test("times are written on the clock of the source")
  func clocks() {
    let utc = SourceClock(reference: .unixEpoch)
    let china = SourceClock(reference: .unixEpoch, offset: 8 * 3600)
    #expect(utc.minute(1_562_889_600) == "2019-07-12 00:00 UTC")
    #expect(china.day(1_562_889_600 - 3600) == "2019-07-12")
    #expect(china.zone == "UTC+8")
    #expect(SourceClock(reference: .unixEpoch, offset: -12_600).zone == "UTC−3:30")
    #expect(SourceClock(reference: .testStart).minute(90) == "90\u{202F}s")
  }

  @Test("the heat map leaves days without rows empty, and the leading cell is first")
  func figures() throws {
    let charts = VehicleCharts(SyntheticReport.vehicle()).all()
    #expect(charts.first?.name == "cells")
    #expect(charts.first?.traces.map(\.name) == ["other cells, 5–95 %", "cell 18", "cell 3"])
    let map = try #require(charts.first { $0.name == "heat-map" })
    guard case .matrix(let rows, _)? = map.traces.first?.z else {
      Issue.record("the heat map has no matrix")
      return
    }
    #expect(rows.count == 24 && rows[0].count == 60)
    let gap = rows[0][20..<25].allSatisfy { $0.isNaN }
    #expect(gap)
    // Cell 18 falls by 1.4 mV a day from day 30 on.
    #expect(rows[17][59] < -35)
  }

  @Test("an assessment without rows gives a page without figures")
  func empty() throws {
    let vehicle = VehicleAssessment(identity: "EMPTY")
    #expect(VehicleCharts(vehicle).all().isEmpty)
    let page = try HTMLReport(
      document: SyntheticReport.document([vehicle]), chartLibrary: nil
    ).render()
    #expect(page.contains("<h1>Nothing in the one input asks for action.</h1>"))
  }

  @Test("the headline names the batteries that share the highest severity")
  func headline() {
    func document(_ severities: [Severity]) -> ReportDocument {
      SyntheticReport.document(
        severities.enumerated().map { index, severity in
          var vehicle = SyntheticReport.vehicle(identity: "V\(index)")
          vehicle.findings = [SyntheticReport.finding(1, severity: severity)]
          return vehicle
        })
    }
    #expect(document([.watch, .stop]).headline.text == "Take V1 out of use now.")
    #expect(document([.act, .act, .note]).headline.text == "Inspect V0 and V1 within days.")
    #expect(
      document([.act, .act, .act, .act, .act]).headline.text
        == "Inspect V0, V1 and 3 more batteries within days.")
    #expect(document([.watch]).headline.text.hasPrefix("No urgent fault"))
  }

  @Test("a file error keeps its place and its way out")
  func failure() {
    let failure = ReportDocument.Failure(
      .malformed(file: "a.csv", row: 12, column: "V_3", expected: "a number", found: "'x'"),
      file: "a.csv")
    #expect(failure.code == "malformed" && failure.row == 12 && failure.column == "V_3")
    #expect(failure.expected == "a number" && failure.found == "'x'" && failure.exitCode == 65)
    #expect(!failure.nextStep.isEmpty)
    #expect(
      ReportDocument.Failure(.unreadable(file: "a", reason: "no"), file: "a").exitCode == 66)
  }

}
