// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A limit in three levels and its evaluation.

public import Quantities

/// What the battery is doing; some limits hold for one activity only.
public enum BatteryActivity: String, CaseIterable, Codable, Hashable, Sendable {
  /// Current flows in.
  case charge
  /// Current flows out.
  case discharge
  /// No current flows.
  case rest
}

/// A quantity that is limited.
public enum LimitedQuantity: String, CaseIterable, Codable, Hashable, Sendable {
  /// Voltage of one cell, in volts.
  case cellVoltage = "cell_voltage"
  /// Temperature of one cell, in kelvin.
  case cellTemperature = "cell_temperature"
  /// Magnitude of the current of one cell, in amperes.
  case cellCurrent = "cell_current"

  /// The unit a person reads it in.
  public var displayUnit: DisplayUnit {
    switch self {
    case .cellVoltage: QuantityKey.cellVoltage.displayUnit
    case .cellTemperature: QuantityKey.cellTemperature.displayUnit
    case .cellCurrent: QuantityKey.current.displayUnit
    }
  }
}

/// An upper or lower limit of a quantity in three levels.
public struct ThreeLevelLimit: Codable, Hashable, Sendable {
  /// Which side of the range is limited.
  public enum Side: String, CaseIterable, Codable, Hashable, Sendable {
    /// Values above are beyond the limit.
    case upper
    /// Values below are beyond the limit.
    case lower
  }

  /// What is limited.
  public let quantity: LimitedQuantity
  /// Which side is limited.
  public let side: Side
  /// Activities the limit holds for.
  public let activities: Set<BatteryActivity>
  /// Maximum operating limit.
  public let operating: LimitCurve
  /// Recommended safety limit, beyond the operating limit.
  public let recommended: LimitCurve
  /// Maximum safety limit, beyond the recommended one.
  public let safety: LimitCurve
  /// Where the limit comes from.
  public let source: Source
  /// How it was derived from the source.
  public let note: String

  /// Creates a limit.
  ///
  /// - Parameters:
  ///   - quantity: What is limited.
  ///   - side: Which side is limited.
  ///   - activities: Activities the limit holds for; not empty.
  ///   - operating: Maximum operating limit.
  ///   - recommended: Recommended safety limit.
  ///   - safety: Maximum safety limit. The three must be in this order, none inside the one
  ///     before, at every temperature point of each.
  ///   - source: Where the limit comes from.
  ///   - note: How it was derived from the source.
  public init(
    _ quantity: LimitedQuantity, _ side: Side, while activities: Set<BatteryActivity>,
    operating: LimitCurve, recommended: LimitCurve, safety: LimitCurve, source: Source,
    note: String
  ) {
    let fault = Self.fault(activities, operating, recommended, safety, side: side)
    if let fault { preconditionFailure(fault) }
    self.quantity = quantity
    self.side = side
    self.activities = activities
    self.operating = operating
    self.recommended = recommended
    self.safety = safety
    self.source = source
    self.note = note
  }

  /// The curve of a level; nil for ``LimitLevel/within``.
  public func curve(of level: LimitLevel) -> LimitCurve? {
    switch level {
    case .within: nil
    case .maximumOperatingLimit: operating
    case .recommendedSafetyLimit: recommended
    case .maximumSafetyLimit: safety
    }
  }

  /// How far a value is beyond the limit.
  ///
  /// A value equal to a limit is not beyond it: a charger that holds the charge voltage exactly
  /// raises nothing.
  ///
  /// - Parameters:
  ///   - value: The value in SI.
  ///   - temperature: Cell temperature; needed where the limit depends on it.
  /// - Returns: The highest level crossed; nil where the value is NaN or the limit depends on a
  ///   temperature that is unknown, so that "not judged" is never taken for "good".
  public func level(of value: Double, at temperature: Temperature? = nil) -> LimitLevel? {
    guard !value.isNaN, let msl = safety.value(at: temperature),
      let rsl = recommended.value(at: temperature), let mol = operating.value(at: temperature)
    else { return nil }
    if isBeyond(value, msl) { return .maximumSafetyLimit }
    if isBeyond(value, rsl) { return .recommendedSafetyLimit }
    return isBeyond(value, mol) ? .maximumOperatingLimit : .within
  }

  private func isBeyond(_ value: Double, _ limit: Double) -> Bool {
    side == .upper ? value > limit : value < limit
  }

  private static func fault(
    _ activities: Set<BatteryActivity>, _ operating: LimitCurve, _ recommended: LimitCurve,
    _ safety: LimitCurve, side: Side
  ) -> String? {
    if activities.isEmpty { return "a limit needs an activity" }
    let curves = [operating, recommended, safety]
    let ordered = curves.flatMap { $0.points.map(\.temperature) }.allSatisfy { temperature in
      let values = curves.compactMap { $0.value(at: temperature) }
      return side == .upper
        ? values[0] <= values[1] && values[1] <= values[2]
        : values[0] >= values[1] && values[1] >= values[2]
    }
    return ordered ? nil : "the levels of a limit must be ordered"
  }

  private enum CodingKeys: String, CodingKey {
    case quantity
    case side
    case activities
    case operating
    case recommended
    case safety
    case source
    case note
  }

  /// Reads a limit; levels out of order and a limit without activity are refused.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    quantity = try values.decode(LimitedQuantity.self, forKey: .quantity)
    side = try values.decode(Side.self, forKey: .side)
    activities = try values.decode(Set<BatteryActivity>.self, forKey: .activities)
    operating = try values.decode(LimitCurve.self, forKey: .operating)
    recommended = try values.decode(LimitCurve.self, forKey: .recommended)
    safety = try values.decode(LimitCurve.self, forKey: .safety)
    source = try values.decode(Source.self, forKey: .source)
    note = try values.decode(String.self, forKey: .note)
    if let fault = Self.fault(activities, operating, recommended, safety, side: side) {
      throw DecodingError.dataCorruptedError(
        forKey: .operating, in: values, debugDescription: fault)
    }
  }
}
