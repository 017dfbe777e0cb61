// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Products and quotients of quantities that thermal and energy balances need.

/// Ohmic voltage drop, `V = R·I`.
@inlinable
public func * (resistance: Resistance, current: Current) -> Voltage {
  Voltage(resistance.value * current.value)
}

/// Current through a resistance, `I = V/R`.
@inlinable
public func / (voltage: Voltage, resistance: Resistance) -> Current {
  Current(voltage.value / resistance.value)
}

/// Current of a power at a voltage, `I = P/V`.
@inlinable
public func / (power: Power, voltage: Voltage) -> Current {
  Current(power.value / voltage.value)
}

/// Mean current of a charge moved in a time, `I = Q/t`.
@inlinable
public func / (charge: Charge, duration: Duration) -> Current {
  Current(charge.value / duration.value)
}

/// Time to move a charge at a current, `t = Q/I`.
@inlinable
public func / (charge: Charge, current: Current) -> Duration {
  Duration(charge.value / current.value)
}

/// Mean power of an energy in a time, `P = E/t`.
@inlinable
public func / (energy: Energy, duration: Duration) -> Power {
  Power(energy.value / duration.value)
}

/// Time to deliver an energy at a power, `t = E/P`.
@inlinable
public func / (energy: Energy, power: Power) -> Duration {
  Duration(energy.value / power.value)
}

/// Mean voltage of an energy and a charge, `V = E/Q`.
@inlinable
public func / (energy: Energy, charge: Charge) -> Voltage {
  Voltage(energy.value / charge.value)
}

/// Heat flow through a conductance, `P = G·ΔT`.
@inlinable
public func * (conductance: ThermalConductance, difference: TemperatureDifference) -> Power {
  Power(conductance.value * difference.value)
}

/// Conductance of a cooled surface, `G = h·A`.
@inlinable
public func * (coefficient: HeatTransferCoefficient, area: Area) -> ThermalConductance {
  ThermalConductance(coefficient.value * area.value)
}

/// Heat that warms a body, `E = C·ΔT`.
@inlinable
public func * (capacity: HeatCapacity, difference: TemperatureDifference) -> Energy {
  Energy(capacity.value * difference.value)
}

/// Warming of a body by a heat, `ΔT = E/C`.
@inlinable
public func / (energy: Energy, capacity: HeatCapacity) -> TemperatureDifference {
  TemperatureDifference(energy.value / capacity.value)
}

/// Heat capacity of a body, `C = m·c`.
@inlinable
public func * (mass: Mass, specific: SpecificHeatCapacity) -> HeatCapacity {
  HeatCapacity(mass.value * specific.value)
}

/// Warming at a rate in a time, `ΔT = r·t`.
@inlinable
public func * (rate: TemperatureRate, duration: Duration) -> TemperatureDifference {
  TemperatureDifference(rate.value * duration.value)
}

/// Gas vented by a cell of a capacity, `V = y·Q`.
@inlinable
public func * (yield: GasYield, charge: Charge) -> Volume {
  Volume(yield.value * charge.value)
}

extension Quantity where Unit == Kelvin {
  /// The temperature warmer by a difference.
  @inlinable
  public static func + (lhs: Self, rhs: TemperatureDifference) -> Self {
    Self(lhs.value + rhs.value)
  }

  /// The temperature colder by a difference.
  @inlinable
  public static func - (lhs: Self, rhs: TemperatureDifference) -> Self {
    Self(lhs.value - rhs.value)
  }

  /// How much warmer this temperature is than another.
  @inlinable
  public func difference(from other: Self) -> TemperatureDifference {
    TemperatureDifference(value - other.value)
  }
}
