// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A report as one self-contained HTML page: title, summary, sections of charts and tables.

package import BatteryDomain

/// A report as one self-contained HTML page: title, summary, sections of charts and tables.
///
/// ```swift
/// let page = ReportPage(
///   kind: "cell simulation", title: "Chen2020, 1C discharge", lead: "4.93 Ah in 59.2 min.",
///   sections: [PageSection(id: "cell", title: "Cell", charts: [voltage, temperature])])
/// try page.html(plotly: PlotlyLibrary.load())
/// ```
package struct ReportPage: Sendable {
  /// A figure at a glance, large, with its words below.
  package struct Tile: Sendable, Hashable {
    package var value: String
    package var words: String

    package init(_ value: String, _ words: String) {
      self.value = value
      self.words = words
    }
  }

  /// The kind of report, after the name of the program: `cell simulation`.
  package var kind: String
  /// The headline.
  package var title: String
  /// The result in plain words, below the headline.
  package var lead: String
  /// How urgent the result is, as the colour beside the headline; nil for a neutral one.
  package var severity: Severity?
  /// Figures at a glance.
  package var tiles: [Tile]
  /// The parts in reading order.
  package var sections: [PageSection]
  /// Small print below the sections: conventions, methods, sources.
  package var notes: [String]

  /// Creates a page.
  package init(
    kind: String, title: String, lead: String, severity: Severity? = nil, tiles: [Tile] = [],
    sections: [PageSection], notes: [String] = []
  ) {
    self.kind = kind
    self.title = title
    self.lead = lead
    self.severity = severity
    self.tiles = tiles
    self.sections = sections
    self.notes = notes
  }

  /// The page as UTF-8 HTML; the same content gives the same bytes.
  ///
  /// - Parameter plotly: The text of plotly.min.js, see ``PlotlyLibrary/load(from:)``; without it
  ///   the page has every table, and says where charts would be.
  /// - Returns: The document.
  /// - Throws: `EncodingError` if a number of a chart's layout is not finite.
  /// - Complexity: O(*n*) in the number of values shown.
  package func html(plotly: String?) throws -> String {
    var main: Markup = ""
    for section in sections { main += try section.markup() }
    let name = ProductVersion.name
    let shell = PageShell(
      generator: (name, ProductVersion.current), title: "\(title) – \(name) \(kind)",
      header: header, contents: sections.map { .init(id: $0.id, words: $0.title) }, main: main,
      footer: footer)
    return shell.html(plotly: plotly)
  }

  private var header: Markup {
    let figures = Markup.joined(
      tiles.map { "<li><b>\($0.value)</b><span>\($0.words)</span></li>" as Markup })
    let list: Markup = tiles.isEmpty ? "" : "<ul class=\"tiles\">\(figures)</ul>"
    return """
      <header class="top">
      \(PageShell.brand("\(ProductVersion.name) \(kind)"))
      <div class="headline" data-severity="\(severity?.rawValue ?? "note")">
      <h1>\(title)</h1>
      <p>\(lead)</p>
      </div>
      \(list)
      </header>
      """
  }

  private var footer: Markup {
    let small = Markup.joined(
      notes.map { "<p class=\"muted small\">\($0)</p>" as Markup }, separator: "\n")
    return """
      <p class="notice"><strong>Not certified.</strong> \(ProductVersion.notice)</p>
      \(small)
      <p class="muted small">Written by \(ProductVersion.name) \(ProductVersion.current).</p>
      """
  }
}
