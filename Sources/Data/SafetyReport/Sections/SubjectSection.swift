// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The part of a page about one battery: facts, figures and tables.

package import BatteryDomain

/// The part of a page about one battery: facts, figures and tables.
package struct SubjectSection: Sendable {
  /// A labelled fact.
  package struct Fact: Sendable {
    package var label: String
    package var value: Markup

    package init(_ label: String, _ value: String) {
      self.label = label
      self.value = Markup(escaping: value)
    }
  }

  /// Identifier within the page.
  package var id: String
  /// What the section is about.
  package var identity: String
  /// What kind of input it is and from which file.
  package var subtitle: String
  /// The highest severity of its findings; nil if there are none.
  package var severity: Severity?
  /// Facts at a glance.
  package var facts: [Fact]
  /// Figures in reading order.
  package var charts: [Chart]
  /// Tables and lists after the figures.
  package var tables: Markup

  /// The section as HTML, with the drawing data of its charts.
  package func markup() throws -> Markup {
    var figures: Markup = ""
    for chart in charts {
      figures += try chart.figure(id: "\(id)-\(chart.name)")
    }
    let list = Markup.joined(
      facts.map { "<div><dt>\($0.label)</dt><dd>\($0.value)</dd></div>" })
    return """
      <section class="subject" id="\(id)" aria-labelledby="\(id)-title">
      <h2 id="\(id)-title">\(identity) \(Severity.badge(severity))</h2>
      <p class="muted">\(subtitle)</p>
      <dl class="facts card">\(list)</dl>
      <div class="figures">\(figures)</div>
      \(tables)
      </section>

      """
  }
}

extension Chart {
  /// The chart as a figure with its words and its drawing data.
  ///
  /// - Parameter id: Identifier within the page.
  /// - Returns: The figure as HTML.
  /// - Throws: `EncodingError` if a number of the layout is not finite.
  package func figure(id: String) throws -> Markup {
    let data = Markup(trusted: try json())
    return """
      <figure class="\(isWide ? "wide" : "half")" aria-labelledby="\(id)-caption">
      <figcaption id="\(id)-caption"><h3>\(title)</h3><p>\(caption)</p></figcaption>
      <div class="plot pending" id="\(id)" style="height:\(height)px" role="img" aria-label="\(title): \(caption)"></div>
      <script type="application/json" id="\(id)-data">\(data)</script>
      </figure>

      """
  }
}

extension Severity {
  /// The word in a coloured pill; the word, not the colour, carries the meaning.
  package static func badge(_ severity: Severity?) -> Markup {
    """
    <span class="badge" data-severity="\(severity?.rawValue ?? "none")">\
    \(severity?.rawValue ?? "no finding")</span>
    """
  }

  /// What the severity asks for, in words.
  package var meaning: String {
    switch self {
    case .stop: "take out of use now"
    case .act: "inspect within days"
    case .watch: "look again at the next review"
    case .note: "worth knowing"
    }
  }
}
