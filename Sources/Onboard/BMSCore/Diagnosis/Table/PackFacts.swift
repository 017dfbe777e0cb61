// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Facts about the pack that detectors and control compare with.

/// Facts about the pack that detectors and control compare with; the defaults suit the cell of a
/// fresh `SafetyLimits` in a string of about a hundred.
public struct PackFacts<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Capacity of a cell position, in ampere-hours.
  public var capacityAmpereHours: Real = 50
  /// Ohmic resistance of a new cell position at 25 °C, in ohms.
  public var cellResistance: Real = 0.001
  /// Current above which only a short can flow, in amperes.
  public var shortCurrent: Real = 400
  /// Capacitance of the link, in farads.
  public var linkCapacitance: Real = 0.001
  /// Resistance of the precharge resistor, in ohms.
  public var prechargeResistance: Real = 40
  /// Heat capacity of the pack, in joules per kelvin.
  public var heatCapacity: Real = 100_000
  /// Conductance from the cells to the coolant at full pump duty, in watts per kelvin.
  public var coolantConductance: Real = 200
  /// Power of the heater at full duty, in watts; 0 where none is fitted.
  public var heaterPower: Real = 3000
  /// Period of the control cycle, in milliseconds; used where the clock gives none.
  public var cycleMilliseconds: UInt32 = 10

  /// Facts to start from.
  @inlinable
  public init() {}

  /// Shows every field.
  @inlinable
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &capacityAmpereHours, "capacity_ampere_hours", unit: "A.h", in: 0.001...1e6,
      "capacity of a cell position")
    visitor.number(
      &cellResistance, "cell_resistance", unit: "ohm", in: 0...10,
      "ohmic resistance of a new cell position at 25 degrees Celsius")
    visitor.number(
      &shortCurrent, "short_current", unit: "A", in: 0.001...1e6,
      "current above which only a short can flow")
    visitor.number(
      &linkCapacitance, "link_capacitance", unit: "F", in: 0...1, "capacitance of the link")
    visitor.number(
      &prechargeResistance, "precharge_resistance", unit: "ohm", in: 0...100_000,
      "resistance of the precharge resistor")
    visitor.number(
      &heatCapacity, "heat_capacity", unit: "J/K", in: 1...1e9, "heat capacity of the pack")
    visitor.number(
      &coolantConductance, "coolant_conductance", unit: "W/K", in: 0...1e6,
      "conductance from the cells to the coolant at full pump duty")
    visitor.number(
      &heaterPower, "heater_power", unit: "W", in: 0...1e6,
      "power of the heater at full duty; 0 where none is fitted")
    visitor.integer(
      &cycleMilliseconds, "cycle_milliseconds", in: 1...60_000, "period of the control cycle")
  }
}
