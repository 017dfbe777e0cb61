// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which cells are balanced, by how much charge, within the budgets of charge and heat.

/// Plans charge, not voltage: a plan states how many ampere-hours each cell gives or takes, and
/// balancing counts them down. Noise of a voltage can neither start nor lengthen it.
///
/// In every turn balancing pauses, so that the front end samples undisturbed voltages. Neighbours of
/// a bled cell share its sense wire and are not bled with it.
public struct BalancingPlanner<let cells: Int, Real: CoreReal>: Sendable {
  /// Charge still to be moved out of each cell, in ampere-hours; negative is to be moved in.
  public var surplus: InlineArray<cells, Real> = InlineArray(repeating: 0)
  /// Current of each cell now, in amperes, positive discharges it.
  public var current: InlineArray<cells, Real> = InlineArray(repeating: 0)
  /// Heat of the hardware now, in watts.
  public var heat: Real = 0
  @usableFromInline var untilPlan: Real = 0
  @usableFromInline var turn: UInt32 = 0
  @usableFromInline var isOdd = false
  /// Rank of each cell among those that may be served, times its surplus; 1 without a plan from outside.
  @usableFromInline var weight: InlineArray<cells, Real> = InlineArray(repeating: 1)
  /// Whether cells of this turn have still to be chosen.
  @usableFromInline var isChoosing = false
  @usableFromInline var chosen = 0
  @usableFromInline var served: InlineArray<cells, Bool> = InlineArray(repeating: false)

  /// Cells chosen in one cycle: each takes a pass over all cells, and the longest cycle is bounded.
  @inlinable
  static var chosenPerCycle: Int { 4 }

  /// No plan.
  @inlinable
  public init() {}

  /// What the planner sees of one cycle.
  public struct Inputs: Sendable {
    /// Pack current, discharge positive, in amperes.
    public var current: Real
    /// Highest temperature, in kelvin.
    public var highestTemperature: Real
    /// Union of the reactions.
    public var reaction: Reaction
    /// Whether the pack has rested long enough for its voltages to be settled.
    public var isSettled: Bool
    /// Whether a charge is asked for.
    public var isCharging: Bool
    /// Whether the core is awake.
    public var isAwake: Bool
    /// Duration of the cycle.
    public var milliseconds: UInt32

    /// One cycle.
    @inlinable
    public init(
      current: Real, highestTemperature: Real, reaction: Reaction, isSettled: Bool,
      isCharging: Bool, isAwake: Bool, milliseconds: UInt32
    ) {
      self.current = current
      self.highestTemperature = highestTemperature
      self.reaction = reaction
      self.isSettled = isSettled
      self.isCharging = isCharging
      self.isAwake = isAwake
      self.milliseconds = milliseconds
    }
  }

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - inputs: What the planner sees.
  ///   - sample: The judged measurements; only read.
  ///   - estimate: The estimate; only read.
  ///   - facts: Facts about the pack.
  ///   - settings: Hardware and budgets.
  /// - Complexity: O(cells): after the pause of a turn the fullest cells within the heat budget are
  ///   chosen, some in each cycle.
  @inlinable
  public mutating func step<let probes: Int>(
    _ inputs: Inputs, sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>, facts: PackFacts<Real>,
    settings: BalancingSettings<Real>
  ) {
    let seconds = Real(inputs.milliseconds) / 1000
    count(seconds)
    let mayPlan = inputs.isSettled || inputs.isCharging
    untilPlan = max(0, untilPlan - seconds)
    if untilPlan <= 0, mayPlan, estimate.isConverged, settings.hardware != .none {
      plan(&estimate, facts: facts, settings: settings)
      untilPlan = settings.planSeconds
    }
    let before = turn
    turn = (turn &+ min(inputs.milliseconds, settings.turnMilliseconds)) % settings.turnMilliseconds
    let begins = turn < before || inputs.milliseconds >= settings.turnMilliseconds
    if begins { isOdd.toggle() }
    let isAllowed =
      inputs.isAwake && !inputs.reaction.contains(.balancingOff)
      && inputs.highestTemperature < settings.greatestTemperature
    guard isAllowed, turn >= settings.pauseMilliseconds else {
      stop()
      return
    }
    // Chosen after the pause, some cells in each cycle, and kept over the turn.
    let leavesPause = before < settings.pauseMilliseconds || begins || before == turn
    if leavesPause { begin() }
    if isChoosing { choose(&sample, settings) }
  }

  /// Follows a plan computed outside, in place of its own until the plan's time is over.
  ///
  /// - Parameters:
  ///   - plan: The plan; only read.
  ///   - capacity: Of a cell, in ampere-hours.
  ///   - settings: Hardware and budgets; the charge of each cell is held within its budget.
  /// - Returns: False where the plan holds numbers that make no sense; then nothing has changed.
  @inlinable
  public mutating func follow(
    _ plan: inout BalancingPlan<cells, Real>, capacity: Real, settings: BalancingSettings<Real>
  ) -> Bool {
    guard plan.isValid(), capacity > 0, capacity.isFinite else { return false }
    let bound = settings.chargeBudget * capacity
    for cell in 0..<cells {
      surplus[cell] = plan.surplus[cell].clamped(-bound, bound)
      weight[cell] = plan.weight[cell]
    }
    untilPlan = plan.holdSeconds
    return true
  }

  @inlinable
  mutating func begin() {
    for cell in 0..<cells {
      current[cell] = 0
      served[cell] = false
    }
    heat = 0
    chosen = 0
    isChoosing = true
  }

  @inlinable
  mutating func stop() {
    isChoosing = false
    guard heat != 0 else { return }
    for cell in 0..<cells { current[cell] = 0 }
    heat = 0
  }

  /// Counts down what was moved in the last cycle; a cell that is done stops.
  @inlinable
  mutating func count(_ seconds: Real) {
    guard heat != 0 else { return }
    for cell in 0..<cells where current[cell] != 0 {
      let before = surplus[cell]
      surplus[cell] = (before - current[cell] * seconds / 3600).finite(or: 0)
      if before > 0, surplus[cell] <= 0 { surplus[cell] = 0 }
    }
  }

  /// How much charge each cell has more than the target.
  @inlinable
  mutating func plan(
    _ estimate: inout PackEstimate<cells, Real>, facts: PackFacts<Real>,
    settings: BalancingSettings<Real>
  ) {
    var least = Real.infinity
    var sum: Real = 0
    for cell in 0..<cells {
      let share = estimate.cellStateOfCharge[cell]
      guard share.isFinite else {
        for other in 0..<cells { surplus[other] = 0 }
        return
      }
      least = min(least, share)
      sum += share
    }
    for cell in 0..<cells { weight[cell] = 1 }
    guard cells > 1, least >= settings.leastCharge else { return }
    let target = settings.hardware == .passive ? least : sum / Real(cells)
    for cell in 0..<cells {
      let capacity =
        estimate.cellCapacity[cell] > 0
        ? estimate.cellCapacity[cell] : facts.capacityAmpereHours
      let excess = estimate.cellStateOfCharge[cell] - target
      let isBalanced = excess.magnitude <= settings.tolerance
      let bound = settings.chargeBudget
      surplus[cell] = isBalanced ? 0 : excess.clamped(-bound, bound) * capacity
    }
  }

  @inlinable
  mutating func choose<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, _ settings: BalancingSettings<Real>
  ) {
    isChoosing = false
    switch settings.hardware {
    case .none: return
    case .passive: isChoosing = bleed(&sample, settings)
    case .switchedCapacitor: exchange(&sample, distance: 1, settings)
    case .switchedCapacitorDouble:
      exchange(&sample, distance: 1, settings)
      exchange(&sample, distance: 2, settings)
    case .inductor: pump(&sample, settings)
    case .converter: isChoosing = convert(&sample, settings)
    }
    for cell in 0..<cells { if !current[cell].isFinite { current[cell] = 0 } }
  }

  /// Bleeds the fullest cells, no two neighbours at once, within the heat budget.
  ///
  /// - Returns: Whether more cells may follow in the next cycle.
  @inlinable
  mutating func bleed<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, _ settings: BalancingSettings<Real>
  ) -> Bool {
    let free = settings.channels == 0 ? cells : Int(settings.channels)
    for _ in 0..<Self.chosenPerCycle {
      guard chosen < free else { return false }
      var best = -1
      var highest: Real = 0
      for cell in 0..<cells where surplus[cell] > 0 && current[cell] == 0 {
        let left = cell > 0 && current[cell - 1] != 0
        let right = cell < cells - 1 && current[cell + 1] != 0
        guard !left, !right, sample.cellVoltage[cell].isUsable else { continue }
        // Cells of equal surplus take turns.
        let isTurn = (cell % 2 == 1) == isOdd
        let rank = surplus[cell] * weight[cell]
        if best < 0 || rank > highest
          || (rank == highest && isTurn && (best % 2 == 1) != isOdd)
        {
          best = cell
          highest = rank
        }
      }
      guard best >= 0 else { return false }
      let warms = settings.current * sample.cellVoltage[best].value
      guard warms > 0, heat + warms <= settings.heatBudget else { return false }
      current[best] = settings.current
      heat += warms
      chosen += 1
    }
    return true
  }

  /// A capacitor moves charge from the higher to the lower of two cells, as a resistor would.
  @inlinable
  mutating func exchange<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, distance: Int,
    _ settings: BalancingSettings<Real>
  ) {
    guard cells > distance, needsBalance else { return }
    for cell in 0..<(cells - distance) where weight[cell] > 0 {
      let here = sample.cellVoltage[cell]
      let there = sample.cellVoltage[cell + distance]
      guard here.isUsable, there.isUsable else { continue }
      let difference = here.value - there.value
      let flow = difference / settings.capacitorResistance
      let warms = (flow * difference).magnitude
      guard heat + warms <= settings.heatBudget else { return }
      current[cell] += flow
      current[cell + distance] -= flow
      heat += max(warms, Real.leastNonzeroMagnitude)
    }
  }

  @inlinable
  var needsBalance: Bool {
    for cell in 0..<cells where surplus[cell] != 0 { return true }
    return false
  }

  /// Inductors between neighbours: over the edge behind a cell flows the sum of all surpluses before
  /// it, which is the one flow that balances a chain without detours.
  @inlinable
  mutating func pump<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, _ settings: BalancingSettings<Real>
  ) {
    guard cells > 1 else { return }
    var total: Real = 0
    for cell in 0..<cells { total += surplus[cell] }
    let share = total / Real(cells)
    let least = settings.current * Real(settings.turnMilliseconds) / 3_600_000
    var over: Real = 0
    for cell in 0..<(cells - 1) {
      over += surplus[cell] - share
      guard over.magnitude > least else { continue }
      let volts = sample.cellVoltage[cell].value.magnitude
      let warms = settings.current * volts * (1 - settings.efficiency)
      guard heat + warms <= settings.heatBudget else { return }
      let forward = over > 0
      current[forward ? cell : cell + 1] += settings.current
      current[forward ? cell + 1 : cell] -= settings.current * settings.efficiency
      heat += max(warms, Real.leastNonzeroMagnitude)
    }
  }

  /// Converters serve the cells farthest from the mean: full ones feed the string, empty ones are fed.
  ///
  /// - Returns: Whether more cells may follow in the next cycle.
  @inlinable
  mutating func convert<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, _ settings: BalancingSettings<Real>
  ) -> Bool {
    let free = settings.channels == 0 ? cells : Int(settings.channels)
    let least = settings.current * Real(settings.turnMilliseconds) / 3_600_000
    for _ in 0..<Self.chosenPerCycle {
      guard chosen < free else { return false }
      var best = -1
      var highest: Real = 0
      for cell in 0..<cells where !served[cell] && surplus[cell].magnitude > least {
        let rank = surplus[cell].magnitude * weight[cell]
        if best < 0 || rank > highest { (best, highest) = (cell, rank) }
      }
      guard best >= 0 else { return false }
      served[best] = true
      let warms = settings.current * sample.cellVoltage[best].value * (1 - settings.efficiency)
      guard warms >= 0, heat + warms <= settings.heatBudget else { return false }
      let gives = surplus[best] > 0
      let own = gives ? settings.current : -settings.current * settings.efficiency
      let shared =
        (gives ? -settings.current * settings.efficiency : settings.current)
        / Real(cells)
      current[best] += own
      for cell in 0..<cells { current[cell] += shared }
      heat += max(warms, Real.leastNonzeroMagnitude)
      chosen += 1
    }
    return true
  }
}
