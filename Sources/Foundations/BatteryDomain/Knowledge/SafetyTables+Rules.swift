// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Chains, stages, rules and strategies as a Markdown page.

import Quantities

extension SafetyTables {
  /// The page `Docs/safety/rules.md`: chains, stages, rules and strategies.
  public static var rulesMarkdown: String {
    """
    # Propagation chains, rules and strategies

    Generated from the tables in `BatteryDomain`; do not edit. Source, where no other is named: \
    \(Source.batterySafetyReview.text).

    ## Propagation chains and their control nodes

    \(PropagationChain.all.map(chain).joined(separator: "\n\n"))

    ## Stages of a liquid lithium-ion cell that heats up

    | from about °C | event | control node |
    |---|---|---|
    \(rows(RunawayLadder.lithiumLiquid) { [celsius($0.begins), $0.event, $0.node.label] })

    Preferred operation \(celsius(RunawayLadder.preferred.lowerBound)) to \
    \(celsius(RunawayLadder.preferred.upperBound)) °C, control target \
    \(celsius(RunawayLadder.controlTarget.lowerBound)) to \
    \(celsius(RunawayLadder.controlTarget.upperBound)) °C; below \
    \(celsius(RunawayLadder.coldMark)) °C the resistance climbs.

    ## Gas routes

    | place | gases |
    |---|---|
    \(rows(GasRoute.lithiumLiquid) { [$0.place, $0.products.joined(separator: ", ")] })

    ## Solid electrolytes at their interfaces

    | electrolyte | electrode | from about °C | effect |
    |---|---|---|---|
    \(rows(InterfaceRule.all) {
      [$0.electrolyte, $0.electrode ?? "any", $0.begins.map(celsius) ?? "–", $0.effect]
    })

    ## What measures do to each other

    | measure | with | effect | reason |
    |---|---|---|---|
    \(rows(CouplingRule.all) {
      [$0.first, $0.second, $0.effect == .tradeOff ? "trade-off" : $0.effect.rawValue, $0.reason]
    })

    ## Strategies and their maturity (IMRL 1–5)

    The nodes are this project's reading. Transfer between chemistries is never assumed.

    | strategy | variant | IMRL | control nodes |
    |---|---|---|---|
    \(rows(SafetyStrategy.all) { strategy in
      let levels = Set([strategy.maturity.lowerBound, strategy.maturity.upperBound]).sorted()
      return [
        strategy.name, strategy.variant, levels.map { "\($0)" }.joined(separator: "–"),
        strategy.nodes.map(\.label).joined(separator: ", "),
      ]
    })

    """
  }

  private static func chain(_ chain: PropagationChain) -> String {
    let name = chain.kind == .abnormalFade ? "Abnormal fade" : "Thermal runaway"
    let steps = chain.steps.enumerated().map { index, step in
      "\(index + 1). \(step.event)" + (step.node.map { " (node: \($0.label))" } ?? "")
    }
    return "### \(name)\n\n" + steps.joined(separator: "\n")
  }

  private static func rows<Row>(_ table: [Row], _ cells: (Row) -> [String]) -> String {
    table.map { "| \(cells($0).joined(separator: " | ")) |" }.joined(separator: "\n")
  }

  private static func celsius(_ temperature: Temperature) -> String {
    DecimalText.fixed(temperature.celsius, fractionDigits: 0)
  }
}
