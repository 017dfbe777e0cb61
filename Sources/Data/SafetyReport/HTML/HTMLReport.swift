// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The report as one self-contained HTML page.

import BatteryDomain
import ReportPages

/// The report as one self-contained HTML page.
///
/// The page holds its style sheet, its script, the chart library and all data; it loads nothing,
/// which its content security policy also forbids. It reads well in light and dark, on paper and
/// with a screen reader, and without the chart library it still shows every table.
public struct HTMLReport: Sendable {
  /// What the page shows.
  public var document: ReportDocument
  /// The text of plotly.min.js, or nil to write the page without charts.
  public var chartLibrary: String?

  /// Creates a page for a document.
  ///
  /// - Parameters:
  ///   - document: What the page shows.
  ///   - chartLibrary: The text of plotly.min.js; see `PlotlyLibrary.load(from:)`.
  public init(document: ReportDocument, chartLibrary: String?) {
    self.document = document
    self.chartLibrary = chartLibrary
  }

  /// The page as UTF-8 HTML; the same document gives the same bytes.
  ///
  /// - Throws: `EncodingError` if a chart holds a number that JSON cannot express.
  /// - Complexity: O(*n*) in the number of values shown.
  public func render() throws -> String {
    let sections = subjectSections()
    var subjects: Markup = ""
    for section in sections { subjects += try section.markup() }
    let title = "\(document.headline.text) – \(document.generator.name) battery safety report"
    var page = PageShell(
      generator: (document.generator.name, document.generator.version), title: title,
      header: header, contents: contents(sections),
      main: """
        \(findingsSection(sections))
        \(failuresSection)
        \(subjects)
        \(methodsSection)
        """,
      footer: """
        <p class="notice"><strong>Not certified.</strong> \(ProductVersion.notice)</p>
        <p class="muted small">Times are those of each source's own clock, as stated. Discharge current is positive. \
        Written by \(document.generator.name) \(document.generator.version).</p>
        """)
    page.styles = Self.styleSheet
    page.scripts = [Self.script]
    return page.html(plotly: chartLibrary)
  }

  private static let styleSheet = Markup(
    trusted: String(decoding: PackageResources.findings_css, as: UTF8.self))

  private static let script = Markup(
    trusted: String(decoding: PackageResources.findings_js, as: UTF8.self))

  private var header: Markup {
    let headline = document.headline
    let rows = document.inputs.reduce(0) { $0 + $1.rowCount }
    // Green is for batteries that were looked at.
    let mood = headline.severity?.rawValue ?? (document.inputs.isEmpty ? "unknown" : "none")
    var written: Markup = ""
    if let time = document.generatedAt { written = " · written \(DisplayText.minute(time)) UTC" }
    var tiles: Markup = ""
    for severity in Severity.allCases.reversed() {
      tiles += """
        <li><b>\(document.counts[severity])</b><span>\(severity.rawValue): \(severity.meaning)\
        </span></li>
        """
    }
    return """
      <header class="top">
      \(PageShell.brand("\(document.generator.name) battery safety report"))
      <div class="headline" data-severity="\(mood)">
      <h1>\(headline.text)</h1>
      <p>\(headline.detail)</p>
      </div>
      <ul class="tiles">\(tiles)</ul>
      <p class="muted small">\(plural(document.inputs.count, "input")), \
      \(DisplayText.count(rows)) rows\
      \(document.failures.isEmpty ? "" : ", \(plural(document.failures.count, "file")) not analysed")\
      \(written)</p>
      </header>
      """
  }

  private func contents(_ sections: [SubjectSection]) -> [PageShell.Link] {
    var links = [PageShell.Link(id: "findings", words: "Findings")]
    if !document.failures.isEmpty { links.append(.init(id: "failures", words: "Not analysed")) }
    // A fleet has too many batteries for one line; the findings link to each of them.
    links += sections.prefix(24).map { .init(id: $0.id, words: $0.identity) }
    return links + [.init(id: "methods", words: "Methods")]
  }

  private var failuresSection: Markup {
    guard !document.failures.isEmpty else { return "" }
    let table = TableMarkup(
      caption: "Each of these files was skipped; all others were analysed.",
      columns: [
        .text("File"), .number("Row"), .text("Column"), .text("What is wrong"), .text("Next step"),
      ],
      rows: document.failures.map { failure in
        [
          "<code>\(failure.file)</code>",
          Markup(escaping: failure.row.map(DisplayText.count) ?? "–"),
          Markup(escaping: failure.column ?? "–"), Markup(escaping: brief(failure)),
          Markup(escaping: failure.nextStep),
        ]
      })
    return """
      <section id="failures" aria-labelledby="failures-title">
      <h2 id="failures-title">Not analysed</h2>
      <div class="card">\(table.markup)</div>
      </section>
      """
  }

  /// The message without the name of the file, which has its own column.
  private func brief(_ failure: ReportDocument.Failure) -> String {
    let prefix = "\(failure.file): "
    return failure.message.hasPrefix(prefix)
      ? String(failure.message.dropFirst(prefix.count)) : failure.message
  }

  private var methodsSection: Markup {
    let rows = document.methods.map { method -> [Markup] in
      [
        Markup(escaping: method.name), Markup(escaping: method.description),
        Markup(escaping: method.source),
      ]
    }
    let table = TableMarkup(
      caption: "What stands behind the numbers.",
      columns: [.text("Method"), .text("What it does here"), .text("Source")], rows: rows)
    return """
      <section id="methods" aria-labelledby="methods-title">
      <h2 id="methods-title">Methods</h2>
      <div class="card">\(table.markup)</div>
      </section>
      """
  }

  private func plural(_ count: Int, _ noun: String) -> String {
    "\(DisplayText.count(count)) \(noun)\(count == 1 ? "" : "s")"
  }
}
