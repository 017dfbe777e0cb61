// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page of an identified single-particle model.

import CellModels
package import ReportPages

extension IdentificationPage {
  /// The page of a single-particle model.
  package static func page(_ document: SingleParticleDocument) -> ReportPage {
    let found = document.found
    let determined = found.findings.filter { $0.state == .determined }
    var tiles = [
      ReportPage.Tile("\(DisplayText.number(found.balancing.capacity / 3_600)) Ah", "capacity"),
      ReportPage.Tile(
        "\(determined.count) of \(found.findings.count)", "parameters that the data determine"),
    ]
    if !document.validations.isEmpty {
      let pooled = CircuitDocument.pooled(document.validations.map(\.error))
      tiles.append(
        ReportPage.Tile(
          "\(DisplayText.number(1e3 * pooled, significant: 3)) mV",
          "rms voltage error on recordings not fitted"))
    }
    var sections = [
      openCircuit(
        found.start.tests, circuit: nil, balancing: found.balancing, cell: found.parameters),
      parameters(document),
    ]
    if !document.validations.isEmpty { sections.append(validation(document.validations)) }
    return ReportPage(
      kind: "cell identification", title: "Single-particle model on \(document.base)",
      lead: "Identified from \(found.recordings.joined(separator: ", ")); the fit is within "
        + "\(DisplayText.number(1e3 * found.rootMeanSquare.fitted, significant: 3)) mV rms.",
      tiles: tiles, sections: sections, notes: found.warnings + found.notes)
  }

  private static func parameters(_ document: SingleParticleDocument) -> PageSection {
    func number(_ value: Double) -> Markup { "\(DisplayText.number(value, significant: 3))" }
    let window = TableMarkup(
      caption: "Stoichiometries",
      columns: [.text("electrode"), .number("value"), .number("± 95 %")],
      rows: document.window.map { row -> [Markup] in
        ["\(row.name)", number(row.value), number(row.span)]
      })
    let rows = document.found.findings.map { finding -> [Markup] in
      [
        "\(finding.quantity.rawValue)", number(finding.value),
        number(finding.interval.lowerBound), number(finding.interval.upperBound),
        number(finding.base), "\(SingleParticleDocument.words(finding.state))",
      ]
    }
    let values = TableMarkup(
      caption: "Losses",
      columns: [
        .text("parameter"), .number("value"), .number("low 95 %"), .number("high 95 %"),
        .number("base set"), .text("what the data say"),
      ], rows: rows)
    return PageSection(
      id: "parameters", title: "What the data determine",
      lead: "A number is determined when the data narrow what was assumed of the base set to a "
        + "third. Functions of stoichiometry or salt are given at half a host and at rest.",
      tables: [window, values])
  }
}
