// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The report as one self-contained HTML page.

import BatteryDomain

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
  ///   - chartLibrary: The text of plotly.min.js; see ``PlotlyLibrary/load(from:)``.
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
    let library = Markup(trusted: chartLibrary ?? "")
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="\(document.generator.name) \(document.generator.version)">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <meta name="referrer" content="no-referrer">
      <link rel="icon" href="data:,">
      <title>\(title)</title>
      <style>\(Self.styleSheet)</style>
      </head>
      <body>
      <a class="skip" href="#findings">Skip to the findings</a>
      <div class="wrap">
      \(header)
      \(contents(sections))
      <main>
      \(findingsSection(sections))
      \(failuresSection)
      \(subjects)
      \(methodsSection)
      </main>
      <footer>
      <p class="notice"><strong>Not certified.</strong> \(ProductVersion.notice)</p>
      <p class="muted small">Times are those of each source's own clock, as stated. Discharge current is positive. \
      Written by \(document.generator.name) \(document.generator.version).</p>
      </footer>
      </div>
      <script>\(library)</script>
      <script>\(Self.script)</script>
      </body>
      </html>

      """
    return page.text
  }

  /// Forbids every connection; the page carries all it needs.
  private static let policy = """
    default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
    img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'
    """

  private static let styleSheet = Markup(
    trusted: String(decoding: PackageResources.report_css, as: UTF8.self))

  private static let script = Markup(
    trusted: String(decoding: PackageResources.report_js, as: UTF8.self))

  /// The brand's sign: a cell with a pulse.
  private static let sign: Markup = """
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" \
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">\
    <rect x="2" y="6" width="17" height="12" rx="3"/><path d="M22 10v4M5 12h3l2-3 3 6 2-3h2"/></svg>
    """

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
      <div class="brand">\(Self.sign)<span>\(document.generator.name) battery safety report</span></div>
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

  private func contents(_ sections: [SubjectSection]) -> Markup {
    var links: Markup = "<li><a href=\"#findings\">Findings</a></li>"
    if !document.failures.isEmpty {
      links += "<li><a href=\"#failures\">Not analysed</a></li>"
    }
    // A fleet has too many batteries for one line; the findings link to each of them.
    for section in sections.prefix(24) {
      links += "<li><a href=\"#\(section.id)\">\(section.identity)</a></li>"
    }
    links += "<li><a href=\"#methods\">Methods</a></li>"
    return "<nav class=\"contents\" aria-label=\"Contents\"><ul>\(links)</ul></nav>"
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
