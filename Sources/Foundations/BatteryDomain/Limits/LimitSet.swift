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
  /// - Returns: The highest level crossed with its limit. Where none is crossed, the result is nil
  ///   unless every limit of the quantity could be judged and there is one: "not judged" is never
  ///   taken for "good", and a limit that cannot be judged never hides one that is crossed.
  /// - Complexity: O(limits).
  public func assessment(
    of value: Double, as quantity: LimitedQuantity, while activity: BatteryActivity,
    at temperature: Temperature? = nil
  ) -> LimitAssessment? {
    var worst: LimitAssessment?
    var isUnjudged = false
    for limit in limits where limit.quantity == quantity && limit.activities.contains(activity) {
      guard let level = limit.level(of: value, at: temperature) else {
        isUnjudged = true
        continue
      }
      if let present = worst, level <= present.level { continue }
      worst = LimitAssessment(
        level: level, limit: level == .within ? nil : limit,
        threshold: limit.curve(of: level)?.value(at: temperature))
    }
    if isUnjudged, worst?.level == .within { return nil }
    return worst
  }

  /// The limits of one quantity.
  public func limits(of quantity: LimitedQuantity) -> [ThreeLevelLimit] {
    limits.filter { $0.quantity == quantity }
  }
}
