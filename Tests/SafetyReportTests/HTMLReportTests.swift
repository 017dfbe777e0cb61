// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the page: complete, escaped, self-contained, reproducible.

import BatteryDomain
import Foundation
import ReportPages
import SafetyReport
import Testing

@Suite("HTML report")
struct HTMLReportTests {
  @Test("the page says what to do first, and holds every part")
  func parts() throws {
    let page = try HTMLReport(document: SyntheticReport.document(), chartLibrary: nil).render()
    if let path = ProcessInfo.processInfo.environment["ANODYNE_PREVIEW"] {
      try HTMLReport(document: SyntheticReport.document(), chartLibrary: PlotlyLibrary.load())
        .render().write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(page.contains("<h1>Inspect TESTVIN0000000001 within days.</h1>"))
    #expect(page.contains("cell voltage drifts by −61 mV"))
    for name in ["cells", "heat-map", "standing", "scores", "spread", "operation", "alarms"] {
      #expect(page.contains("id=\"input-1-\(name)\""), "the figure \(name) is missing")
    }
    #expect(page.contains("not a certified safety function"))
  }
}
