// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where a cell, a module or a probe stands against its siblings and its own past.

public import BatteryDomain

/// Where one cell stands against its siblings and its own past.
///
/// Deviations are taken at low, steady current and reduced to like state of charge: the voltage
/// difference that the cell would show at the pack's usual slope of open-circuit voltage.
public struct CellStanding: Codable, Hashable, Sendable {
  /// Number of the cell, from 1.
  public var cell: Int
  /// Number of the group of siblings it belongs to, from 1.
  public var module: Int
  /// Severity of the cell's most severe finding; note when there is none.
  public var severity = Severity.note
  /// Risk of the cell's most severe finding, 0 to 100; 0 when there is none.
  public var risk = 0.0
  /// Latest deviation from the median of its module at like state of charge, in volts.
  public var deviation: Double?
  /// First deviation from the median of its module at like state of charge, in volts.
  public var firstDeviation: Double?
  /// Latest deviation from the median of the pack as read at low current, in volts.
  public var packDeviation: Double?
  /// First deviation from the median of the pack as read at low current, in volts.
  public var firstPackDeviation: Double?
  /// Robust z of the latest deviation among the cells of the module.
  public var moduleScore: Double?
  /// Robust z of the latest deviation among all cells of the pack: for comparison only.
  public var packScore: Double?
  /// Difference of state of charge to the module that explains the latest deviation, as a
  /// fraction; nil without a usable state of charge.
  public var stateOfChargeDeviation: Double?
  /// Trend of the deviation over the last weeks of data, in volts a second.
  public var driftRate: Double?
  /// Standard error of the trend, in volts a second.
  public var driftRateError: Double?
  /// When the cell left its own baseline; nil while it keeps to it.
  public var onset: Double?
  /// When the departure became faster; nil if it did not.
  public var acceleration: Double?
  /// Resistance above the median of the module, in ohms; nil without enough load steps.
  public var resistanceDeviation: Double?
  /// Robust z of the resistance among the cells of the module.
  public var resistanceScore: Double?
  /// Relative capacity below the median of the module that explains a deviation growing towards
  /// low state of charge; positive is capacity-poor; nil without enough range of charge.
  public var capacityDeviation: Double?
  /// Pearson correlation of the last rows with the median of the module.
  public var correlation: Double?
  /// Shannon entropy of the deviation over the last rows, in bits (5 mV bins).
  public var entropy: Double?
  /// Leakage current that explains the drift, in amperes, as a range over the assumed capacity.
  public var leakage: ValueRange?

  /// Creates a standing without numbers.
  public init(cell: Int, module: Int) {
    self.cell = cell
    self.module = module
  }
}

/// A group of neighbouring cells that move together, inferred from the data.
public struct CellModule: Codable, Hashable, Sendable {
  /// Number of the group, from 1.
  public var module: Int
  /// First cell, from 1.
  public var firstCell: Int
  /// Last cell.
  public var lastCell: Int
  /// Median deviation of its cells from the pack's median at first, in volts.
  public var firstDeviation: Double?
  /// Median deviation of its cells from the pack's median at last, in volts.
  public var deviation: Double?
  /// Robust spread (scaled MAD) of its cells at last, in volts.
  public var spread: Double?

  /// Creates a group without numbers.
  public init(module: Int, firstCell: Int, lastCell: Int) {
    self.module = module
    self.firstCell = firstCell
    self.lastCell = lastCell
  }
}

/// Where one temperature probe stands against the others.
public struct ProbeStanding: Codable, Hashable, Sendable {
  /// Number of the probe, from 1.
  public var probe: Int
  /// What the probe is fit for.
  public var condition = ProbeCondition.live
  /// Share of rows with a usable value, from 0 to 1.
  public var validShare = 0.0
  /// Median deviation from the median of the live probes, in kelvin.
  public var deviation: Double?
  /// Latest deviation from the median of the live probes, in kelvin.
  public var latestDeviation: Double?
  /// Highest temperature seen, in kelvin.
  public var maximum: Double?

  /// Creates a standing without numbers.
  public init(probe: Int) { self.probe = probe }
}

/// What a probe is fit for.
public enum ProbeCondition: String, CaseIterable, Codable, Hashable, Sendable {
  /// Gives values that follow the others.
  case live
  /// Never gives a usable value, or no longer.
  case dead
  /// Keeps one value while the others move.
  case stuck
}

/// A range of a value, in the unit of its context.
public struct ValueRange: Codable, Hashable, Sendable {
  /// Lower end.
  public var low: Double
  /// Upper end.
  public var high: Double

  /// Creates a range.
  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}
