// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Optimised balancing paths against the greedy plan, on each kind of hardware.

import BMSCore
import NumericalMethods
import OnboardReplay
import Testing

@Suite("Balancing optimised offline")
struct BalancingOptimiserTests {
  static func trial(
    _ hardware: BalancingHardware, turn: UInt32 = 600_000
  ) -> BalancingTrial<8> {
    var settings = BalancingSettings<Double>()
    settings.hardware = hardware
    settings.current = hardware == .passive ? 0.2 : 1
    settings.capacitorResistance = 0.05
    settings.turnMilliseconds = turn
    settings.pauseMilliseconds = turn / 10
    // Either side of the target: together the goal.
    settings.tolerance = 0.001
    settings.chargeBudget = 0.05
    // Not all cells at once: which come first is worth a thought.
    settings.heatBudget = hardware == .passive ? 1.7 : 0.8
    settings.channels = hardware == .converter ? 2 : 0
    settings.planSeconds = 1_800
    return BalancingTrial<8>(
      charge: [25, 25.6, 25.1, 26.2, 25.3, 25.05, 25.9, 25.2], capacity: 50, settings: settings,
      goal: 0.1)
  }

  @Test("The search finds the minimum of a cost with jumps, and repeats")
  func search() {
    var search = DifferentialEvolution()
    search.seed = 5
    search.generations = 80
    func cost(_ x: [Double]) -> Double {
      x.map { ($0 - 0.3) * ($0 - 0.3) }.reduce(0, +) + (x[0] > 0.5 ? 1 : 0)
    }
    let bounds = Array(repeating: -2.0...2.0, count: 6)
    let start = Array(repeating: 1.5, count: 6)
    let found = search.minimise(bounds: bounds, first: start, cost: cost)
    #expect(found.cost < 1e-4, "\(found.cost)")
    #expect(zip(found.history, found.history.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(found.evaluations == 32 * 81)
    let again = search.minimise(bounds: bounds, first: start, cost: cost)
    #expect(again.point == found.point)
    let undefined = search.minimise(bounds: bounds, first: start) { $0[0] > 0 ? .nan : cost($0) }
    #expect(undefined.cost.isFinite)
  }

  @Test("Greedy balancing ends on each hardware inside its heat budget")
  func greedy() {
    for hardware in [
      BalancingHardware.passive, .switchedCapacitor, .switchedCapacitorDouble, .inductor,
      .converter,
    ] {
      // A turn of ten minutes at 1 A would move more than the goal.
      let trial = Self.trial(hardware, turn: 60_000)
      let outcome = trial.run()
      #expect(outcome.seconds.isFinite && outcome.spread <= trial.goal, "\(hardware)")
      #expect(outcome.greatestHeat <= trial.settings.heatBudget + 1e-12)
      #expect(outcome.heat > 0)
    }
  }

  @Test("Bleeding leaves nothing to choose: the search ends where the greedy plan does")
  func passive() {
    var search = DifferentialEvolution()
    search.population = 10
    search.generations = 6
    let found = BalancingOptimiser(Self.trial(.passive), search: search).run()
    #expect(found.cost < 1 + 1e-9)
    #expect(found.optimised.spread <= 0.1)
    #expect(abs(found.optimised.heat / found.greedy.heat - 1) < 1e-3)
    // The least that has to be burnt: all above the emptiest cell plus the goal, at 3.75 V and more.
    let least = [25.6, 26.2, 25.3, 25.9, 25.2].map { $0 - 25.1 }.reduce(0, +) * 3_600 * 3.68
    #expect(found.optimised.heat > 0.98 * least)
  }

  @Test("A plan that makes no sense is refused, and one from outside stays inside the budget")
  func refusal() {
    let trial = Self.trial(.passive)
    var planner = BalancingPlanner<8, Double>()
    var plan = BalancingPlan<8, Double>()
    plan.surplus[3] = .nan
    plan.holdSeconds = 100
    #expect(!planner.follow(&plan, capacity: 50, settings: trial.settings))
    plan.surplus[3] = 40
    #expect(planner.follow(&plan, capacity: 50, settings: trial.settings))
    #expect(planner.surplus[3] == trial.settings.chargeBudget * 50)
    plan.weight[0] = -1
    #expect(!planner.follow(&plan, capacity: 50, settings: trial.settings))
  }
}
