// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The findings of an analysis as a table for a terminal.

import BatteryDomain
import Foundation
import SafetyReport

/// How text is marked on a terminal.
struct TerminalStyle {
  /// Whether colours are wanted.
  var isColoured: Bool
  /// Columns of the terminal; nil where text is not cut.
  var width: Int?

  /// The style for the standard output stream: colours only on a terminal and without `NO_COLOR`
  /// (https://no-color.org).
  static var standardOutput: TerminalStyle {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let isPlain =
      !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb" || !isTerminal
    var size = winsize()
    let isSized =
      isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 60
    return TerminalStyle(isColoured: !isPlain, width: isSized ? Int(size.ws_col) : nil)
  }

  /// Text in the colour of a severity.
  func marked(_ text: String, _ severity: Severity?) -> String {
    guard isColoured else { return text }
    let code =
      switch severity {
      case .stop: "1;97;41"
      case .act: "1;31"
      case .watch: "33"
      case .note: "36"
      case nil: "32"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }

  /// Text in bold.
  func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}

/// The findings of an analysis as a table for a terminal.
struct AnalyzeTable {
  let document: ReportDocument
  let limit: Int
  let style: TerminalStyle

  /// The headline, the table and a line about the inputs.
  var text: String {
    var lines = [style.bold(style.marked(document.headline.text, document.headline.severity))]
    lines.append(document.headline.detail)
    if !document.findings.isEmpty { lines += ["", header] + rows }
    let hidden = document.findings.count - min(limit, document.findings.count)
    if hidden > 0 {
      lines.append("… and \(hidden) more; --limit \(document.findings.count) shows all")
    }
    let rowCount = document.inputs.reduce(0) { $0 + $1.rowCount }
    var summary = "\(counted(document.inputs.count, "input")), \(counted(rowCount, "row"))"
    if !document.failures.isEmpty {
      summary += "; not analysed: \(counted(document.failures.count, "file"))"
    }
    if !document.skipped.isEmpty {
      summary += "; passed over as no measurements: \(counted(document.skipped.count, "file"))"
    }
    lines += ["", summary]
    return lines.map { Self.plain($0) + "\n" }.joined()
  }

  private var shown: ArraySlice<ReportDocument.RankedFinding> { document.findings.prefix(limit) }

  private var widths: (rank: Int, battery: Int, part: Int) {
    (
      String(shown.count).count,
      min(24, max(7, shown.map { $0.identity.count }.max() ?? 0)),
      min(16, max(4, shown.map { document.part($0).count }.max() ?? 0))
    )
  }

  private var header: String {
    let width = widths
    return style.bold(
      "\(pad("#", width.rank))  \(pad("severity", 8))  \(pad("battery", width.battery))  "
        + "\(pad("part", width.part))  \(pad("since", 10))  risk  sure  finding")
  }

  private var rows: [String] {
    let width = widths
    return shown.map { entry in
      let finding = entry.finding
      let clock = document.inputs[entry.input].clock
      let lead =
        "\(pad(String(entry.rank), width.rank))  "
        + style.marked(pad(finding.severity.rawValue, 8), finding.severity)
        + "  \(pad(entry.identity, width.battery))  \(pad(document.part(entry), width.part))  "
        + "\(pad(finding.since.map(clock.day) ?? "–", 10))  "
        + "\(right(String(Int(finding.risk.rounded())), 4))  "
        + "\(right(String(Int((finding.confidence * 100).rounded())) + "%", 4))  "
      guard let columns = style.width else { return lead + finding.title }
      let used = width.rank + width.battery + width.part + 40
      return lead + cut(finding.title, max(20, columns - used))
    }
  }

  private func pad(_ text: String, _ width: Int) -> String {
    let text = cut(text, width)
    return text + String(repeating: " ", count: width - text.count)
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private func cut(_ text: String, _ width: Int) -> String {
    text.count > width ? text.prefix(width - 1) + "…" : text
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// Names come from files: control characters other than our own colours are taken out.
  private static func plain(_ line: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in line.unicodeScalars {
      let isControl = scalar.value < 32 || (127..<160).contains(scalar.value)
      result.append(isControl && scalar != "\u{1B}" ? "·" : scalar)
    }
    return String(result)
  }
}
