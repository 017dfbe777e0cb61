// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The first sentence of a report: what to do, and about which battery.

import BatteryDomain

extension ReportDocument.Headline {
  /// Says what to do about which battery first.
  ///
  /// - Parameters:
  ///   - findings: All findings in rank order.
  ///   - inputCount: Number of analysed inputs.
  ///   - failureCount: Number of files that could not be analysed.
  public init(
    findings: [ReportDocument.RankedFinding], inputCount: Int, failureCount: Int
  ) {
    let failed =
      failureCount == 0
      ? "" : " \(Self.files(failureCount)) could not be analysed: see the list of failures."
    guard let first = findings.first else {
      let text =
        inputCount == 0
        ? "Nothing was analysed." : "Nothing in \(Self.inputs(inputCount)) asks for action."
      self.init(
        severity: nil, text: text,
        detail: (inputCount == 0 ? "" : "No finding was raised.") + failed)
      return
    }
    let severity = first.finding.severity
    let peers = Self.identities(of: findings, severity: severity)
    let text =
      switch severity {
      case .stop: "Take \(peers) out of use now."
      case .act: "Inspect \(peers) within days."
      case .watch: "No urgent fault; look again at \(peers) at the next review."
      case .note: "Nothing asks for action; there are notes on \(peers)."
      }
    let others = findings.count - 1
    let rest =
      others == 0
      ? "" : " \(others) further finding\(others == 1 ? "" : "s") below."
    self.init(
      severity: severity, text: text,
      detail: "\(first.identity): \(first.finding.title)."
        + rest + failed)
  }

  private static func identities(
    of findings: [ReportDocument.RankedFinding], severity: Severity
  ) -> String {
    var seen: Set<Int> = []
    var names: [String] = []
    for entry in findings where entry.finding.severity == severity {
      if seen.insert(entry.input).inserted { names.append(entry.identity) }
    }
    switch names.count {
    case 0...1: return names.first ?? ""
    case 2: return "\(names[0]) and \(names[1])"
    case 3: return "\(names[0]), \(names[1]) and \(names[2])"
    default: return "\(names[0]), \(names[1]) and \(names.count - 2) more batteries"
    }
  }

  private static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

  private static func inputs(_ count: Int) -> String {
    count == 1 ? "the one input" : "\(count) inputs"
  }
}
