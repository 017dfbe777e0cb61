// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One row of a recording as the core's drivers would deliver it.

/// One row of a recording in coherent SI, discharge positive; NaN where nothing was recorded.
public struct ReplayFrame: Sendable {
  /// Time of the recording, in seconds.
  public var time: Double
  /// Current in amperes.
  public var current: Double
  /// Cell voltages in volts.
  public var cellVoltages: [Double]
  /// Probe temperatures in kelvin.
  public var probeTemperatures: [Double]
  /// Voltage of the string in volts.
  public var packVoltage = Double.nan
  /// Insulation resistance in ohms.
  public var insulation = Double.nan
  /// Air temperature in kelvin.
  public var ambient = Double.nan
  /// Absolute pressure of the housing in pascals.
  public var pressure = Double.nan
  /// Speed in metres per second; NaN for a recording without one.
  public var speed = Double.nan
  /// State of charge that the recording states, 0…1.
  public var stateOfCharge = Double.nan

  /// A frame.
  public init(
    time: Double, current: Double, cellVoltages: [Double], probeTemperatures: [Double]
  ) {
    self.time = time
    self.current = current
    self.cellVoltages = cellVoltages
    self.probeTemperatures = probeTemperatures
  }
}

/// What the caller knows of a recording that its file does not say.
public struct ReplayOptions: Sendable {
  /// Columns of probes to use, from 0; all where empty.
  public var probes: [Int] = []
  /// Columns of cells to use, from 0; all where empty.
  public var cells: [Int] = []
  /// Temperature that stands in for a recording without any, in kelvin.
  public var temperature = 298.15
  /// Whether the recorded insulation resistance is used.
  public var usesInsulation = true
  /// Rows of evidence before and after a trip.
  public var evidenceRows = 15

  /// The defaults.
  public init() {}
}

/// Why a recording cannot be replayed with a configuration.
public enum ReplayError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A quantity is not in the file.
  case missing(quantity: String, table: String)
  /// The counts of the recording are not those of the configuration.
  case count(what: String, recorded: Int, configured: Int)
  /// A probe or cell was named that the recording does not have.
  case noSuchColumn(what: String, number: Int, recorded: Int)
  /// No row could be replayed.
  case noRows

  /// What, which value, what to do.
  public var description: String {
    switch self {
    case .missing(let quantity, let table):
      "\(table) has no column of \(quantity), which this command needs; name it with --columns"
    case .count(let what, let recorded, let configured):
      "the recording has \(recorded) \(what), the configuration \(configured): change pack.\(what) "
        + "in the configuration, or choose columns with --\(what)"
    case .noSuchColumn(let what, let number, let recorded):
      "--\(what) names \(number), the recording has \(recorded)"
    case .noRows: "no row of the recording has a time, a current and a voltage"
    }
  }
}
