// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the small parts of the page: escaping, numbers, drawing data, gaps.

import BatteryDomain
import BatteryFiles
import FleetAnalytics
import Foundation
import SafetyReport
import Testing

@Suite("Parts of the page")
struct PagePartsTests {
  @Test("interpolated strings are escaped, markup is not")
  func escaping() {
    let name = #"<b a="1" c='2'>&"# + "\u{1}"
    let markup: Markup = "<td>\(name)</td>"
    #expect(markup.text == "<td>&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;\u{FFFD}</td>")
    let row: Markup = "<tr>\(markup)</tr>"
    #expect(row.text.hasPrefix("<tr><td>&lt;b"))
  }

  @Test(
    "numbers have few digits, a true minus sign and grouped thousands",
    arguments: zip(
      [0.0, -61.23456, 14385, 1_234_567, 0.00012345, 1e12, .nan, 3.7, -0.5],
      [
        "0", "−61.23", "14\u{202F}385", "1\u{202F}234\u{202F}567", "0.0001234", "1.000e+12", "–",
        "3.7", "−0.5",
      ]))
  func numbers(value: Double, text: String) {
    #expect(DisplayText.number(value) == text)
  }

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

  @Test("drawing data hold no character that could end the script element")
  func drawingData() throws {
    let trace = ChartTrace.points(
      "</script><!--", x: .numbers([1, .nan, 3], decimals: 1), y: .numbers([1, 2, .infinity]),
      color: "var(--c1)")
    let chart = Chart(
      name: "x", title: "t", caption: "c", traces: [trace], layout: .init(x: .init(), y: .init()))
    let json = try chart.json()
    #expect(!json.contains("<") && !json.contains(">"))
    #expect(json.contains("[1,null,3]") && json.contains("[1,2,null]"))
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    let data = try #require(object?["data"] as? [[String: Any]])
    #expect(data[0]["name"] as? String == "</script><!--")
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

  @Test("the chart library is found by its variable or above the program, never elsewhere")
  func library() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    let tools = folder.appending(path: ".tools/plotly")
    let program = folder.appending(path: ".build/release/anodyne")
    try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      at: program.deletingLastPathComponent(), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(PlotlyLibrary.locate(environment: [:], program: program) == nil)
    let file = tools.appending(path: "plotly.min.js")
    try "var Plotly".write(to: file, atomically: true, encoding: .utf8)
    let found = PlotlyLibrary.locate(environment: [:], program: program)
    #expect(found?.resolvingSymlinksInPath() == file.resolvingSymlinksInPath())
    #expect(PlotlyLibrary.load(from: file) == "var Plotly")
    let named = PlotlyLibrary.locate(
      environment: [PlotlyLibrary.environmentVariable: "/nonexistent.js"], program: program)
    #expect(named == nil)
    try "x </SCRIPT> y".write(to: file, atomically: true, encoding: .utf8)
    #expect(PlotlyLibrary.load(from: file) == nil)
  }
}
