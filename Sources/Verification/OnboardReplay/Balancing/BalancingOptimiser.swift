// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Balancing paths optimised offline, as data for the core.

public import BMSCore

/// Looks for a balancing path that takes less energy and time than the core's own, greedy plan.
///
/// What is free: the common target, a trim of each cell inside the tolerance, and the rank of each
/// cell where not all are served at once. Each candidate runs through the planner of the core itself,
/// with its turns, pauses and budgets, so what is found is what the core does with the plan.
public struct BalancingOptimiser<let cells: Int>: Sendable {
  /// The cells and the hardware.
  public var trial: BalancingTrial<cells>
  /// The search.
  public var search: DifferentialEvolution
  /// Weight of the energy against the time, 0…1, each as a share of what the greedy plan takes.
  public var energyWeight = 0.5

  /// An optimiser.
  public init(_ trial: BalancingTrial<cells>, search: DifferentialEvolution) {
    self.trial = trial
    self.search = search
  }

  /// The path found, beside the greedy one.
  public struct Comparison: Sendable {
    /// What the planner reaches with its own plans.
    public var greedy: BalancingOutcome
    /// What it reaches with the plan found.
    public var optimised: BalancingOutcome
    /// The plan, for `PackController.follow`.
    public var plan: BalancingPlan<cells, Double>
    /// Cost of the plan over that of the greedy one.
    public var cost: Double
    /// Runs of the planner.
    public var evaluations: Int
  }

  /// Searches.
  ///
  /// - Complexity: `population · (generations + 1)` runs of the planner.
  public func run() -> Comparison {
    let greedy = trial.run()
    let bounds =
      [0.0...1.0] + Array(repeating: -0.5...0.5, count: cells)
      + Array(repeating: 0.0...1.0, count: cells)
    // The greedy plan's target stands among the first candidates.
    let target = trial.settings.hardware == .passive ? 0.0 : meanShare()
    let first =
      [target] + Array(repeating: 0.0, count: cells) + Array(repeating: 1.0, count: cells)
    let found = search.minimise(bounds: bounds, first: first) { point in
      cost(trial.run(plan(point)), against: greedy)
    }
    let path = plan(found.point)
    return Comparison(
      greedy: greedy, optimised: trial.run(path), plan: path, cost: found.cost,
      evaluations: found.evaluations)
  }

  private func meanShare() -> Double {
    let (low, high) = ends()
    var sum = 0.0
    for cell in 0..<cells { sum += trial.charge[cell] }
    return high > low ? (sum / Double(cells) - low) / (high - low) : 0
  }

  private func ends() -> (low: Double, high: Double) {
    var low = Double.infinity
    var high = -Double.infinity
    for cell in 0..<cells {
      low = min(low, trial.charge[cell])
      high = max(high, trial.charge[cell])
    }
    return (low, high)
  }

  /// The plan of a point: target between the emptiest and the fullest cell, trims as shares of the
  /// goal, ranks.
  private func plan(_ point: [Double]) -> BalancingPlan<cells, Double> {
    var plan = BalancingPlan<cells, Double>()
    let (low, high) = ends()
    let target = low + point[0] * (high - low)
    for cell in 0..<cells {
      let excess = trial.charge[cell] - target - point[1 + cell] * trial.goal
      let isPassive = trial.settings.hardware == .passive
      plan.surplus[cell] = isPassive ? max(0, excess) : excess
      plan.weight[cell] = point[1 + cells + cell]
    }
    plan.holdSeconds = min(trial.longest, 864_000)
    return plan
  }

  private func cost(_ outcome: BalancingOutcome, against greedy: BalancingOutcome) -> Double {
    // What never comes together costs more than anything that does, and less the nearer it came.
    guard outcome.seconds.isFinite else { return 100 + outcome.spread / trial.goal }
    let energy = greedy.heat > 0 ? outcome.heat / greedy.heat : outcome.heat
    let time = greedy.seconds.isFinite ? outcome.seconds / greedy.seconds : outcome.seconds / 3_600
    return energyWeight * energy + (1 - energyWeight) * time
  }
}
