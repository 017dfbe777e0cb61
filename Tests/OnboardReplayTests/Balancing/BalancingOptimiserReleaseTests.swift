// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The table of optimised against greedy balancing; printed by Scripts/bench-onboard.sh.

import BMSCore
import Foundation
import OnboardReplay
import Testing

/// Enabled in release runs.
@Suite(
  "Balancing optimised offline, all hardware",
  .enabled(
    if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1",
    "set ANODYNE_RELEASE_TESTS=1 and build in release mode"))
struct BalancingOptimiserReleaseTests {
  @Test(
    "The path found takes no more energy and time together than the greedy one",
    arguments: [
      BalancingHardware.passive, .switchedCapacitor, .switchedCapacitorDouble, .inductor,
      .converter,
    ])
  func compare(_ hardware: BalancingHardware) {
    var search = DifferentialEvolution()
    search.seed = 7
    let found = BalancingOptimiser(
      BalancingOptimiserTests.trial(hardware, turn: 60_000), search: search
    ).run()
    print(
      String(
        format: "balancing %@: greedy %.2f h %.0f J, optimised %.2f h %.0f J, cost %.3f, %d runs",
        "\(hardware)", found.greedy.seconds / 3_600, found.greedy.heat,
        found.optimised.seconds / 3_600, found.optimised.heat, found.cost, found.evaluations))
    #expect(found.cost <= 1.0001)
    #expect(found.optimised.spread <= 0.1)
  }
}
