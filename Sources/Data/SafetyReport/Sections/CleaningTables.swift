// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What cleaning changed, as tables of a page.

import BatteryDomain
import Cleaning
import ReportPages

/// What cleaning changed: counts by rule, raw examples, gaps and lost channels.
struct CleaningTables {
  let summary: CleaningSummary
  let clock: SourceClock

  var markup: Markup {
    let share =
      summary.samples > 0 ? Double(summary.samplesSetAside) / Double(summary.samples) : 0
    let brief = """
      \(DisplayText.count(summary.rows)) rows, \(DisplayText.count(summary.rejectedRows)) skipped; \
      \(DisplayText.count(summary.samplesSetAside)) of \(DisplayText.count(summary.samples)) \
      samples set aside (\(DisplayText.percent(share))); \(DisplayText.count(summary.gapCount)) \
      gaps. The raw values stay in the source; nothing else was changed.
      """
    return PageSection.fold(
      "Cleaning: what was set aside or changed",
      "<p>\(brief)</p>\(counts.markup)\(losses.markup)\(examples.markup)\(gaps.markup)")
  }

  private var counts: TableMarkup {
    TableMarkup(
      caption: "Counts by rule and quantity.",
      columns: [.text("Rule"), .text("Quantity"), .number("Count"), .text("Most concerned")],
      rows: summary.counts.prefix(30).map { count in
        let elements = count.elements.prefix(4)
          .map { "\($0.element + 1) (\(DisplayText.count($0.count)))" }.joined(separator: ", ")
        let isVector = count.quantity.map { QuantityCatalogue.descriptor(of: $0).shape != .scalar }
        return [
          Markup(escaping: Self.words(count.rule.rawValue)),
          Markup(escaping: name(count.quantity)), Markup(escaping: DisplayText.count(count.count)),
          Markup(escaping: isVector == true ? "number \(elements)" : "–"),
        ]
      })
  }

  private var losses: TableMarkup {
    TableMarkup(
      caption: "Channels that were good and then gave nothing usable for long.",
      columns: [
        .text("Channel"), .text("Since"), .number("Rows"), .number("Last good"),
        .text("At the end"),
      ],
      rows: summary.losses.prefix(20).map { loss in
        [
          Markup(escaping: "\(name(loss.quantity)) \(loss.element + 1)"),
          Markup(escaping: clock.minute(loss.since)),
          Markup(escaping: DisplayText.count(loss.rows)),
          Markup(escaping: value(loss.lastGood, loss.quantity)),
          loss.lasts ? "still lost" : "came back",
        ]
      })
  }

  private var examples: TableMarkup {
    TableMarkup(
      caption: "Examples with their raw values.",
      columns: [
        .text("Rule"), .text("Channel"), .number("Row"), .text("Time"), .number("In the source"),
        .number("Raw in SI"), .number("Used"), .text("Why"),
      ],
      rows: summary.examples.prefix(24).map { example in
        let isVector =
          example.quantity.map { QuantityCatalogue.descriptor(of: $0).shape != .scalar } ?? false
        return [
          Markup(escaping: Self.words(example.rule.rawValue)),
          Markup(
            escaping: name(example.quantity) + (isVector ? " \(example.element + 1)" : "")),
          Markup(escaping: DisplayText.count(example.row + 1)),
          Markup(escaping: example.time.map(clock.minute) ?? "–"),
          number(example.sourceValue, example) { DisplayText.number($0, significant: 6) },
          number(example.rawValue, example) { value($0, example.quantity) },
          number(example.usedValue, example) { value($0, example.quantity) },
          Markup(escaping: example.note),
        ]
      })
  }

  private var gaps: TableMarkup {
    TableMarkup(
      caption: "The longest gaps.",
      columns: [.text("From"), .text("To"), .text("Length")],
      rows: summary.longestGaps.prefix(8).map { gap in
        [
          Markup(escaping: clock.minute(gap.start)), Markup(escaping: clock.minute(gap.end)),
          Markup(escaping: DisplayText.duration(gap.length)),
        ]
      })
  }

  /// A number of an example; rules about rows have times there, which the time column shows.
  private func number(
    _ value: Double?, _ example: CleaningSummary.Example, _ text: (Double) -> String
  ) -> Markup {
    guard let value, let quantity = example.quantity, quantity != .time else { return "–" }
    return Markup(escaping: text(value))
  }

  private func name(_ quantity: QuantityKey?) -> String {
    quantity.map { QuantityCatalogue.descriptor(of: $0).name } ?? "row"
  }

  private func value(_ value: Double, _ quantity: QuantityKey?) -> String {
    DisplayText.quantity(
      value, quantity.map { QuantityCatalogue.descriptor(of: $0).unit } ?? "")
  }

  private static func words(_ name: String) -> String { name.replacing("_", with: " ") }
}
