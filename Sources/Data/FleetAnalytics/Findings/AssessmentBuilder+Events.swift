// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the vehicle's own alarms and its insulation monitor say.

import BatteryDomain

extension AssessmentBuilder {
  mutating func findEvents() {
    findAlarms()
    findInsulation()
  }

  private mutating func findAlarms() {
    guard let level = result.alarms.map(\.level).max() else { return }
    let highest = result.alarms.filter { $0.level == level }
    guard let first = highest.first, let last = highest.last else { return }
    let total = result.alarms.reduce(0) { $0 + $1.rows }
    let duration = highest.reduce(0) { $0 + $1.span.duration }
    report(
      FindingRules.alarmHistory, magnitude: Double(level), subject: .pack,
      since: first.span.start, confidence: 0.9,
      title: "The vehicle raised \(highest.count) alarm\(highest.count == 1 ? "" : "s") of level "
        + "\(level), first \(text.date(first.span.start)), last \(text.date(last.span.start))",
      baseline: "no alarm",
      evidence: [
        Evidence(
          name: "episodes of level \(level)", value: Double(highest.count), unit: "",
          reference: 0, note: "together \(PlainText.duration(duration))"),
        Evidence(
          name: "rows with any alarm", value: Double(total), unit: "", reference: 0,
          note: "of \(analysis.alarms.reportedRows) rows with an alarm level"),
      ])
  }

  private mutating func findInsulation() {
    guard let usual = result.pack.insulationBaseline, usual > 0,
      let low = result.pack.insulationMinimum
    else { return }
    let below = result.series.buckets.insulation.enumerated().filter {
      ($0.element ?? usual) < FindingRules.insulationShare * usual
    }
    guard low < FindingRules.insulationShare * usual, let first = below.first else { return }
    report(
      FindingRules.insulationFall, magnitude: 1 - low / usual, subject: .pack,
      since: result.series.buckets.time[first.offset], confidence: 0.6,
      title: "The insulation reading fell to \(PlainText.percent(low / usual)) of its usual value, "
        + "on \(below.count) of \(buckets.count) buckets of \(PlainText.duration(interval))",
      baseline: "the vehicle's own usual reading; its scaling is not known, so its size says "
        + "nothing",
      evidence: [
        Evidence(
          name: "lowest reading in three successive rows", value: low / usual * 100, unit: "%",
          reference: 100, note: "of the usual reading")
      ])
  }
}
