// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Hardware and budgets of the balancing.

/// Which hardware balances.
public enum BalancingHardware: UInt8, Sendable, BitwiseCopyable {
  /// None.
  case none
  /// A resistor over each cell.
  case passive
  /// Capacitors between neighbours, switched between them.
  case switchedCapacitor
  /// As `switchedCapacitor`, with a second layer of capacitors between every other cell.
  case switchedCapacitorDouble
  /// An inductor between neighbours.
  case inductor
  /// An isolated converter between one cell and the whole string.
  case converter
}

/// Hardware and budgets of the balancing.
public struct BalancingSettings<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// The hardware.
  public var hardware = BalancingHardware.passive
  /// Bleed current, or current of an inductor or converter, in amperes.
  public var current: Real = 0.1
  /// Equivalent resistance of a switched capacitor, 1/(f·C), in ohms.
  public var capacitorResistance: Real = 0.5
  /// Share of the charge that arrives, for inductors and converters.
  public var efficiency: Real = 0.9
  /// Cells a converter or the bleeding may serve at once; 0 for all.
  public var channels: UInt8 = 0
  /// Difference of charge to the target below which a cell is balanced, as a share of the capacity.
  public var tolerance: Real = 0.005
  /// Lowest state of charge at which is balanced (where the voltage tells cells apart).
  public var leastCharge: Real = 0.3
  /// Heat the balancing hardware may give off, in watts.
  public var heatBudget: Real = 20
  /// Charge each cell may lose by balancing in one plan, as a share of the capacity.
  public var chargeBudget: Real = 0.02
  /// Highest temperature at which is balanced, in kelvin.
  public var greatestTemperature: Real = 318.15
  /// Length of one turn of balancing and sampling, in milliseconds.
  public var turnMilliseconds: UInt32 = 10_000
  /// Part of a turn in which balancing pauses for undisturbed samples, in milliseconds.
  public var pauseMilliseconds: UInt32 = 1000
  /// Time between two plans, in seconds.
  public var planSeconds: Real = 1800

  /// The defaults.
  public init() {}

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    var kind = hardware.rawValue
    visitor.integer(
      &kind, "hardware", in: 0...5,
      "0 none, 1 passive, 2 switched capacitor, 3 double layer of those, 4 inductor, 5 converter")
    hardware = BalancingHardware(rawValue: kind) ?? hardware
    visitor.number(
      &current, "current", unit: "A", in: 0...1000, "bleed current or current of a converter")
    visitor.number(
      &capacitorResistance, "capacitor_resistance", unit: "ohm", in: 1e-6...1e6,
      "equivalent resistance of a switched capacitor")
    visitor.number(
      &efficiency, "efficiency", unit: "", in: 0.01...1, "share of the charge that arrives")
    visitor.integer(&channels, "channels", in: 0...255, "cells served at once; 0 for all")
    visitor.number(
      &tolerance, "tolerance", unit: "", in: 0...1, "difference below which a cell is balanced")
    visitor.number(
      &leastCharge, "least_charge", unit: "", in: 0...1,
      "lowest state of charge at which is balanced")
    visitor.number(
      &heatBudget, "heat_budget", unit: "W", in: 0...1e5, "heat the hardware may give off")
    visitor.number(
      &chargeBudget, "charge_budget", unit: "", in: 0...1,
      "charge each cell may lose in one plan, as a share of the capacity")
    visitor.number(
      &greatestTemperature, "greatest_temperature", unit: "K", in: 200...400,
      "highest temperature at which is balanced")
    visitor.integer(
      &turnMilliseconds, "turn_milliseconds", in: 1...10_000_000,
      "length of one turn of balancing and sampling")
    visitor.integer(
      &pauseMilliseconds, "pause_milliseconds", in: 0...10_000_000,
      "part of a turn in which balancing pauses for samples")
    visitor.number(
      &planSeconds, "plan_seconds", unit: "s", in: 1...1e7, "time between two plans")
  }

  /// The pause fits into the turn.
  public func inconsistency() -> ConfigurationRule? {
    pauseMilliseconds < turnMilliseconds ? nil : .timesOutOfOrder
  }
}
