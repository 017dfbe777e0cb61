// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming cleaner: what was changed so far.

import BatteryDomain

extension StreamCleaner {
  /// Rows without a usable sample after which a channel counts as lost.
  static let lossRows = 30

  /// What was changed so far.
  ///
  /// - Complexity: O(columns × rules).
  public var summary: CleaningSummary {
    var summary = CleaningSummary()
    summary.rows = rows
    summary.rejectedRows = rejected
    summary.samples = (rows - rejected) * plans.filter { $0 != nil }.count
    summary.gapCount = order.gapCount
    summary.gapTime = order.gapTime
    summary.longestGaps = order.longestGaps
    summary.usualInterval = order.intervals.median
    for rule in CleaningRule.allCases { summary.counts += countsByQuantity(rule) }
    summary.counts.sort(by: CleaningSummary.Count.leads)
    summary.samplesSetAside =
      summary.counts.filter { $0.rule.setsAside && !Self.rowRules.contains($0.rule) }
      .reduce(0) { $0 + $1.count } - summary.count(of: .releasedJump)
    summary.examples = limitedExamples
    summary.losses = losses
    return summary
  }

  private func countsByQuantity(_ rule: CleaningRule) -> [CleaningSummary.Count] {
    var byQuantity: [QuantityKey?: [CleaningSummary.ElementCount]] = [:]
    for column in plans.indices where counts[rule, column] > 0 {
      let key = Self.rowRules.contains(rule) ? nil : schema.columns[column].quantity
      byQuantity[key, default: []].append(
        CleaningSummary.ElementCount(
          element: schema.columns[column].element, count: counts[rule, column]))
    }
    return byQuantity.map { quantity, elements in
      let sorted = elements.sorted { ($1.count, $0.element) < ($0.count, $1.element) }
      return CleaningSummary.Count(
        rule: rule, quantity: quantity, count: elements.reduce(0) { $0 + $1.count },
        elements: Array(sorted.prefix(8)))
    }
  }

  private var limitedExamples: [CleaningSummary.Example] {
    var kept: [ExampleKey: Int] = [:]
    let sorted = examples.sorted {
      ($0.row, $0.rule.index, $0.element) < ($1.row, $1.rule.index, $1.element)
    }
    return sorted.filter { example in
      let key = ExampleKey(rule: example.rule, quantity: example.quantity)
      kept[key, default: 0] += 1
      return kept[key, default: 0] <= settings.exampleLimit
    }
  }

  private var losses: [CleaningSummary.Loss] {
    plans.indices.compactMap { column -> CleaningSummary.Loss? in
      guard let plan = plans[column] else { return nil }
      let state = states[column]
      guard state.longestRun >= Self.lossRows else { return nil }
      return CleaningSummary.Loss(
        quantity: plan.quantity, element: plan.element, rows: state.longestRun,
        since: state.longestStart, lastGood: state.longestGood,
        lasts: state.runLength == state.longestRun)
    }
    .sorted(by: CleaningSummary.Loss.leads)
  }
}
