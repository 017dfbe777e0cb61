// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Times, currents and voltages of the contactor machine.

/// Times, currents and voltages of the contactor machine.
public struct ContactorSettings<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Largest current the contactors break, in amperes.
  public var breakingCurrent: Real = 500
  /// Current that counts as none, in amperes.
  public var zeroCurrent: Real = 2
  /// Largest current during precharge, as a multiple of string voltage over precharge resistance.
  public var prechargeCurrentFactor: Real = 1.3
  /// Share of the string voltage the link must reach.
  public var prechargeRatio: Real = 0.95
  /// Time for a contactor to close or open by its read-back, in milliseconds.
  public var switchMilliseconds: UInt32 = 200
  /// Time for precharge, in milliseconds.
  public var prechargeMilliseconds: UInt32 = 2000
  /// Time for the vehicle to bring the current to zero, in milliseconds.
  public var unloadMilliseconds: UInt32 = 1000
  /// Time a contactor needs to part and quench, in milliseconds; kept free before a deadline.
  public var partMilliseconds: UInt32 = 30
  /// Time over which the weld check watches the link, in milliseconds.
  public var weldMilliseconds: UInt32 = 3000
  /// Time a contradiction must last before it counts, in milliseconds.
  public var debounceMilliseconds: UInt32 = 50
  /// Whether a pyro fuse is fitted.
  public var hasPyroFuse = true

  /// The defaults.
  public init() {}

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &breakingCurrent, "breaking_current", unit: "A", in: 0...1e6,
      "largest current the contactors break")
    visitor.number(
      &zeroCurrent, "zero_current", unit: "A", in: 0...1e4, "current that counts as none")
    visitor.number(
      &prechargeCurrentFactor, "precharge_current_factor", unit: "", in: 1...10,
      "largest precharge current over string voltage by resistance")
    visitor.number(
      &prechargeRatio, "precharge_ratio", unit: "", in: 0.5...1,
      "share of the string voltage the link must reach")
    visitor.integer(
      &switchMilliseconds, "switch_milliseconds", in: 1...60_000,
      "time for a contactor to close or open")
    visitor.integer(
      &prechargeMilliseconds, "precharge_milliseconds", in: 1...60_000, "time for precharge")
    visitor.integer(
      &unloadMilliseconds, "unload_milliseconds", in: 1...60_000,
      "time for the vehicle to bring the current to zero")
    visitor.integer(
      &partMilliseconds, "part_milliseconds", in: 0...1000,
      "time a contactor needs to part and quench")
    visitor.integer(
      &weldMilliseconds, "weld_milliseconds", in: 1...600_000,
      "time over which the weld check watches the link")
    visitor.integer(
      &debounceMilliseconds, "debounce_milliseconds", in: 0...10_000,
      "time a contradiction must last before it counts")
    visitor.flag(&hasPyroFuse, "has_pyro_fuse", "a pyro fuse is fitted")
  }
}
