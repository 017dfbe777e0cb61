// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The core's balancing planner on cells at rest: time, energy and charge it takes.

public import BMSCore

/// What balancing took until the cells were together.
public struct BalancingOutcome: Hashable, Sendable {
  /// Time until the spread of charge was within the tolerance, in seconds; infinite if it never was.
  public var seconds: Double
  /// Energy turned to heat until then, in joules.
  public var heat: Double
  /// Charge of the emptiest cell then, in ampere-hours: what a string can still give.
  public var leastCharge: Double
  /// Spread of charge at the end, in ampere-hours.
  public var spread: Double
  /// Largest heat of the hardware at any time, in watts.
  public var greatestHeat: Double
}

/// Cells of unequal charge at rest, balanced by the planner that runs in the core.
public struct BalancingTrial<let cells: Int>: Sendable {
  /// Charge of each cell, in ampere-hours.
  public var charge: InlineArray<cells, Double>
  /// Capacity of a cell, in ampere-hours.
  public var capacity: Double
  /// Hardware and budgets.
  public var settings: BalancingSettings<Double>
  /// Spread of charge that counts as balanced, in ampere-hours.
  public var goal: Double
  /// When a trial is given up, in seconds.
  public var longest: Double = 400_000
  /// Open-circuit voltage over the state of charge, on even nodes from 0 to 1, in volts.
  public var openCircuit: [Double]

  /// A trial.
  public init(
    charge: InlineArray<cells, Double>, capacity: Double, settings: BalancingSettings<Double>,
    goal: Double, openCircuit: [Double] = [3.0, 3.45, 3.55, 3.62, 3.68, 3.75, 3.85, 3.95, 4.2]
  ) {
    self.charge = charge
    self.capacity = capacity
    self.settings = settings
    self.goal = goal
    self.openCircuit = openCircuit
  }

  private func voltage(_ charge: Double) -> Double {
    let place = min(max(charge / capacity, 0), 1) * Double(openCircuit.count - 1)
    let low = min(Int(place), openCircuit.count - 2)
    return openCircuit[low]
      + (place - Double(low)) * (openCircuit[low + 1] - openCircuit[low])
  }

  /// Runs the planner of the core, with its own plans or with one from outside.
  ///
  /// - Parameter plan: The plan to follow; nil for the planner's own, greedy one.
  /// - Returns: What it took.
  /// - Complexity: O(cells · time over the length of a turn).
  public func run(_ plan: BalancingPlan<cells, Double>? = nil) -> BalancingOutcome {
    var planner = BalancingPlanner<cells, Double>()
    var estimate = PackEstimate<cells, Double>()
    estimate.isConverged = true
    estimate.cellCapacity = InlineArray(repeating: capacity)
    var sample = PackSample<cells, 1, Double>()
    var facts = PackFacts<Double>()
    facts.capacityAmpereHours = capacity
    var charge = charge
    if var plan { _ = planner.follow(&plan, capacity: capacity, settings: settings) }
    // A tenth of a turn a cycle: pauses and turns of the planner are met.
    let milliseconds = max(1, settings.turnMilliseconds / 10)
    let seconds = Double(milliseconds) / 1000
    let inputs = BalancingPlanner<cells, Double>.Inputs(
      current: 0, highestTemperature: 298.15, reaction: Reaction(), isSettled: true,
      isCharging: false, isAwake: true, milliseconds: milliseconds)
    var outcome = BalancingOutcome(
      seconds: .infinity, heat: 0, leastCharge: 0, spread: 0, greatestHeat: 0)
    var time = 0.0
    while time < longest {
      var low = Double.infinity
      var high = -Double.infinity
      for cell in 0..<cells {
        sample.cellVoltage[cell] = Measured(voltage(charge[cell]))
        estimate.cellStateOfCharge[cell] = charge[cell] / capacity
        low = min(low, charge[cell])
        high = max(high, charge[cell])
      }
      outcome.leastCharge = low
      outcome.spread = high - low
      if outcome.spread <= goal {
        outcome.seconds = time
        return outcome
      }
      planner.step(
        inputs, sample: &sample, estimate: &estimate, facts: facts, settings: settings)
      for cell in 0..<cells { charge[cell] -= planner.current[cell] * seconds / 3_600 }
      outcome.heat += planner.heat * seconds
      outcome.greatestHeat = max(outcome.greatestHeat, planner.heat)
      time += seconds
    }
    return outcome
  }
}
