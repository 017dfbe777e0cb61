// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A replay as text: every decision with its evidence.

public import Foundation
import ReportPages

extension ReplayResult {
  /// The replay in lines; evidence is the row of the decision and the ends of what lies around it.
  ///
  /// - Parameter allEvidence: Whether every row of evidence is printed.
  /// - Returns: The text, ended by a line break.
  public func text(allEvidence: Bool = false) -> String {
    var text = "\(recording) with \(configuration), version \(version)\n"
    text += "\(rows) rows"
    if let first = span.first, let last = span.last {
      text += " over \(DisplayText.duration(last - first))"
    }
    if skipped > 0 { text += ", \(skipped) left out because their time does not go on" }
    if gaps > 0 {
      text += ", \(gaps) interruptions (\(looks) looks at the parked pack, \(unknownGaps) unknown)"
    }
    text += "\n"
    let counts = ["operating", "recommended", "safety"].map { "\(trips($0).count) \($0)" }
    text += "trips: " + counts.joined(separator: ", ")
    text += "; openings: \(decisions.count { $0.kind == .opening })"
    text += "; corrections of charge: \(decisions.count { $0.kind == .correction })\n"
    for decision in decisions { text += lines(decision, allEvidence) }
    if dropped > 0 { text += "\(dropped) further decisions were not kept\n" }
    text += standingLines()
    return text
  }

  /// A moment of the recording in words.
  func moment(_ time: Double) -> String {
    isWallClock ? DisplayText.minute(time) : String(format: "%.1f s", time)
  }

  private func lines(_ decision: ReplayDecision, _ allEvidence: Bool) -> String {
    var text = "\n" + sentence(decision) + "\n"
    if !decision.reactions.isEmpty {
      text += "  asked for: " + decision.reactions.joined(separator: ", ")
      if let deadline = decision.deadline { text += String(format: " within %.1f s", deadline) }
      text += "\n"
    }
    guard decision.kind != .correction else { return text }
    let before = allEvidence ? decision.before[...] : decision.before.suffix(3)
    let after = allEvidence ? decision.after[...] : decision.after.prefix(2)
    for row in before + after { text += "  " + Self.line(row) + "\n" }
    return text
  }

  /// What was decided, where, by which number against which limit.
  func sentence(_ decision: ReplayDecision) -> String {
    let when = moment(decision.time)
    switch decision.kind {
    case .trip:
      var words = "\(when)  \(decision.level): \(decision.cause), \(decision.subject)"
      if let value = decision.value, let limit = decision.limit {
        words +=
          ", \(DisplayText.number(value)) against \(DisplayText.number(limit)) \(decision.unit)"
      }
      if let version = decision.limitVersion { words += " (limits version \(version))" }
      if decision.repeats > 0 {
        words += ", \(decision.repeats) more until \(moment(decision.last))"
      }
      return words
    case .opening: return "\(when)  contactors open because of \(decision.cause)"
    case .safeState: return "\(when)  safe state: \(decision.cause)"
    case .correction:
      return "\(when)  charge corrected by \(decision.cause): "
        + String(
          format: "%.1f %% to %.1f %%", 100 * (decision.limit ?? 0), 100 * (decision.value ?? 0))
    }
  }

  static func line(_ row: ReplayEvidence) -> String {
    func field(_ name: String, _ value: Double?, _ format: String) -> String {
      "\(name) " + (value.map { String(format: format, $0) } ?? "not believed")
    }
    var text = String(format: "%+8.1f s  ", row.seconds)
    text += field("current", row.current, "%7.1f A") + "  "
    if let value = row.value { text += field("channel", value, "%.4f") + "  " }
    text += field("mean", row.mean, "%.4f V") + "  "
    text += field("lowest", row.lowest, "%.4f V") + "  "
    text += field("highest", row.highest, "%.4f V") + "  "
    if let hot = row.temperature { text += String(format: "hottest %.1f °C  ", hot - 273.15) }
    return text + String(format: "charge %.1f %%", 100 * row.stateOfCharge)
  }

  /// Cells in the order of how far they stand below, or leak against, the others.
  public var standing: [ReplayCell] {
    cells.sorted { ($0.lastCharge, $0.number) < ($1.lastCharge, $1.number) }
  }

  private func standingLines() -> String {
    guard cells.count > 2 else { return "" }
    var text = "\ncells lowest in charge against the median of the pack, by the core's filters\n"
    text += "  cell  first day  last day  ± at the end  lowest in  capacity  resistance  leak\n"
    for cell in standing.prefix(5) {
      text += String(
        format: "  %4d  %+8.2f %%  %+7.2f %%  %11.2f %%  %7.0f %%  %5.1f Ah  %9.2f  %.1f mA\n",
        cell.number, 100 * cell.firstCharge, 100 * cell.lastCharge, 100 * cell.deviation,
        100 * cell.lowestShare, cell.capacity, cell.resistanceRatio, 1_000 * cell.leak)
    }
    return text
  }

  /// The replay as JSON, keys in words joined by underscores.
  ///
  /// - Throws: `EncodingError` if a number is not finite.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
