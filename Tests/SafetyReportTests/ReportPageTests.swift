// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the page in a real browser: charts drawn, nothing on the console.

import BatteryDomain
import FleetAnalytics
import Foundation
import ReportPages
import SafetyReport
import TestSupport
import Testing

@Suite("Report page in a browser")
struct ReportPageTests {
  static let library = Datasets.repositoryRoot.appending(path: ".tools/plotly/plotly.min.js")

  static let isReady =
    Browser.executable != nil && FileManager.default.fileExists(atPath: library.path)

  @Test(
    "every chart is drawn, in light and dark, without a word on the console",
    .enabled(if: isReady, Comment(rawValue: "chromium or plotly.min.js absent: run make setup")),
    arguments: [false, true])
  func drawn(isDark: Bool) throws {
    let document = SyntheticReport.document()
    let report = HTMLReport(
      document: document, chartLibrary: PlotlyLibrary.load(from: Self.library))
    let html = try report.render()
    let wanted = html.components(separatedBy: "class=\"plot pending\"").count - 1
    #expect(wanted >= 9)
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "report.html")
      try html.write(to: file, atomically: true, encoding: .utf8)
      let page = try Browser.open(file, isDark: isDark)
      #expect(page.console.isEmpty)
      #expect(page.document.components(separatedBy: "js-plotly-plot").count - 1 >= wanted)
      #expect(page.document.components(separatedBy: "data-drawn=\"yes\"").count - 1 == wanted)
      #expect(page.document.components(separatedBy: "class=\"main-svg\"").count - 1 >= wanted)
      #expect(page.document.contains("data-charts=\"drawn\""))
      // Colours are resolved: no chart was drawn with the name of a colour instead of a colour.
      #expect(!page.document.contains("stroke: var(--"))
    }
  }

  @Test(
    "without the chart library the page says so where charts would be",
    .enabled(if: Browser.executable != nil, Comment(rawValue: Browser.skipMessage)))
  func withoutLibrary() throws {
    let html = try HTMLReport(document: SyntheticReport.document(), chartLibrary: nil).render()
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "report.html")
      try html.write(to: file, atomically: true, encoding: .utf8)
      let page = try Browser.open(file)
      #expect(page.console.isEmpty)
      #expect(page.document.contains("The chart library was not at hand"))
      #expect(page.document.contains("latest deviation"))
    }
  }

  @Test(
    "names from files stay text, in the page and in the charts",
    .enabled(if: isReady, Comment(rawValue: "chromium or plotly.min.js absent: run make setup")))
  func hostileNames() throws {
    let attack =
      "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    var vehicle = SyntheticReport.vehicle(identity: attack)
    vehicle.findings[0].title = attack
    vehicle.findings[0].subject = .channel(attack)
    vehicle.pack.capacitySource = attack
    let document = SyntheticReport.document([vehicle], file: attack)
    let html = try HTMLReport(
      document: document, chartLibrary: PlotlyLibrary.load(from: Self.library)
    ).render()
    #expect(!html.contains("<script>document.title"))
    #expect(!html.contains("<img src=x"))
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "report.html")
      try html.write(to: file, atomically: true, encoding: .utf8)
      let page = try Browser.open(file)
      #expect(!page.document.contains("<title>owned"))
      #expect(!page.document.contains("<img"))
      #expect(page.console.isEmpty)
    }
  }
}
