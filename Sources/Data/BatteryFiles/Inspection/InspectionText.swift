// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The summary of a file as text for a terminal.

import BatteryDomain
import Foundation
import Quantities

/// The summary of a file as text for a terminal.
public enum InspectionText {
  /// Renders a summary in lines of at most about 100 characters.
  ///
  /// Per-cell and per-probe columns are folded into one line each.
  ///
  /// - Parameter summary: The summary of one file.
  /// - Returns: Lines, each with its end.
  public static func render(_ summary: FileSummary) -> String {
    var lines = ["\(summary.file)"]
    let wrapped =
      summary.wrappings.isEmpty ? "" : ", in \(summary.wrappings.joined(separator: "/"))"
    lines.append("  format   \(summary.formatTitle) (\(summary.format)\(wrapped))")
    for table in summary.tables { lines += render(table) }
    for note in summary.notes { lines.append("  note     \(note)") }
    if !summary.ignoredColumns.isEmpty {
      let shown = summary.ignoredColumns.prefix(8).joined(separator: ", ")
      let more = summary.ignoredColumns.count > 8 ? ", …" : ""
      lines.append("  not read \(shown)\(more)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func render(_ table: TableSummary) -> [String] {
    var lines = [
      "  table    \(table.identity): \(table.rows) rows × \(table.columns.count) columns"
    ]
    if let start = table.start, let end = table.end {
      var line = "  time     "
      line +=
        table.timeReference == .unixEpoch
        ? "\(date(start)) to \(date(end)) UTC" : "\(number(start)) s to \(number(end)) s"
      line += ", \(span(end - start))"
      if let interval = table.interval { line += ", typically every \(span(interval))" }
      lines.append(line)
    }
    if table.cells > 0 || table.probes > 0 {
      lines.append("  pack     \(table.cells) cells, \(table.probes) temperature probes")
    }
    if let cycles = table.cycles { lines.append("  cycles   \(cycles)") }
    if let limit = table.gaps.limit {
      var line = "  gaps     \(table.gaps.count) longer than \(span(limit))"
      if let longest = table.gaps.longest.first {
        line += ", longest \(span(longest.seconds)) before row \(longest.row)"
      }
      lines.append(line)
    }
    lines.append(
      "  order    \(table.duplicates) repeated times, \(table.outOfOrder) backward steps")
    lines.append(
      "  \(pad("column", 26)) \(pad("quantity", 24)) \(pad("range", 26)) not usable")
    var index = 0
    while index < table.columns.count {
      var group = [table.columns[index]]
      if let quantity = group[0].quantity,
        QuantityCatalogue.descriptor(of: quantity).shape != .scalar
      {
        while index + group.count < table.columns.count,
          table.columns[index + group.count].quantity == quantity
        {
          group.append(table.columns[index + group.count])
        }
      }
      lines.append("  " + render(group))
      index += group.count
    }
    return lines
  }

  private static func render(_ group: [TableSummary.Column]) -> String {
    let first = group[0]
    let name =
      group.count == 1 ? first.name : "\(first.name) … \(group[group.count - 1].name)"
    let quantity = first.quantity?.rawValue ?? "—"
    var range = "no usable value"
    let minima = group.compactMap(\.minimum)
    let maxima = group.compactMap(\.maximum)
    if let low = minima.min(), let high = maxima.max() {
      let shown = display(first.unit)
      range = "\(number(low - shown.shift)) to \(number(high - shown.shift)) \(shown.symbol)"
    }
    var bad: [String] = []
    func count(_ path: KeyPath<TableSummary.Column, Int>, _ word: String) {
      let total = group.reduce(0) { $0 + $1[keyPath: path] }
      if total > 0 { bad.append("\(total) \(word)") }
    }
    count(\.missing, "missing")
    count(\.invalid, "invalid")
    count(\.abnormal, "abnormal")
    count(\.outOfRange, "out of range")
    count(\.notNumeric, "not numeric")
    let line =
      "\(pad(name, 26)) \(pad(quantity, 24)) \(pad(range, 26)) \(bad.joined(separator: ", "))"
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  /// Temperatures are shown in degrees Celsius, everything else in SI.
  private static func display(_ unit: String) -> (symbol: String, shift: Double) {
    unit == "K" ? ("°C", PhysicalConstants.celsiusZero) : (unit, 0)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    let cut = text.count > width ? text.prefix(width - 1) + "…" : text[...]
    return cut + String(repeating: " ", count: max(0, width - cut.count))
  }

  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "—" }
    if value == value.rounded(), value.magnitude < 1e12 {
      return String(format: "%.0f", value == 0 ? 0 : value)
    }
    return String(format: "%.6g", value)
  }

  private static func date(_ seconds: Double) -> String {
    guard seconds.magnitude < 1e11 else { return number(seconds) }
    let style = Date.ISO8601FormatStyle(
      dateSeparator: .dash, dateTimeSeparator: .space, timeSeparator: .colon,
      timeZone: .gmt)
    return Date(timeIntervalSince1970: seconds).formatted(style).replacing("Z", with: "")
  }

  /// A duration in the largest unit that leaves a number above one.
  static func span(_ seconds: Double) -> String {
    let units: [(limit: Double, factor: Double, name: String)] = [
      (2 * 86_400, 86_400, "days"), (2 * 3600, 3600, "h"), (120, 60, "min"), (0, 1, "s"),
    ]
    let unit = units.first { seconds.magnitude >= $0.limit } ?? units[3]
    return "\(String(format: "%.4g", seconds / unit.factor)) \(unit.name)"
  }
}
