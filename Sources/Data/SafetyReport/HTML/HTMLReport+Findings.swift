// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The ranked list of findings of a page.

import BatteryDomain
import ReportPages

extension HTMLReport {
  /// The ranked list with its filters; the first finding is open.
  ///
  /// - Parameter sections: The sections of the inputs, by input index, to link to.
  /// - Returns: The section as HTML.
  func findingsSection(_ sections: [SubjectSection]) -> Markup {
    let links = Dictionary(uniqueKeysWithValues: sections.map { ($0.id, $0) })
    var cards: Markup = ""
    for entry in document.findings {
      cards += card(entry, isLinked: links[Self.sectionID(entry.input)] != nil)
    }
    if document.findings.isEmpty {
      cards = "<p class=\"card\">No finding was raised.</p>"
    }
    return """
      <section id="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">Findings by urgency</h2>
      \(filters)
      \(cards)
      </section>
      """
  }

  /// Identifier of the section of an input.
  static func sectionID(_ input: Int) -> String { "input-\(input + 1)" }

  private var filters: Markup {
    guard document.findings.count > 3 else { return "" }
    var buttons: Markup =
      "<button type=\"button\" data-severity=\"\" aria-pressed=\"true\">all</button>"
    for severity in Severity.allCases.reversed() where document.counts[severity] > 0 {
      buttons += """
        <button type="button" data-severity="\(severity.rawValue)" aria-pressed="false">\
        \(severity.rawValue) \(document.counts[severity])</button>
        """
    }
    return """
      <div class="filters" role="group" aria-label="Filter the findings">\(buttons)
      <input type="search" placeholder="Vehicle, cell or word" aria-label="Show findings with these words">
      <span id="finding-count" class="muted small" role="status"></span></div>
      """
  }

  private func card(_ entry: ReportDocument.RankedFinding, isLinked: Bool) -> Markup {
    let finding = entry.finding
    let clock = document.inputs[entry.input].clock
    let part = document.part(entry)
    let place: Markup =
      isLinked
      ? "<a href=\"#\(Self.sectionID(entry.input))\">\(entry.identity)</a>" : "\(entry.identity)"
    let since = finding.since.map(clock.minute) ?? "standing, without an onset"
    let evidence = TableMarkup(
      caption: "Evidence",
      columns: [.text("Measure"), .number("Value"), .number("Compared to"), .text("Note")],
      rows: finding.evidence.map { item in
        [
          Markup(escaping: item.name),
          Markup(escaping: DisplayText.quantity(item.value, item.unit)),
          Markup(escaping: item.reference.map { DisplayText.quantity($0, item.unit) } ?? "–"),
          Markup(escaping: item.note),
        ]
      })
    let brief =
      (finding.since.map { "since \(clock.day($0)) · " } ?? "")
      + "risk \(DisplayText.number(finding.risk, significant: 3))"
    return """
      <details class="finding card" id="finding-\(entry.rank)" \
      data-severity="\(finding.severity.rawValue)"\(entry.rank == 1 ? " open" : "" as Markup)>
      <summary><span class="rank">\(entry.rank)</span>\(Severity.badge(finding.severity))
      <span class="what">\(finding.title)<small>\(entry.identity) · \(part)</small></span>
      <span class="brief">\(brief)</span></summary>
      <div class="body">
      <div class="action"><b>Recommended action</b>\(finding.recommendedAction)</div>
      <dl class="facts">
      <div><dt>Battery</dt><dd>\(place)</dd></div>
      <div><dt>Part</dt><dd>\(part)</dd></div>
      <div><dt>Since</dt><dd>\(since)</dd></div>
      <div><dt>Confidence</dt><dd>\(DisplayText.percent(finding.confidence))</dd></div>
      <div><dt>Control node</dt><dd>\(finding.controlNode.label)</dd></div>
      <div><dt>Kind</dt><dd><code>\(finding.kind)</code></dd></div>
      </dl>
      <p><span class="muted">Judged against</span> \(finding.baseline)</p>
      \(evidence.markup)
      </div>
      </details>

      """
  }
}

extension ControlNode {
  /// The node with the chain it belongs to, for people.
  package var label: String {
    switch self {
    case .particleIntegrity: "particle integrity (abnormal fade)"
    case .interfaceStability: "interface stability (abnormal fade)"
    case .electrodeIntegrity: "electrode integrity (abnormal fade)"
    case .cellInconsistency: "cell inconsistency (abnormal fade)"
    case .faultIsolation: "fault isolation (abnormal fade)"
    case .plating: "plating and dendrites (thermal runaway)"
    case .separator: "separator and internal short (thermal runaway)"
    case .hotSpot: "hot spot (thermal runaway)"
    case .gasPressure: "gas and pressure (thermal runaway)"
    case .thermalCoupling: "thermal coupling between cells (thermal runaway)"
    case .sensing: "measurement chain"
    }
  }
}
