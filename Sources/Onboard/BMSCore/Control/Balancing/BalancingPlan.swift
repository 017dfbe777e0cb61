// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A balancing path computed outside the core, as data.

/// A balancing path computed outside the core: which cell gives how much, and in which order.
///
/// The core bounds it by its own budgets and pauses; a plan can neither heat nor discharge more than
/// the settings allow.
public struct BalancingPlan<let cells: Int, Real: CoreReal>: Sendable {
  /// Charge each cell gives by its own device, in ampere-hours; negative is taken in.
  public var surplus: InlineArray<cells, Real>
  /// Rank of each cell: where not all can be served at once, the greatest product of what is left of
  /// its surplus and this comes first. 0 keeps the capacitor behind a cell off.
  public var weight: InlineArray<cells, Real>
  /// Time for which the plan holds, in seconds; then the core plans by itself again.
  public var holdSeconds: Real

  /// A plan that moves nothing.
  @inlinable
  public init() {
    surplus = InlineArray(repeating: 0)
    weight = InlineArray(repeating: 1)
    holdSeconds = 0
  }

  /// Whether every number is finite, no rank negative, and the time within ten days.
  @inlinable
  mutating func isValid() -> Bool {
    for cell in 0..<cells {
      guard surplus[cell].isFinite, weight[cell] >= 0, weight[cell].isFinite else { return false }
    }
    return holdSeconds >= 0 && holdSeconds <= 864_000
  }
}

extension PackController {
  /// Follows a balancing plan computed outside, within the budgets of the configuration.
  ///
  /// - Parameter plan: The plan.
  /// - Returns: False where it holds numbers that make no sense; then nothing has changed.
  @inlinable
  public mutating func follow(_ plan: BalancingPlan<cells, Real>) -> Bool {
    var plan = plan
    return control.balancing.follow(
      &plan, capacity: configuration.diagnosis.facts.capacityAmpereHours,
      settings: configuration.control.balancing)
  }
}
