// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Derating maps and charge settings.

/// A derating map: a factor over a quantity, piecewise linear between six points, constant outside.
public struct DeratingMap<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// The quantity at the points, rising.
  public var place: InlineArray<6, Real>
  /// The factor at the points, in 0…1.
  public var factor: InlineArray<6, Real>

  /// A map of six points.
  public init(_ place: InlineArray<6, Real>, _ factor: InlineArray<6, Real>) {
    self.place = place
    self.factor = factor
  }

  /// The factor at a value; 0 where the value is NaN.
  @inlinable
  public func callAsFunction(_ value: Real) -> Real {
    guard !value.isNaN else { return 0 }
    if value <= place[0] { return factor[0] }
    for point in 1..<6 where value <= place[point] {
      let width = place[point] - place[point - 1]
      guard width > 0 else { return min(factor[point], factor[point - 1]) }
      let part = (value - place[point - 1]) / width
      return factor[point - 1] + part * (factor[point] - factor[point - 1])
    }
    return factor[5]
  }

  /// Shows both lists.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.numbers(&place, "place", unit: "", in: -1e6...1e6, "the quantity at the points")
    visitor.numbers(&factor, "factor", unit: "", in: 0...1, "the factor at the points")
  }

  /// The points rise.
  public func inconsistency() -> ConfigurationRule? {
    for point in 1..<6 where place[point] < place[point - 1] { return .pointsOutOfOrder }
    return nil
  }
}

/// Derating maps, and how a charge ends.
public struct LimitSettings<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Charge current over the lowest temperature, in kelvin; the plating margin of the cell.
  public var chargeCold = DeratingMap<Real>(
    [273.15, 278.15, 283.15, 288.15, 298.15, 330], [0, 0.1, 0.3, 0.6, 1, 1])
  /// Charge current over the highest temperature, in kelvin.
  public var chargeHot = DeratingMap<Real>(
    [273.15, 303.15, 308.15, 313.15, 318.15, 330], [1, 1, 1, 0.5, 0, 0])
  /// Charge current over the highest state of charge of a cell.
  public var chargeFull = DeratingMap<Real>(
    [0, 0.05, 0.1, 0.6, 0.8, 1], [0.2, 0.5, 1, 1, 0.7, 0.3])
  /// Discharge current over the lowest temperature, in kelvin.
  public var dischargeCold = DeratingMap<Real>(
    [243.15, 253.15, 263.15, 273.15, 283.15, 330], [0, 0.2, 0.5, 0.8, 1, 1])
  /// Discharge current over the highest temperature, in kelvin.
  public var dischargeHot = DeratingMap<Real>(
    [273.15, 318.15, 323.15, 328.15, 333.15, 340], [1, 1, 1, 0.5, 0, 0])
  /// Discharge current over the lowest state of charge of a cell.
  public var dischargeEmpty = DeratingMap<Real>(
    [0, 0.02, 0.05, 0.1, 0.2, 1], [0, 0.2, 0.5, 0.8, 1, 1])
  /// Voltage a cell is charged to, in volts.
  public var chargeVoltage: Real = 4.2
  /// Voltage below the operating limit of discharge from which the discharge folds back, in volts.
  public var foldbackVoltage: Real = 0.15
  /// A charge ends when its current falls below this share of the one-hour current at full voltage.
  public var taperRate: Real = 0.05
  /// State of charge below which a finished charge starts again.
  public var restartCharge: Real = 0.97
  /// Factor on a current while a reaction derates it.
  public var derating: Real = 0.5
  /// How fast a limit recovers, as a share of its full size a second.
  public var recoveryPerSecond: Real = 0.1

  /// The defaults.
  public init() {}

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.part(&chargeCold, "charge_cold", "charge current over the lowest temperature")
    visitor.part(&chargeHot, "charge_hot", "charge current over the highest temperature")
    visitor.part(&chargeFull, "charge_full", "charge current over the highest state of charge")
    visitor.part(&dischargeCold, "discharge_cold", "discharge current over the lowest temperature")
    visitor.part(&dischargeHot, "discharge_hot", "discharge current over the highest temperature")
    visitor.part(&dischargeEmpty, "discharge_empty", "discharge current over the lowest charge")
    visitor.number(
      &chargeVoltage, "charge_voltage", unit: "V", in: 0...10, "voltage a cell is charged to")
    visitor.number(
      &foldbackVoltage, "foldback_voltage", unit: "V", in: 0.001...5,
      "distance above the lowest voltage from which the discharge folds back")
    visitor.number(
      &taperRate, "taper_rate", unit: "1/h", in: 0...1, "current at which a charge ends")
    visitor.number(
      &restartCharge, "restart_charge", unit: "", in: 0...1,
      "state of charge below which a finished charge starts again")
    visitor.number(
      &derating, "derating", unit: "", in: 0...1, "factor while a reaction derates a current")
    visitor.number(
      &recoveryPerSecond, "recovery_per_second", unit: "1/s", in: 0.0001...1000,
      "how fast a limit recovers, as a share of its full size")
  }

  /// Every map rises.
  public func inconsistency() -> ConfigurationRule? {
    chargeCold.inconsistency() ?? chargeHot.inconsistency() ?? chargeFull.inconsistency()
      ?? dischargeCold.inconsistency() ?? dischargeHot.inconsistency()
      ?? dischargeEmpty.inconsistency()
  }
}
