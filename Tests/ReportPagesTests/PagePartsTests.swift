// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the small parts of a page: escaping, numbers, drawing data, the chart library.

import Foundation
import ReportPages
import Testing

@Suite("Parts of a page")
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
