// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Leaping over cycles of an ageing run, with an estimate of the error.

/// How an ageing run may leap over cycles.
///
/// From one cycle to the next the slow unknowns (films, metal, cracks, active material, and the
/// lithium of the electrodes) change by little and smoothly. A leap adds `N` times the change of
/// the last cycle to them. Then one cycle settles the fast unknowns and a second one measures the
/// change again: half the difference of the two changes, times `N`, is the error of the straight
/// leap. It is held below the tolerance in proportion to the cycles leapt over, the leap is
/// repeated with fewer cycles where it is not, and it is added as a correction where it is. All of
/// it is linear in the changes, so lithium and charge are conserved as exactly as by the cycles.
///
/// - Reference: Sulzer, Mohtat, Pannala, Siegel & Stefanopoulou (2021),
///   doi:10.1149/1945-7111/ac3e48, for adaptive extrapolation between cycles.
public struct CycleJump: Hashable, Sendable {
  /// Largest error of the lithium in all sinks at the end of the run, relative to the lithium that
  /// the full negative host holds.
  public var tolerance: Double
  /// Most cycles of one leap.
  public var longest: Int

  /// Creates rules.
  ///
  /// - Parameters:
  ///   - tolerance: Error at the end of the run, relative to the host; positive.
  ///   - longest: Most cycles of one leap, at least 1.
  public init(tolerance: Double = 1e-3, longest: Int = 200) {
    self.tolerance = tolerance
    self.longest = longest
  }
}

/// An unknown that changes by little from cycle to cycle.
public struct SlowUnknown: Hashable, Sendable {
  /// Its place among the unknowns.
  public var index: Int
  /// What its error costs, in lithium relative to the full negative host per unit; 0 for the
  /// lithium of the electrodes, which follows from the rest.
  public var weight: Double

  /// Creates an entry.
  public init(index: Int, weight: Double) {
    self.index = index
    self.weight = weight
  }
}

/// The state of the leaps of one run.
struct CycleLeaper {
  let rules: CycleJump
  let unknowns: [SlowUnknown]
  let total: Int
  /// Error added up over the leaps so far, relative to the full negative host.
  private(set) var error = 0.0
  /// Cycles of the next leap.
  private var next = 2
  /// Exact cycles to take before the next leap.
  private var wait = 0

  init(_ rules: CycleJump, _ unknowns: [SlowUnknown], total: Int) {
    self.rules = rules
    self.unknowns = unknowns
    self.total = total
  }

  /// The next leap after a measured cycle, or 0.
  ///
  /// - Parameters:
  ///   - change: Change of each slow unknown over the last cycle.
  ///   - values: Slow unknowns now.
  ///   - remaining: Cycles to come; three of them follow the last leap, so that the run ends with one
  ///     that has its correction.
  /// - Returns: Cycles to leap over.
  mutating func plan(_ change: [Double], values: [Double], remaining: Int) -> Int {
    if wait > 0 {
      wait -= 1
      return 0
    }
    var count = min(next, rules.longest, remaining - 3)
    for (delta, value) in zip(change, values) where delta != 0 {
      let room = 0.2 * max(1, abs(value)) / abs(delta)
      count = min(count, room < 1e9 ? Int(room) : count)
    }
    // A leap costs two cycles; over fewer than two it gains nothing.
    return count < 2 ? 0 : count
  }

  /// Makes the next leap shorter, or takes some exact cycles where none is short enough.
  ///
  /// - Parameter count: Cycles of the next leap.
  mutating func retreat(to count: Int) {
    next = max(2, count)
    if count < 2 { wait = 5 }
  }

  /// Judges a leap by the change of a cycle after it.
  ///
  /// - Parameters:
  ///   - count: Cycles leapt over.
  ///   - before: Change per cycle before the leap.
  ///   - after: Change per cycle after it.
  /// - Returns: The correction of each slow unknown, or nil when the leap was too long.
  mutating func judge(count: Int, before: [Double], after: [Double]) -> [Double]? {
    var correction: [Double] = []
    var size = 0.0
    for (entry, (first, second)) in zip(unknowns, zip(before, after)) {
      let half = 0.5 * Double(count) * (second - first)
      correction.append(half)
      size += entry.weight * abs(half)
    }
    let allowed = rules.tolerance * Double(count) / Double(max(1, total))
    let ratio = size / allowed
    // The error grows with the square of the leap, what is allowed with the leap.
    let proposed = Int((Double(count) * min(3, 0.8 / max(ratio, 0.1))).rounded(.down))
    guard ratio <= 1 else {
      retreat(to: min(proposed, count - 1))
      return nil
    }
    next = max(2, proposed)
    error += size
    return correction
  }
}
