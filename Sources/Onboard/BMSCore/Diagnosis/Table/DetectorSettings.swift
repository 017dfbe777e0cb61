// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers of the detectors that are not limits of a row.

/// Numbers of the detectors that are not limits of a row, with their defaults.
public struct DetectorSettings<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Current below which the pack rests, as a share of the one-hour current.
  public var restRate: Real = 0.005
  /// Rest before voltages count as settled, in seconds.
  public var restSettlingSeconds: Real = 3600
  /// Time constant of the slope of a temperature, in seconds.
  public var temperatureSlopeSeconds: Real = 10
  /// Change of a reading that proves a channel alive, in volts.
  public var channelStep: Real = 0.002
  /// Share of the string voltage by which it collapses in an external short.
  public var shortSag: Real = 0.15
  /// Time after the positive contactor closes in which inrush is expected, in milliseconds.
  public var inrushMilliseconds: UInt32 = 20
  /// Temperature that votes for a thermal event, in kelvin.
  public var eventTemperature: Real = 343.15
  /// Slope that votes for a thermal event, in kelvin per second (GB 38031-2025, annex C).
  public var eventSlope: Real = 1
  /// Share of its voltage by which a cell drops against its siblings to vote (same source).
  public var eventVoltageDrop: Real = 0.25
  /// Rise of the pressure over its slow mean that votes, in pascals.
  public var eventPressure: Real = 3000
  /// Gas that votes, in parts per million.
  public var eventGas: Real = 500
  /// Acoustic emission that votes, in counts a second.
  public var eventAcoustic: Real = 200
  /// Time over which the check of the heater compares heat, in seconds.
  public var heaterWindowSeconds: Real = 600
  /// Time constant with which the observer of the cooling forgets, in seconds.
  public var coolingObserverSeconds: Real = 1800
  /// Time without contactors after which the zero of the current is judged, in milliseconds.
  public var disconnectedMilliseconds: UInt32 = 2000

  /// Time in which the offset of a cell against its siblings is followed, in seconds.
  public var dropSeconds: Real = 60

  /// The defaults.
  public init() {}

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &restRate, "rest_rate", unit: "1/h", in: 0...1,
      "current below which the pack rests, as a share of the one-hour current")
    visitor.number(
      &restSettlingSeconds, "rest_settling_seconds", unit: "s", in: 1...1e6,
      "rest before voltages count as settled")
    visitor.number(
      &temperatureSlopeSeconds, "temperature_slope_seconds", unit: "s", in: 0.1...1000,
      "time constant of the slope of a temperature")
    visitor.number(
      &channelStep, "channel_step", unit: "V", in: 0...1,
      "change of a reading that proves a channel alive")
    visitor.number(
      &shortSag, "short_sag", unit: "", in: 0.01...1,
      "share of the string voltage by which it collapses in an external short")
    visitor.integer(
      &inrushMilliseconds, "inrush_milliseconds", in: 0...10_000,
      "time after the positive contactor closes in which inrush is expected")
    visitor.integer(
      &disconnectedMilliseconds, "disconnected_milliseconds", in: 0...1_000_000,
      "time without contactors after which the zero of the current is judged")
    visitEvent(&visitor)
  }

  private mutating func visitEvent<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &eventTemperature, "event_temperature", unit: "K", in: 250...1000,
      "temperature that votes for a thermal event")
    visitor.number(
      &eventSlope, "event_slope", unit: "K/s", in: 0.001...1000,
      "slope of a temperature that votes for a thermal event")
    visitor.number(
      &eventVoltageDrop, "event_voltage_drop", unit: "", in: 0.001...1,
      "share of its voltage by which a cell drops against its siblings to vote")
    visitor.number(
      &eventPressure, "event_pressure", unit: "Pa", in: 1...1e7,
      "rise of the pressure over its slow mean that votes")
    visitor.number(&eventGas, "event_gas", unit: "ppm", in: 0...1e6, "gas that votes")
    visitor.number(
      &eventAcoustic, "event_acoustic", unit: "1/s", in: 0...1e9, "acoustic emission that votes")
    visitor.number(
      &heaterWindowSeconds, "heater_window_seconds", unit: "s", in: 1...1e5,
      "time over which the check of the heater compares heat")
    visitor.number(
      &dropSeconds, "drop_seconds", unit: "s", in: 1...1e6,
      "time in which the offset of a cell against its siblings is followed")
    visitor.number(
      &coolingObserverSeconds, "cooling_observer_seconds", unit: "s", in: 1...1e6,
      "time constant with which the observer of the cooling forgets")
  }
}
