// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One part of a page: facts, figures and tables under a heading.

/// A labelled fact.
package struct PageFact: Sendable, Hashable {
  package var label: String
  package var value: Markup

  /// Creates a fact of text, which is escaped.
  package init(_ label: String, _ value: String) {
    self.label = label
    self.value = Markup(escaping: value)
  }

  /// A list of facts as a card; empty without facts.
  package static func list(_ facts: [PageFact]) -> Markup {
    guard !facts.isEmpty else { return "" }
    let items = Markup.joined(
      facts.map { "<div><dt>\($0.label)</dt><dd>\($0.value)</dd></div>" as Markup })
    return "<dl class=\"facts card\">\(items)</dl>"
  }
}

/// One part of a page: facts, figures and tables under a heading.
package struct PageSection: Sendable {
  /// Identifier within the page: lower-case words joined by hyphens.
  package var id: String
  /// The heading; also the words of the link in the contents.
  package var title: String
  /// What the part shows and what to look for; nil for none.
  package var lead: String?
  /// A drawing of the caller's own, for example SVG, before the figures; nil for none.
  package var drawing: Markup?
  /// Facts at a glance.
  package var facts: [PageFact]
  /// Figures in reading order.
  package var charts: [Chart]
  /// Tables after the figures.
  package var tables: [TableMarkup]
  /// Tables folded away under a title, after the others.
  package var folded: [(title: String, table: TableMarkup)] = []

  /// Creates a part.
  package init(
    id: String, title: String, lead: String? = nil, facts: [PageFact] = [], charts: [Chart] = [],
    tables: [TableMarkup] = []
  ) {
    self.id = id
    self.title = title
    self.lead = lead
    self.facts = facts
    self.charts = charts
    self.tables = tables
  }

  /// The part as HTML, with the drawing data of its charts.
  ///
  /// - Throws: `EncodingError` if a number of a layout is not finite.
  package func markup() throws -> Markup {
    let figures = try Self.figures(charts, of: id)
    let cards = Markup.joined(
      tables.filter { !$0.rows.isEmpty }.map { "<div class=\"card\">\($0.markup)</div>" as Markup })
    let folds = Markup.joined(
      folded.filter { !$0.table.rows.isEmpty }.map { Self.fold($0.title, $0.table.markup) })
    let words: Markup = lead.map { "<p class=\"muted\">\($0)</p>" } ?? ""
    return """
      <section id="\(id)" aria-labelledby="\(id)-title">
      <h2 id="\(id)-title">\(title)</h2>
      \(words)
      \(PageFact.list(facts))
      \(drawing ?? "")
      \(figures)
      \(cards)
      \(folds)
      </section>

      """
  }

  /// Figures side by side where the page is wide enough; empty without charts.
  ///
  /// - Parameters:
  ///   - charts: In reading order.
  ///   - id: Identifier of the part; a figure's is that with the chart's name.
  /// - Returns: The figures as HTML.
  /// - Throws: `EncodingError` if a number of a layout is not finite.
  package static func figures(_ charts: [Chart], of id: String) throws -> Markup {
    guard !charts.isEmpty else { return "" }
    var figures: Markup = ""
    for chart in charts { figures += try chart.figure(id: "\(id)-\(chart.name)") }
    return "<div class=\"figures\">\(figures)</div>"
  }

  /// Content folded away under a title; it opens for paper.
  package static func fold(_ title: String, _ content: Markup) -> Markup {
    "<details class=\"more\"><summary>\(title)</summary><div class=\"card plain\">\(content)</div></details>\n"
  }
}
