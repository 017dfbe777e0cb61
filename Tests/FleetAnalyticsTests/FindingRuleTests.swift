// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The table of finding kinds is complete and orders severities.

import BatteryDomain
import FleetAnalytics
import Testing

struct FindingRuleTests {
  @Test("every rule has a name of its own, a reason, and rising steps with actions")
  func table() {
    let rules = FindingRules.all
    #expect(Set(rules.map(\.kind)).count == rules.count)
    for rule in rules {
      #expect(!rule.reason.isEmpty && !rule.metric.isEmpty, "\(rule.kind)")
      #expect(!rule.steps.isEmpty, "\(rule.kind)")
      #expect(rule.steps.allSatisfy { !$0.action.isEmpty }, "\(rule.kind)")
      for (lower, upper) in zip(rule.steps, rule.steps.dropFirst()) {
        #expect(lower.from < upper.from && lower.severity < upper.severity, "\(rule.kind)")
      }
      #expect((0...1).contains(rule.weight), "\(rule.kind)")
    }
  }

  @Test("risk stays inside the quarter of its severity and grows with size and confidence")
  func risk() throws {
    for rule in FindingRules.all {
      for step in rule.steps {
        let quarter = 25 * Double(step.severity.rank)
        var last = -1.0
        for magnitude in [step.from, step.from * 1.5 + 0.01, step.from * 4 + 0.1] {
          let risk = rule.risk(magnitude, step: step, confidence: 0.8)
          #expect(risk >= quarter && risk < quarter + 25)
          #expect(risk >= last)
          last = risk
        }
        #expect(
          rule.risk(step.from, step: step, confidence: 0.2)
            < rule.risk(step.from, step: step, confidence: 0.9))
      }
    }
  }

  @Test("a magnitude reaches the highest step it passes and none below the first")
  func steps() {
    let rule = FindingRules.all[0]
    #expect(rule.step(for: rule.steps[0].from * 0.99) == nil)
    #expect(rule.step(for: 1e9) == rule.steps.last)
  }

  @Test("an insulation reading of unknown scale is never more than something to watch")
  func insulation() throws {
    let rule = try #require(FindingRules.all.first { $0.kind == "insulation_fall" })
    #expect(rule.steps.map(\.severity).max() == .watch)
  }
}
