// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A replay as a page: decisions, their evidence, and the cells from day to day.

import BatteryDomain
import Foundation
package import ReportPages

extension ReplayResult {
  /// The page of the replay.
  package var page: ReportPage {
    let safety = trips("safety")
    let recommended = trips("recommended")
    let first = (safety + recommended).min { $0.time < $1.time }
    let lead =
      first.map { "First warning: " + sentence($0) + "." }
      ?? "No warning: nothing went beyond its recommended limit."
    return ReportPage(
      kind: "replay of the onboard core", title: recording, lead: lead,
      severity: !safety.isEmpty ? .act : !recommended.isEmpty ? .watch : .note,
      tiles: [
        .init(DisplayText.count(rows), "rows"),
        .init("\(safety.count)", "beyond the safety limit"),
        .init("\(recommended.count)", "beyond the recommended limit"),
        .init("\(decisions.count { $0.kind == .opening })", "times opened"),
      ], sections: [decisionSection, cellSection] + evidenceSections,
      notes: [
        "The recorded current flows whatever the core commands: what it would have changed is not "
          + "shown. \(gaps) interruptions were replayed as \(looks) looks at the parked pack; "
          + "\(unknownGaps) had no row at rest beside them.",
        "Configuration: \(configuration), version \(version).",
      ])
  }

  private var decisionSection: PageSection {
    let columns: [TableMarkup.Column] = [
      .text("when"), .text("level"), .text("cause"), .text("where"), .number("value"),
      .number("limit"), .text("unit"), .number("times"), .number("limits version"),
      .text("asked for"),
    ]
    func isRecord(_ decision: ReplayDecision) -> Bool {
      decision.kind == .trip && decision.level == "operating"
    }
    let shown = decisions.filter { $0.kind != .correction }
    let warnings = shown.filter { !isRecord($0) }.map(row)
    let records = shown.filter(isRecord).map(row)
    let corrections = decisions.filter { $0.kind == .correction }.map { decision -> [Markup] in
      [
        moment(decision.time), decision.cause, DisplayText.percent(decision.limit ?? .nan),
        DisplayText.percent(decision.value ?? .nan),
      ].map { Markup(escaping: $0) }
    }
    var section = PageSection(
      id: "decisions", title: "Decisions",
      lead: warnings.isEmpty ? "Nothing went beyond a recommended limit." : nil,
      tables: [
        TableMarkup(caption: "Every warning with its cause", columns: columns, rows: warnings)
      ])
    section.folded = [
      (
        "Records beyond the operating limit",
        TableMarkup(caption: "Written to the log, no warning", columns: columns, rows: records)
      ),
      (
        "Corrections of the charge",
        TableMarkup(
          caption: "Corrections by one percent or more",
          columns: [.text("when"), .text("cause"), .number("before"), .number("after")],
          rows: corrections)
      ),
    ]
    return section
  }

  private func row(_ decision: ReplayDecision) -> [Markup] {
    [
      moment(decision.time), decision.kind == .trip ? decision.level : decision.kind.words,
      decision.cause, decision.subject, decision.value.map { DisplayText.number($0) } ?? "–",
      decision.limit.map { DisplayText.number($0) } ?? "–", decision.unit,
      "\(decision.repeats + 1)", decision.limitVersion.map { "\($0)" } ?? "–",
      decision.reactions.joined(separator: ", "),
    ].map { Markup(escaping: $0) }
  }

  /// Evidence of the first trips of each cause and subject, the highest levels first.
  private var evidenceSections: [PageSection] {
    let order = ["safety": 0, "recommended": 1, "operating": 2]
    let trips = decisions.enumerated().filter { $0.element.kind == .trip }
      .sorted { left, right in
        let a = (order[left.element.level] ?? 3, left.offset)
        let b = (order[right.element.level] ?? 3, right.offset)
        return a < b
      }.prefix(12)
    return trips.enumerated().map { place, entry in
      let decision = entry.element
      let rows = decision.before + decision.after
      let x = rows.map(\.seconds)
      func line(_ name: String, _ value: (ReplayEvidence) -> Double?) -> ChartSeries {
        ChartSeries(name, x: x, y: rows.map { value($0) ?? .nan })
      }
      var lines = [
        line("highest cell", \.highest), line("mean", \.mean), line("lowest cell", \.lowest),
      ]
      let isCell = decision.subject.hasPrefix("cell")
      if isCell { lines.append(line(decision.subject, \.value)) }
      var charts = [
        Chart.lines(
          ChartWords(
            name: "voltages-\(place)", title: "Cells around the decision",
            caption: "As the core judged them; the decision is at 0 s."),
          x: "time in s", y: "voltage in V", series: lines),
        Chart.lines(
          ChartWords(
            name: "current-\(place)", title: "Current around the decision",
            caption: "Discharge positive."),
          x: "time in s", y: "current in A", series: [line("current", \.current)]),
      ]
      if !isCell, decision.subject.hasPrefix("probe") {
        charts[0] = Chart.lines(
          ChartWords(
            name: "temperatures-\(place)", title: "Temperatures around the decision",
            caption: "As the core judged them; the decision is at 0 s."),
          x: "time in s", y: "temperature in °C",
          series: [
            ChartSeries("hottest", x: x, y: rows.map { ($0.temperature ?? .nan) - 273.15 }),
            ChartSeries(
              decision.subject, x: x, y: rows.map { ($0.value ?? .nan) - 273.15 }),
          ])
      }
      return PageSection(
        id: "evidence-\(place)", title: "\(decision.cause), \(decision.subject): \(decision.level)",
        lead: sentence(decision) + ".", charts: charts)
    }
  }

  private var cellSection: PageSection {
    let shown = standing.prefix(3).map(\.number)
    let start = days.first?.time ?? 0
    let x = days.map { ($0.time - start) / 86_400 }
    let charts =
      cells.count > 2 && days.count > 1
      ? [
        Chart.lines(
          ChartWords(
            name: "cells", title: "Charge of cells against the median of the pack",
            caption: "Daily means by the filters of the core; the three cells that end lowest."),
          x: "days", y: "charge in %",
          series: shown.map { number in
            ChartSeries("cell \(number)", x: x, y: days.map { 100 * $0.charges[number - 1] })
          }, isWide: true)
      ] : []
    let rows = standing.map { cell -> [Markup] in
      [
        "\(cell.number)", String(format: "%+.2f %%", 100 * cell.firstCharge),
        String(format: "%+.2f %%", 100 * cell.lastCharge),
        String(format: "%+.2f %%", 100 * cell.change),
        String(format: "%.2f %%", 100 * cell.deviation),
        String(format: "%.0f %%", 100 * cell.lowestShare), String(format: "%.2f", cell.capacity),
        String(format: "%.2f", cell.resistanceRatio), String(format: "%.2f", 1_000 * cell.leak),
        cell.shortResistance.map { DisplayText.number($0, significant: 3) } ?? "–",
      ].map { Markup(escaping: $0) }
    }
    var section = PageSection(
      id: "cells", title: "Cells",
      lead: "Estimates of the difference filters, lowest charge first.", charts: charts)
    section.folded = [
      (
        "All cells",
        TableMarkup(
          caption: "Cells by the estimates of the core",
          columns: [
            .number("cell"), .number("first day"), .number("last day"), .number("change"),
            .number("deviation"), .number("lowest in"), .number("capacity in Ah"),
            .number("resistance over new"), .number("leak in mA"), .number("short in Ω"),
          ], rows: rows)
      )
    ]
    return section
  }
}
