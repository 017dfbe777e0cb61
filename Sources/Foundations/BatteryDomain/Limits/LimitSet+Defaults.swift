// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Default limits of a chemistry, derived from its operating window by stated rules.

public import Quantities

/// Distances between the three levels, as in the open battery management system foxBMS 2.
///
/// Source: ``Source/foxBMS``: cell voltage 2.72, 2.75 and 2.80 V; temperature while discharging
/// 45, 50 and 55 °C; current 170, 175 and 180 A for MOL, RSL and MSL.
public enum LimitSpacing {
  /// From the operating limit to the recommended safety limit of a voltage.
  public static let voltageToRecommended = Voltage(millivolts: 30)
  /// From the operating limit to the maximum safety limit of a voltage.
  public static let voltageToSafety = Voltage(millivolts: 80)
  /// From the operating limit to the recommended safety limit of a temperature.
  public static let temperatureToRecommended = TemperatureDifference(5)
  /// From the operating limit to the maximum safety limit of a temperature.
  public static let temperatureToSafety = TemperatureDifference(10)
  /// Recommended safety limit of a current over its operating limit.
  public static let currentToRecommended = 175.0 / 170.0
  /// Maximum safety limit of a current over its operating limit.
  public static let currentToSafety = 180.0 / 170.0
}

extension LimitSet {
  /// Default limits of a chemistry.
  ///
  /// Voltage: the operating limit is the end of the chemistry's voltage window, the two safety
  /// limits lie outside it. Temperature: the maximum safety limit is the end of the window, the
  /// other two lie inside it. The distances are those of ``LimitSpacing``. At rest the window of
  /// discharge holds; the storage window concerns ageing and sets no limit here. A window that is
  /// unknown yields no limit, and then ``assessment(of:as:while:at:)`` returns nil instead of a
  /// guess.
  ///
  /// - Parameter chemistry: The chemistry; the data sheet of the cell at hand decides.
  /// - Returns: The limits that the sources allow to state.
  public static func defaults(for chemistry: Chemistry) -> LimitSet {
    let window = chemistry.safety.window
    var limits: [ThreeLevelLimit] = []
    if let voltage = window.voltage.sourced {
      limits += voltageLimits(voltage)
    }
    let windows: [(Fact<ClosedRange<Temperature>>, Set<BatteryActivity>)] = [
      (window.chargeTemperature, [.charge]), (window.dischargeTemperature, [.discharge, .rest]),
    ]
    for (fact, activities) in windows {
      if let temperature = fact.sourced {
        limits += temperatureLimits(temperature, while: activities)
      }
    }
    return LimitSet(limits)
  }

  /// Limits of the current of a cell from the largest continuous currents of its data sheet.
  ///
  /// - Parameters:
  ///   - charge: Largest charge current over temperature, as magnitudes.
  ///   - discharge: Largest discharge current over temperature.
  ///   - source: The data sheet.
  /// - Returns: Two limits whose operating limit is the data sheet's current.
  public static func currentLimits(
    charge: LimitCurve, discharge: LimitCurve, source: Source
  ) -> [ThreeLevelLimit] {
    [(charge, BatteryActivity.charge), (discharge, .discharge)].map { curve, activity in
      ThreeLevelLimit(
        .cellCurrent, .upper, while: [activity], operating: curve,
        recommended: curve.scaled(by: LimitSpacing.currentToRecommended),
        safety: curve.scaled(by: LimitSpacing.currentToSafety), source: source,
        note: "operating limit of the data sheet, spacing of foxBMS")
    }
  }

  private static func voltageLimits(
    _ window: Sourced<ClosedRange<Voltage>>
  ) -> [ThreeLevelLimit] {
    [ThreeLevelLimit.Side.upper, .lower].map { side in
      let end = side == .upper ? window.value.upperBound : window.value.lowerBound
      let outward = side == .upper ? 1.0 : -1.0
      return ThreeLevelLimit(
        .cellVoltage, side, while: Set(BatteryActivity.allCases),
        operating: LimitCurve(constant: end.value),
        recommended: LimitCurve(
          constant: (end + LimitSpacing.voltageToRecommended * outward).value),
        safety: LimitCurve(constant: (end + LimitSpacing.voltageToSafety * outward).value),
        source: window.source, note: "operating limit at the end of the window")
    }
  }

  private static func temperatureLimits(
    _ window: Sourced<ClosedRange<Temperature>>, while activities: Set<BatteryActivity>
  ) -> [ThreeLevelLimit] {
    // A window narrower than the spacing on both sides would turn the operating range inside out.
    let width = window.value.upperBound.difference(from: window.value.lowerBound)
    let shrink = min(1, width.value / (4 * LimitSpacing.temperatureToSafety.value))
    let toSafety = LimitSpacing.temperatureToSafety * shrink
    let toRecommended = LimitSpacing.temperatureToRecommended * shrink
    return [ThreeLevelLimit.Side.upper, .lower].map { side in
      let end = side == .upper ? window.value.upperBound : window.value.lowerBound
      let inward = side == .upper ? -1.0 : 1.0
      return ThreeLevelLimit(
        .cellTemperature, side, while: activities,
        operating: LimitCurve(constant: (end + toSafety * inward).value),
        recommended: LimitCurve(constant: (end + (toSafety - toRecommended) * inward).value),
        safety: LimitCurve(constant: end.value), source: window.source,
        note: "maximum safety limit at the end of the window")
    }
  }
}
