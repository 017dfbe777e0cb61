// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sums, differences and scaling of quantities, and the products that battery formulas need.

extension Quantity {
  /// The sum of two quantities of one unit.
  @inlinable
  public static func + (lhs: Self, rhs: Self) -> Self { Self(lhs.value + rhs.value) }

  /// The difference of two quantities of one unit.
  @inlinable
  public static func - (lhs: Self, rhs: Self) -> Self { Self(lhs.value - rhs.value) }

  /// The quantity with the opposite sign.
  @inlinable
  public static prefix func - (operand: Self) -> Self { Self(-operand.value) }

  /// The quantity scaled by a dimensionless factor.
  @inlinable
  public static func * (lhs: Self, rhs: Double) -> Self { Self(lhs.value * rhs) }

  /// The quantity scaled by a dimensionless factor.
  @inlinable
  public static func * (lhs: Double, rhs: Self) -> Self { Self(lhs * rhs.value) }

  /// The quantity divided by a dimensionless divisor.
  @inlinable
  public static func / (lhs: Self, rhs: Double) -> Self { Self(lhs.value / rhs) }

  /// The dimensionless ratio of two quantities of one unit.
  @inlinable
  public static func / (lhs: Self, rhs: Self) -> Double { lhs.value / rhs.value }

  /// Adds a quantity of the same unit in place.
  @inlinable
  public static func += (lhs: inout Self, rhs: Self) { lhs.value += rhs.value }

  /// Subtracts a quantity of the same unit in place.
  @inlinable
  public static func -= (lhs: inout Self, rhs: Self) { lhs.value -= rhs.value }
}

/// Electrical power delivered at a voltage and current, `P = V·I`.
@inlinable
public func * (voltage: Voltage, current: Current) -> Power {
  Power(voltage.value * current.value)
}

/// Ohmic voltage drop, `V = I·R`.
@inlinable
public func * (current: Current, resistance: Resistance) -> Voltage {
  Voltage(current.value * resistance.value)
}

/// Charge moved by a current in a time, `Q = I·t`.
@inlinable
public func * (current: Current, duration: Duration) -> Charge {
  Charge(current.value * duration.value)
}

/// Energy delivered at a power in a time, `E = P·t`.
@inlinable
public func * (power: Power, duration: Duration) -> Energy {
  Energy(power.value * duration.value)
}

/// Energy of a charge at a voltage, `E = V·Q`.
@inlinable
public func * (voltage: Voltage, charge: Charge) -> Energy {
  Energy(voltage.value * charge.value)
}

/// Resistance from a voltage change and a current change, `R = V/I`.
@inlinable
public func / (voltage: Voltage, current: Current) -> Resistance {
  Resistance(voltage.value / current.value)
}
