// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page of a design study: probabilities, times, and what safety costs.

import BatteryDomain
import Foundation
package import PackModels
package import ReportPages

/// A variant of a study with what it costs.
package struct StudyRow: Sendable {
  /// What the runs gave.
  package var result: StudyResult
  /// Mass of barriers and fillings, in kg.
  package var mass: Double
  /// Warming of the hottest cell by an hour of 1C, in kelvin.
  package var warming: Double
  /// Whether no other variant beats it in propagation, mass and warming together.
  package var isOnFront = false

  /// Creates the rows of a study, with the front marked.
  package static func rows(_ results: [StudyResult]) -> [StudyRow] {
    var rows = results.map { result in
      StudyRow(
        result: result, mass: result.variant.pack.addedMass,
        warming: result.variant.pack.normalWarming)
    }
    let costs = rows.map { [$0.result.meanCells, $0.mass, ($0.warming * 100).rounded() / 100] }
    for index in ParetoFront.indices(costs) { rows[index].isOnFront = true }
    return rows
  }
}

/// The page of a design study.
package struct StudyPage: Sendable {
  /// Name of the pack.
  package var name: String
  /// The variants.
  package var rows: [StudyRow]

  /// Creates the page of a study.
  package init(name: String, rows: [StudyRow]) {
    self.name = name
    self.rows = rows
  }

  /// The safest variant: fewest cells lost, then least mass.
  package var safest: StudyRow? {
    rows.min {
      ($0.result.meanCells, $0.mass, $0.warming) < ($1.result.meanCells, $1.mass, $1.warming)
    }
  }

  /// What the study says: what to choose, what it buys against the first variant, what it costs.
  package var lead: String {
    guard let safest, let first = rows.first else { return "No variant was run." }
    let p = safest.result.propagation
    let chance = Self.chance(p)
    let runs = safest.result.runs.count
    guard rows.count > 1 else {
      return "As described, a second cell follows in \(chance) of \(runs) runs. Vary a measure in "
        + "study.vary to see what helps."
    }
    if first.result.propagation.value == 0 {
      let worst = rows.max { $0.result.propagation.value < $1.result.propagation.value } ?? first
      let other =
        worst.result.propagation.value > 0
        ? "avoid \(worst.result.variant.label), where it follows in "
          + "\(Self.chance(worst.result.propagation))"
        : "nor with any other variant"
      return
        "The first variant, \(first.result.variant.label), already holds: a second cell follows in "
        + "\(Self.chance(first.result.propagation)) of \(runs) runs; \(other)."
    }
    if safest.result.propagation.value >= 0.999 * first.result.propagation.value,
      safest.result.meanCells >= 0.95 * first.result.meanCells
    {
      return "No variant helps: with \(safest.result.variant.label) a second cell still follows in "
        + "\(chance) of \(runs) runs. Try thicker insulation, a vent channel (venting.jet_share), or "
        + "`anodyne pack graph`."
    }
    let mass = safest.mass - first.mass
    let weight = String(format: "%.2f kg %@", abs(mass), mass < 0 ? "less" : "more")
    var text =
      "Choose \(safest.result.variant.label): a second cell follows in \(chance) of \(runs) runs, instead "
      + "of \(Self.chance(first.result.propagation)) with \(first.result.variant.label). It weighs \(weight) and "
      + (abs(safest.warming - first.warming) < 0.05
        ? String(format: "cools as well (%.1f K in an hour of 1C).", safest.warming)
        : String(
          format: "an hour of 1C warms the hottest cell by %.1f instead of %.1f K.", safest.warming,
          first.warming))
    if p.value > 0 {
      text += " That is not safe yet."
    } else if p.interval.upperBound > 0.05 {
      text += " More runs would narrow the interval (--runs)."
    }
    return text
  }

  /// A proportion with its interval: `4 % (95 % interval 1 to 13 %)`.
  private static func chance(_ p: Proportion) -> String {
    String(
      format: "%.0f %% (95 %% interval %.0f to %.0f %%)", p.value * 100,
      p.interval.lowerBound * 100, p.interval.upperBound * 100)
  }

  /// The page.
  package var page: ReportPage {
    let front = rows.filter(\.isOnFront)
    let points = rows.map { $0.result.propagation.value * 100 }
    var charts: [Chart] = []
    for (name, title, unit, cost) in [
      ("mass", "Safety against mass", "added mass in kg", rows.map(\.mass)),
      ("cooling", "Safety against cooling", "warming by an hour of 1C in K", rows.map(\.warming)),
    ] {
      let order = front.indices.sorted {
        (name == "mass" ? front[$0].mass : front[$0].warming)
          < (name == "mass" ? front[$1].mass : front[$1].warming)
      }
      charts.append(
        Chart(
          name: name, title: title,
          caption:
            "Each point is a variant. The line joins those that no other beats in cells lost, mass "
            + "and cooling together.",
          traces: [
            .points(
              "variants", x: .significant(cost), y: .significant(points),
              color: .one(ColourScale.line(1)), size: 8),
            .line(
              "not beaten",
              x: .significant(order.map { name == "mass" ? front[$0].mass : front[$0].warming }),
              y: .significant(order.map { front[$0].result.propagation.value * 100 }),
              color: ColourScale.line(0)),
          ], layout: ChartLayout(x: .init(unit), y: .init("runs with a second cell in %"))))
    }
    let table = TableMarkup(
      caption: "Variants; an asterisk marks those that no other beats",
      columns: [
        .text("variant"), .number("runs"), .number("second cell"), .number("95 % interval"),
        .number("whole pack"), .number("5 min kept"), .number("2 h kept"),
        .number("median to second"), .number("mean cells lost"), .number("mass"),
        .number("warming at 1C"),
      ],
      rows: rows.map { row in
        let r = row.result
        return [
          r.variant.label + (row.isOnFront ? " *" : ""), "\(r.runs.count)",
          Self.percent(r.propagation.value),
          "\(Self.percent(r.propagation.interval.lowerBound))–"
            + Self.percent(r.propagation.interval.upperBound),
          Self.percent(r.wholePack.value), Self.percent(r.fiveMinutes.value),
          Self.percent(r.twoHours.value),
          r.medianTimeToSecondCell.map(PackWords.duration) ?? "–",
          String(format: "%.1f", r.meanCells), String(format: "%.2f kg", row.mass),
          String(format: "%.1f K", row.warming),
        ].map { Markup(escaping: $0) }
      })
    let measures = Set(rows.flatMap { $0.result.variant.pack.measures })
    let maturity = TableMarkup(
      caption: "Maturity of the measures (IMRL 1–5, of the strategy that the review grades)",
      columns: [.text("measure"), .text("graded as"), .text("IMRL"), .text("control nodes")],
      rows: measures.sorted { $0.words < $1.words }.map { measure in
        [
          measure.words, measure.strategy.map { "\($0.name): \($0.variant)" } ?? "–",
          measure.maturity, measure.nodes.map(\.label).joined(separator: ", "),
        ].map { Markup(escaping: $0) }
      })
    let rules = Set(rows.flatMap { $0.result.variant.pack.couplingWarnings })
    let warnings = TableMarkup(
      caption: "What the measures do to each other",
      columns: [.text("measure"), .text("with"), .text("effect"), .text("reason")],
      rows: rules.sorted { $0.first < $1.first }.map {
        [$0.first, $0.second, $0.effect.rawValue, $0.reason].map { Markup(escaping: $0) }
      })
    return ReportPage(
      kind: "pack study", title: name, lead: lead,
      severity: (safest?.result.propagation.value ?? 0) > 0.5 ? .act : .note,
      tiles: [
        .init("\(rows.count)", "variants"),
        .init("\(rows.first?.result.runs.count ?? 0)", "runs each"),
        .init("\(front.count)", "not beaten"),
      ],
      sections: [
        PageSection(id: "pareto", title: "What safety costs", charts: charts),
        PageSection(id: "variants", title: "Variants", tables: [table]),
        PageSection(id: "measures", title: "Measures", tables: [maturity, warnings]),
      ],
      notes: [
        "The second cell stands for the hazard of the five-minute and two-hour criteria. Intervals "
          + "are Wilson's and cover the tolerances of the file only, not errors of the kinetics."
      ])
  }

  private static func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
}
