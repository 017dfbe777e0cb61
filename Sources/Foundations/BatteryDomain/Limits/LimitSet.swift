// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// All limits of a cell or pack, and the judgement of one value by them.

public import Quantities

/// What the limits say about one value.
public struct LimitAssessment: Hashable, Sendable {
  /// The highest level crossed.
  public let level: LimitLevel
  /// The limit that was crossed; nil within all limits.
  public let limit: ThreeLevelLimit?
  /// The number that was crossed, in SI; nil within all limits.
  public let threshold: Double?
}

/// All limits of a cell or pack.
public struct LimitSet: Codable, Hashable, Sendable {
  /// The limits, in no particular order.
  public let limits: [ThreeLevelLimit]

  /// Creates a set.
  public init(_ limits: [ThreeLevelLimit]) { self.limits = limits }

  /// What the limits say about a value.
  ///
  /// - Parameters:
  ///   - value: The value in SI; for currents the magnitude.
  ///   - quantity: What it is.
  ///   - activity: What the battery is doing.
  ///   - temperature: Cell temperature; needed where a limit depends on it.
  /// - Returns: The highest level crossed with its limit; nil where no limit of the set could
  ///   judge the value, so that "not judged" is never taken for "good".
  /// - Complexity: O(limits).
  public func assessment(
    of value: Double, as quantity: LimitedQuantity, while activity: BatteryActivity,
    at temperature: Temperature? = nil
  ) -> LimitAssessment? {
    var worst: LimitAssessment?
    for limit in limits where limit.quantity == quantity && limit.activities.contains(activity) {
      guard let level = limit.level(of: value, at: temperature) else { return nil }
      guard level > (worst?.level ?? .within) else {
        worst = worst ?? LimitAssessment(level: .within, limit: nil, threshold: nil)
        continue
      }
      worst = LimitAssessment(
        level: level, limit: limit, threshold: limit.curve(of: level)?.value(at: temperature))
    }
    return worst
  }

  /// The limits of one quantity.
  public func limits(of quantity: LimitedQuantity) -> [ThreeLevelLimit] {
    limits.filter { $0.quantity == quantity }
  }
}
