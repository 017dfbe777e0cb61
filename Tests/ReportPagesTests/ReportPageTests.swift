// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of a whole page, as text and in a real browser.

import Foundation
import ReportPages
import TestSupport
import Testing

@Suite("Report page")
struct ReportPageTests {
  static let library = Datasets.repositoryRoot.appending(path: ".tools/plotly/plotly.min.js")
  static let isReady =
    Browser.executable != nil && FileManager.default.fileExists(atPath: library.path)
  static let attack = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"

  /// A page with every kind of chart; its names are those of an attacker when asked for.
  static func page(_ name: String = "cell") throws -> ReportPage {
    let x = (0..<50).map(Double.init)
    let words = ChartWords(name: "line", title: name, caption: "How \(name) goes.")
    let lines = Chart.lines(
      words, x: "time in s", y: "V",
      series: [
        ChartSeries(name, x: x, y: x.map { sin($0 / 9) }),
        ChartSeries("gap", x: x, y: x.map { $0 < 20 ? $0 : .nan }),
      ], levels: [0.5])
    let frames = (0..<4).map { moment in
      (label: "\(moment) \(name)", lines: [(x: x, y: x.map { $0 * Double(moment) })])
    }
    let profiles = try #require(
      Chart.profiles(
        ChartWords(name: "profiles", title: "Across", caption: name), x: "µm", y: "V",
        names: [name], frames: frames))
    let maps = (0..<3).map { moment in
      (label: "at \(moment)", values: [[1.0, 2, 3], [4, .nan, 5 + Double(moment)]])
    }
    let map = try #require(
      Chart.heatMap(
        ChartWords(name: "map", title: "Pack", caption: name),
        x: HeatMapAxis("column", positions: .numbers([1, 2, 3], decimals: 0)),
        y: HeatMapAxis("row", positions: .texts([name, "b"]), isReversed: true), frames: maps,
        colours: HeatMapColours(unit: "°C")))
    var section = PageSection(
      id: "run", title: name, lead: name, facts: [PageFact(name, name)],
      charts: [lines, profiles, map],
      tables: [
        TableMarkup(
          caption: name, columns: [.text(name), .number("Ah")],
          rows: [[Markup(escaping: name), "4.9"]])
      ])
    section.folded = [
      ("More", TableMarkup(caption: "c", columns: [.text("a")], rows: [[Markup(escaping: name)]]))
    ]
    return ReportPage(
      kind: "cell simulation", title: name, lead: name, tiles: [.init("4.9 Ah", name)],
      sections: [section], notes: [name])
  }

  @Test("a page holds its parts and nothing from outside, and is the same every time")
  func text() throws {
    let html = try Self.page().html(plotly: "var Plotly")
    #expect(try Self.page().html(plotly: "var Plotly") == html)
    for part in [
      "<h1>cell</h1>", "id=\"run-line\"", "id=\"run-profiles-slider\"", "id=\"run-map-slider\"",
      "<a href=\"#run\">", "not a certified safety function", "<details class=\"more\">",
      "default-src &#39;none&#39;",
    ] {
      #expect(html.contains(part), "\(part) is missing")
    }
    #expect(!html.contains("http://") && !html.contains("https://"))
    #expect(!html.contains("id=\"run-line-slider\""))
  }

  @Test(
    "every chart is drawn in light and dark without a word on the console",
    .enabled(if: isReady, Comment(rawValue: "chromium or plotly.min.js absent: run make setup")),
    arguments: [false, true])
  func drawn(isDark: Bool) throws {
    let page = try Self.open(Self.page().html(plotly: Self.plotly()), isDark: isDark)
    #expect(page.console.isEmpty, "\(page.console)")
    #expect(page.document.components(separatedBy: "data-drawn=\"yes\"").count - 1 == 3)
    #expect(page.document.contains("data-charts=\"drawn\""))
    #expect(!page.document.contains("stroke: var(--"))
    // Sliders appear with the drawings they move.
    #expect(!page.document.contains("-slider\" hidden"))
    #expect(page.document.contains("max=\"3\" value=\"3\""))
  }

  @Test(
    "moving a slider redraws the chart at that position",
    .enabled(if: isReady, Comment(rawValue: "chromium or plotly.min.js absent: run make setup")))
  func slider() throws {
    // The page's own script listens for the input event; the probe stands where a finger would.
    let probe = """
      <script>setTimeout(() => {
        const input = document.querySelector("#run-profiles-slider input");
        const before = document.getElementById("run-profiles").data[0].y[10];
        input.value = 1;
        input.dispatchEvent(new Event("input"));
        const after = document.getElementById("run-profiles").data[0].y[10];
        document.title = before + " to " + after + " at "
          + document.querySelector("#run-profiles-slider output").textContent;
      }, 3000);</script></body>
      """
    let html = try Self.page().html(plotly: Self.plotly()).replacing("</body>", with: probe)
    let page = try Self.open(html)
    #expect(page.document.contains("<title>30 to 10 at 1 cell</title>"))
  }

  @Test(
    "names stay text, in the page and in the charts",
    .enabled(if: isReady, Comment(rawValue: "chromium or plotly.min.js absent: run make setup")))
  func hostileNames() throws {
    let html = try Self.page(Self.attack).html(plotly: Self.plotly())
    #expect(!html.contains("<script>document.title") && !html.contains("<img"))
    let page = try Self.open(html)
    #expect(!page.document.contains("<title>owned") && !page.document.contains("<img"))
    #expect(page.console.isEmpty, "\(page.console)")
  }

  @Test(
    "without the chart library the page says so and keeps its tables",
    .enabled(if: Browser.executable != nil, Comment(rawValue: Browser.skipMessage)))
  func withoutLibrary() throws {
    let page = try Self.open(Self.page().html(plotly: nil))
    #expect(page.console.isEmpty)
    #expect(page.document.contains("The chart library was not at hand"))
    #expect(page.document.contains("<td class=\"num\">4.9</td>"))
    #expect(page.document.contains("-slider\" hidden"))
  }

  private static func plotly() -> String? { PlotlyLibrary.load(from: library) }

  private static func open(_ html: String, isDark: Bool = false) throws -> Browser.Page {
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "page.html")
      try html.write(to: file, atomically: true, encoding: .utf8)
      return try Browser.open(file, isDark: isDark)
    }
  }
}
