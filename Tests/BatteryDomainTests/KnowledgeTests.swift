// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of chains, ladder, rules and strategies: consistent with each other and with the nodes.

import BatteryDomain
import Foundation
import Quantities
import TestSupport
import Testing

@Suite("Safety knowledge")
struct KnowledgeTests {
  @Test("The two chains hold every node but sensing, each once")
  func chains() {
    let nodes = PropagationChain.all.flatMap(\.nodes)
    #expect(Set(nodes).count == nodes.count)
    #expect(Set(nodes).union([.sensing]) == Set(ControlNode.allCases))
    #expect(PropagationChain.all.map(\.kind) == PropagationChain.Kind.allCases)
    for chain in PropagationChain.all {
      #expect(chain.nodes.count == 5)
      var order: [ControlNode] = []
      for node in chain.steps.compactMap(\.node) where order.last != node { order.append(node) }
      #expect(order == chain.nodes)
    }
  }

  @Test("Nodes know their chain and what comes next")
  func next() {
    #expect(ControlNode.plating.next == .separator)
    #expect(ControlNode.gasPressure.next == .thermalCoupling)
    #expect(ControlNode.thermalCoupling.next == nil)
    #expect(ControlNode.sensing.chain == nil && ControlNode.sensing.next == nil)
    #expect(ControlNode.cellInconsistency.chain?.kind == .abnormalFade)
    #expect(ControlNode.hotSpot.label == "hot spot")
  }

  @Test("The ladder rises, and every rung is above the preferred range")
  func ladder() {
    let marks = RunawayLadder.lithiumLiquid.map(\.begins)
    #expect(marks == marks.sorted() && Set(marks).count == marks.count)
    #expect(marks.allSatisfy { $0 > RunawayLadder.preferred.upperBound })
    #expect(RunawayLadder.preferred.contains(RunawayLadder.controlTarget.upperBound))
    #expect(RunawayLadder.coldMark < RunawayLadder.preferred.lowerBound)
    #expect(RunawayLadder.stage(at: Temperature(celsius: 79)) == nil)
    #expect(RunawayLadder.stage(at: Temperature(celsius: 120))?.node == .gasPressure)
    #expect(RunawayLadder.stage(at: Temperature(celsius: 900))?.begins == marks.last)
    #expect(RunawayLadder.stage(at: Temperature(.nan)) == nil)
  }

  @Test("Strategies are graded within the scale and act on nodes")
  func strategies() {
    #expect(SafetyStrategy.all.count == 12)
    for strategy in SafetyStrategy.all {
      #expect(SafetyStrategy.levels.contains(strategy.maturity.lowerBound))
      #expect(SafetyStrategy.levels.contains(strategy.maturity.upperBound))
      #expect(!strategy.nodes.isEmpty && !strategy.variant.isEmpty)
    }
    #expect(Set(SafetyStrategy.all.map { $0.name + $0.variant }).count == 12)
  }

  @Test("Coupling and interface rules are complete")
  func rules() {
    #expect(Set(CouplingRule.all.map(\.effect)) == Set(CouplingRule.Effect.allCases))
    #expect(CouplingRule.all.count == 7)
    #expect(CouplingRule.all.allSatisfy { !$0.reason.isEmpty })
    let onsets = InterfaceRule.all.compactMap(\.begins)
    #expect(onsets == [Temperature(celsius: 150), Temperature(celsius: 350)])
    #expect(GasRoute.lithiumLiquid.flatMap(\.products).contains(ToxicGas.hydrogenFluoride.formula))
  }

  @Test(
    "the published pages say what the tables say",
    arguments: [
      ("Docs/safety/limits.md", SafetyTables.markdown),
      ("Docs/safety/rules.md", SafetyTables.rulesMarkdown),
    ])
  func page(path: String, expected: String) throws {
    let page = Datasets.repositoryRoot.appending(path: path)
    if ProcessInfo.processInfo.environment["ANODYNE_WRITE_DOCS"] == "1" {
      try Data(expected.utf8).write(to: page)
    }
    let text = String(decoding: try Data(contentsOf: page), as: UTF8.self)
    #expect(text == expected, "run the test with ANODYNE_WRITE_DOCS=1 to renew the page")
  }

  @Test("Every chemistry and every rule is on a page")
  func onPages() {
    for chemistry in Chemistry.allCases {
      #expect(SafetyTables.markdown.contains("### \(chemistry.label)\n"))
    }
    for strategy in SafetyStrategy.all {
      #expect(SafetyTables.rulesMarkdown.contains(strategy.variant))
    }
    for rule in CouplingRule.all { #expect(SafetyTables.rulesMarkdown.contains(rule.reason)) }
  }
}
