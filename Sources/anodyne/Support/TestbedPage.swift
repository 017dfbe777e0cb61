// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page of a suite: detectors side by side, faults, controller.

import BatteryDomain
import Foundation
import ReportPages
import Testbed

/// The page of a suite.
struct TestbedPage {
  let name: String
  let card: Scorecard
  let records: [RunRecord]

  /// The page.
  var page: ReportPage {
    let lead =
      "\(card.runs) simulated packs, "
      + String(format: "%.0f vehicle-days; ", card.days)
      + card.detectors.map { "\($0.detector) named \($0.detected.count) of \($0.detected.total)" }
      .joined(separator: ", ") + "."
    var first = PageSection(
      id: "detectors", title: "Detectors",
      lead: "Every detector saw the same readings of the same vehicles.", tables: [overview])
    let shorts = shortTable
    if !shorts.rows.isEmpty { first.tables.append(shorts) }
    let sections = card.detectors.map { score in
      PageSection(
        id: "detector-\(score.detector)", title: score.detector, tables: [faultTable(score)])
    }
    return ReportPage(
      kind: "testbed", title: name, lead: lead,
      tiles: [
        .init("\(card.runs)", "runs"), .init(String(format: "%.0f", card.days), "vehicle-days"),
        .init("\(card.detectors.count)", "detectors"),
      ],
      sections: [first] + sections + [controller],
      notes: [
        "All packs are simulated; rates of faults in real fleets are not.",
        "A false alarm is a verdict while nothing is wrong; a verdict of another class than the "
          + "fault that is present counts as named otherwise. The upper bound is the exact "
          + "one-sided 95 % bound of a Poisson count over days without a fault.",
        "Attainable: an ideal detector that knew the signal of the short and everything but the "
          + "noise of the channel would reach the same evidence two hours before.",
        "Intervals of means are 95 % by bootstrap over vehicles; those of shares are Wilson's.",
      ])
  }

  private var overview: TableMarkup {
    table(
      "Detectors on the same runs",
      [
        .text("detector"), .number("named"), .number("95 % interval"), .number("named otherwise"),
        .number("false alarms"), .number("per 1,000 days"), .number("95 % upper bound"),
      ],
      card.detectors.map { score in
        [
          score.detector, share(score.detected),
          score.detectedInterval.map { String(format: "%.1f %%", $0 * 100) }
            .joined(separator: "–"), "\(score.misnamed)", "\(score.falseAlarms)",
          String(format: "%.3g", score.falseAlarmRate),
          String(format: "%.3g", score.falseAlarmUpperBound),
        ]
      })
  }

  /// Internal shorts of all detectors, by chemistry: the baselines beside ours.
  private var shortTable: TableMarkup {
    table(
      "Internal shorts",
      [
        .text("chemistry"), .text("detector"), .number("named"), .number("right cell"),
        .number("precision"), .number("2 h before runaway"), .number("attainable"),
        .number("lead to venting, median"), .number("lead to runaway, median"),
        .number("Ω at detection"), .number("Ah leaked"),
      ],
      card.detectors.flatMap { score in
        score.classes.filter { $0.fault == .internalShort }.map { (score.detector, $0) }
      }.sorted { ($0.1.chemistry.rawValue, $0.0) < ($1.1.chemistry.rawValue, $1.0) }
        .map { detector, row in
          [
            row.chemistry.label, detector, share(row.detected), "\(row.isolated.count)",
            share(row.precision), share(row.warnedTwoHours), "\(row.attainableTwoHours.count)",
            row.leadToVenting.last.map { DisplayText.duration($0) } ?? "–",
            row.leadToRunaway.last.map { DisplayText.duration($0) } ?? "–",
            middle(row.shortResistance), middle(row.leakedAmpereHours),
          ]
        })
  }

  private func faultTable(_ score: DetectorScore) -> TableMarkup {
    table(
      "By fault and chemistry",
      [
        .text("fault"), .text("chemistry"), .number("named"), .number("95 % interval"),
        .number("right part"), .number("precision"), .number("median delay"),
        .number("longest delay"),
      ],
      score.classes.map { row in
        [
          row.fault.rawValue, row.chemistry.label, share(row.detected),
          String(
            format: "%.0f–%.0f %%", row.detected.interval.lowerBound * 100,
            row.detected.interval.upperBound * 100), "\(row.isolated.count)",
          share(row.precision), row.delay.first.map { time($0) } ?? "–",
          row.delay.last.map { time($0) } ?? "–",
        ]
      })
  }

  private var controller: PageSection {
    let score = card.controller
    let deadlines = table(
      "Protective action against its deadline",
      [
        .text("danger"), .number("deadline"), .number("in time"), .number("median latency"),
        .number("longest"),
      ],
      score.deadlines.map { row in
        [
          row.cause.rawValue, time(row.deadline), share(row.met),
          row.latency.map { time($0.median) } ?? "–", row.latency.map { time($0.largest) } ?? "–",
        ]
      })
    let estimation = table(
      "State of charge, after the first hour",
      [
        .text("chemistry"), .number("RMSE, mean and 95 %"), .number("largest error"),
        .number("settles below 2 %"), .number("median time to settle"),
      ],
      score.estimation.map { row in
        [
          row.chemistry.label,
          row.rootMeanSquare.map { TestbedText.spread($0, times: 100) + " %" } ?? "–",
          row.largest.map { String(format: "%.1f %%", $0.largest * 100) } ?? "–",
          share(row.converged), row.convergence.map { time($0.median) } ?? "–",
        ]
      })
    var facts = [
      PageFact("wrong trips, recovered", "\(score.recovered.count) of \(score.recovered.total)")
    ]
    if let value = score.recovery {
      facts.append(PageFact("time to recover, median", time(value.median)))
    }
    if let value = score.balancing {
      facts.append(
        PageFact("heat of balancing, a day", TestbedText.spread(value, times: 1) + " Wh"))
    }
    if let value = score.temperatureSpread {
      facts.append(
        PageFact(
          "temperature spread, median and largest",
          String(format: "%.1f and %.1f K", value.median, value.largest)))
    }
    return PageSection(
      id: "controller", title: "Controller", facts: facts, tables: [deadlines, estimation])
  }

  private func table(
    _ caption: String, _ columns: [TableMarkup.Column], _ rows: [[String]]
  ) -> TableMarkup {
    TableMarkup(
      caption: caption, columns: columns, rows: rows.map { $0.map { Markup(escaping: $0) } })
  }

  private func share(_ share: ScoredShare) -> String {
    share.total > 0 ? "\(share.count)/\(share.total)" : "–"
  }

  private func middle(_ quantiles: [Double]) -> String {
    quantiles.count == 3 ? DisplayText.number(quantiles[1], significant: 2) : "–"
  }

  /// Short times in milliseconds, as those of a short outside.
  private func time(_ seconds: Double) -> String {
    seconds < 1 ? String(format: "%.3g ms", seconds * 1e3) : DisplayText.duration(seconds)
  }
}
