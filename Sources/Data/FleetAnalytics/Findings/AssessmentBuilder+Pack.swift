// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What modules and the spread of the pack say.

import BatteryDomain

extension AssessmentBuilder {
  mutating func findPack() {
    let buckets = comparison.buckets.count
    guard buckets >= CellComparison.fewestBuckets else { return }
    if result.modules.count > 1 {
      for module in result.modules {
        guard let first = module.firstDeviation, let last = module.deviation else { continue }
        let cells = "\(module.firstCell)–\(module.lastCell)"
        report(
          FindingRules.moduleDrift, magnitude: abs(last - first), subject: .module(module.module),
          confidence: 0.8,
          title: "Cells \(cells) move together against the pack: "
            + "\(PlainText.millivolts(first)) at first, \(PlainText.millivolts(last)) now",
          baseline: "the median of the pack at like charge over the first \(edgeCount) of "
            + "\(buckets) buckets",
          evidence: [
            Evidence(
              name: "median deviation of the group from the pack", value: last * 1000, unit: "mV",
              reference: first * 1000, note: "reference: at first")
          ])
      }
    }
    guard let first = result.pack.firstSpread, let last = result.pack.lastSpread else { return }
    report(
      FindingRules.packSpread, magnitude: last, subject: .pack, confidence: 0.8,
      title: "Cells lie \(PlainText.number(last * 1000, digits: 0)) mV apart at low current, "
        + "\(PlainText.number(first * 1000, digits: 0)) mV at first",
      baseline: "the spread in the first tenth of the data",
      evidence: [
        Evidence(
          name: "median spread at low current", value: last * 1000, unit: "mV",
          reference: first * 1000, note: "reference: at first")
      ])
  }
}
