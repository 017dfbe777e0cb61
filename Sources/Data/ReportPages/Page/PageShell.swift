// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What every page has around its content: head, style, contents, footer, scripts.

/// What every page has around its content: head, style, contents, footer, scripts.
///
/// The page holds its style sheet, its script, the chart library and all data; it loads nothing,
/// which its content security policy also forbids. It follows light and dark, prints, and can be
/// walked with a screen reader.
package struct PageShell: Sendable {
  /// A link of the list of contents.
  package struct Link: Sendable, Hashable {
    package var id: String
    package var words: String

    package init(id: String, words: String) {
      self.id = id
      self.words = words
    }
  }

  /// Name of the program and its version.
  package var generator: (name: String, version: String)
  /// Title of the document, as tabs and bookmarks show it.
  package var title: String
  /// What is above the contents: brand, headline, tiles.
  package var header: Markup
  /// Links to the parts of the page; the first one is where the skip link leads.
  package var contents: [Link]
  /// The parts of the page.
  package var main: Markup
  /// Small print below the content.
  package var footer: Markup
  /// Style sheets of this kind of page, after the common one.
  package var styles: Markup = ""
  /// Scripts of this kind of page, after the common one.
  package var scripts: [Markup] = []

  /// Creates a shell.
  package init(
    generator: (name: String, version: String), title: String, header: Markup, contents: [Link],
    main: Markup, footer: Markup
  ) {
    self.generator = generator
    self.title = title
    self.header = header
    self.contents = contents
    self.main = main
    self.footer = footer
  }

  /// The page as UTF-8 HTML; the same content gives the same bytes.
  ///
  /// - Parameter plotly: The text of plotly.min.js; without it the page says where charts would be.
  /// - Returns: The document.
  /// - Complexity: O(*n*) in the length of the page.
  package func html(plotly: String?) -> String {
    let library = Markup(trusted: plotly ?? "")
    let own = Markup.joined(scripts.map { "<script>\($0)</script>" as Markup }, separator: "\n")
    let skip: Markup =
      contents.first.map { "<a class=\"skip\" href=\"#\($0.id)\">Skip to: \($0.words)</a>" } ?? ""
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="\(generator.name) \(generator.version)">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <meta name="referrer" content="no-referrer">
      <link rel="icon" href="data:,">
      <title>\(title)</title>
      <style>\(Self.styleSheet)\(styles)</style>
      </head>
      <body>
      \(skip)
      <div class="wrap">
      \(header)
      \(navigation)
      <main>
      \(main)
      </main>
      <footer>
      \(footer)
      </footer>
      </div>
      <script>\(library)</script>
      <script>\(Self.script)</script>
      \(own)
      </body>
      </html>

      """
    return page.text
  }

  /// The brand's sign with the kind of page, for the top of the header.
  ///
  /// - Parameter words: For example `Anodyne battery safety report`.
  /// - Returns: The line as HTML.
  package static func brand(_ words: String) -> Markup {
    "<div class=\"brand\">\(sign)<span>\(words)</span></div>"
  }

  private var navigation: Markup {
    guard !contents.isEmpty else { return "" }
    let links = Markup.joined(
      contents.map { "<li><a href=\"#\($0.id)\">\($0.words)</a></li>" as Markup })
    return "<nav class=\"contents\" aria-label=\"Contents\"><ul>\(links)</ul></nav>"
  }

  /// Forbids every connection; the page carries all it needs.
  private static let policy = """
    default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
    img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'
    """

  private static let styleSheet = Markup(
    trusted: String(decoding: PackageResources.page_css, as: UTF8.self))

  private static let script = Markup(
    trusted: String(decoding: PackageResources.page_js, as: UTF8.self))

  /// The brand's sign: a cell with a pulse.
  private static let sign: Markup = """
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" \
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">\
    <rect x="2" y="6" width="17" height="12" rx="3"/><path d="M22 10v4M5 12h3l2-3 3 6 2-3h2"/></svg>
    """
}
