// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the instruments deliver in one cycle: all that detectors and controllers may see.

/// What the pack is used for at a moment.
public enum DutyMode: String, CaseIterable, Codable, Hashable, Sendable {
  /// Parked or idle, contactors open.
  case parked
  /// Driving, or following the grid.
  case active
  /// Connected to a charger.
  case charging
}

/// One cycle's readings: all that a detector or controller may see. Missing values are NaN.
public struct PackReading: Sendable {
  /// Time of the instruments' clock, in seconds.
  public var time = 0.0
  /// What the pack is used for.
  public var mode = DutyMode.parked
  /// Pack current in amperes, discharge positive.
  public var current = Double.nan
  /// Voltage of the string before the contactors, in volts.
  public var packVoltage = Double.nan
  /// Voltage behind the contactors, in volts.
  public var linkVoltage = Double.nan
  /// Cell voltages in volts.
  public var cellVoltage: [Double]
  /// Probe temperatures in kelvin.
  public var probeTemperature: [Double]
  /// Insulation resistance in ohms.
  public var insulation = Double.nan
  /// Gauge pressure of the housing in pascals.
  public var pressure = Double.nan
  /// Gas in the housing in parts per million.
  public var gas = Double.nan
  /// Air temperature in kelvin.
  public var ambient = Double.nan
  /// Temperature of the coolant at the inlet, in kelvin.
  public var coolant = Double.nan
  /// Whether the balancing switch of each cell was commanded during the cycle before.
  public var bleeds: [Bool]
  /// Whether the contactors were commanded closed.
  public var contactorsCommanded = true
  /// Whether the auxiliary contacts read closed.
  public var contactorsClosed = true
  /// Whether pump and heater were commanded.
  public var pumpCommanded = false
  /// Whether the heater was commanded.
  public var heaterCommanded = false
  /// The charge current that the controller allows, in amperes.
  public var allowedCharge = Double.infinity
  /// Whether the pack is being precharged or an inverter's capacitor charged.
  public var isPrecharging = false

  /// An empty reading.
  public init(cells: Int, probes: Int) {
    cellVoltage = Array(repeating: .nan, count: cells)
    probeTemperature = Array(repeating: .nan, count: probes)
    bleeds = Array(repeating: false, count: cells)
  }
}
