// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The part of a page about one battery: facts, figures and tables.

package import BatteryDomain
package import ReportPages

/// The part of a page about one battery: facts, figures and tables.
package struct SubjectSection: Sendable {
  /// Identifier within the page.
  package var id: String
  /// What the section is about.
  package var identity: String
  /// What kind of input it is and from which file.
  package var subtitle: String
  /// The highest severity of its findings; nil if there are none.
  package var severity: Severity?
  /// Facts at a glance.
  package var facts: [PageFact]
  /// Figures in reading order.
  package var charts: [Chart]
  /// Tables and lists after the figures.
  package var tables: Markup

  /// The section as HTML, with the drawing data of its charts.
  package func markup() throws -> Markup {
    let figures = try PageSection.figures(charts, of: id)
    return """
      <section class="subject" id="\(id)" aria-labelledby="\(id)-title">
      <h2 id="\(id)-title">\(identity) \(Severity.badge(severity))</h2>
      <p class="muted">\(subtitle)</p>
      \(PageFact.list(facts))
      \(figures)
      \(tables)
      </section>

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
