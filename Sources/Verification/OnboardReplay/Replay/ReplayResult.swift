// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a replay found: decisions with their evidence, and how the cells stand.

/// One row of evidence around a decision, as the core judged it.
public struct ReplayEvidence: Codable, Sendable, Hashable {
  /// Seconds after the decision; negative before it.
  public var seconds: Double
  /// Current in amperes; nil where the core did not believe it.
  public var current: Double?
  /// The channel concerned, in volts or kelvin; nil where there is none or it was not believed.
  public var value: Double?
  /// Mean of the cells that were believed, in volts.
  public var mean: Double?
  /// Lowest cell in volts.
  public var lowest: Double?
  /// Highest cell in volts.
  public var highest: Double?
  /// Highest temperature in kelvin.
  public var temperature: Double?
  /// State of charge by the core, 0…1.
  public var stateOfCharge: Double
}

/// One decision of the core.
public struct ReplayDecision: Codable, Sendable, Hashable {
  /// What kind of decision.
  public enum Kind: String, Codable, Sendable {
    /// A row of the diagnosis table reached a higher level.
    case trip
    /// The contactors opened.
    case opening
    /// The state of charge was corrected.
    case correction
    /// The core went into its safe state.
    case safeState = "safe_state"
  }

  /// Kind.
  public var kind: Kind
  /// Time of the recording in seconds.
  public var time: Double
  /// Row of the recording, from 1.
  public var row: Int
  /// The fault, the cause of the correction or the reason of the safe state.
  public var cause: String
  /// The level reached; empty where there is none.
  public var level: String
  /// The cell, probe or channel concerned: `cell 82`.
  public var subject: String
  /// Number of the cell or probe from 1; nil for the pack.
  public var number: Int?
  /// The indicator in the unit of the row.
  public var value: Double?
  /// The limit crossed in the unit of the row.
  public var limit: Double?
  /// Unit of both; empty for a ratio or a count.
  public var unit: String
  /// Version of the limits in force.
  public var limitVersion: UInt32?
  /// What was asked for.
  public var reactions: [String]
  /// Seconds until the reaction must be finished; nil for none.
  public var deadline: Double?
  /// Further decisions of the same cause, level and subject within an hour of the one before.
  public var repeats = 0
  /// Time of the last of them in seconds.
  public var last: Double
  /// The rows before and up to the decision.
  public var before: [ReplayEvidence] = []
  /// The rows after it.
  public var after: [ReplayEvidence] = []
}

/// How one cell stands by the estimates of the core.
public struct ReplayCell: Codable, Sendable, Hashable {
  /// Number from 1.
  public var number: Int
  /// Charge against the median of all cells, over the first day with an estimate, as a share.
  public var firstCharge: Double
  /// The same over the last day.
  public var lastCharge: Double
  /// Its standard deviation by the filter at the end.
  public var deviation: Double
  /// Capacity in ampere-hours at the end.
  public var capacity: Double
  /// Resistance over that of a new cell at the end.
  public var resistanceRatio: Double
  /// Leak against the siblings in amperes at the end.
  public var leak: Double
  /// Resistance of an internal short in ohms at the end; nil where none is seen.
  public var shortResistance: Double?
  /// Lowest cell of the pack in this share of the rows with an estimate.
  public var lowestShare: Double

  /// Change of the charge over the recording, as a share.
  public var change: Double { lastCharge - firstCharge }
}

/// The estimates of a day, for charts.
public struct ReplayDay: Codable, Sendable, Hashable {
  /// Time of the first row of the day in seconds.
  public var time: Double
  /// Charge of each cell against the median, as a share.
  public var charges: [Double]
}

/// What a replay found.
public struct ReplayResult: Codable, Sendable {
  /// Name of the recording.
  public var recording: String
  /// Name of the configuration.
  public var configuration: String
  /// Version of the configuration.
  public var version: UInt32
  /// Whether times are seconds since 1970 in UTC.
  public var isWallClock: Bool
  /// First and last time in seconds.
  public var span: [Double] = []
  /// Rows that were replayed.
  public var rows = 0
  /// Rows left out because their time does not go on.
  public var skipped = 0
  /// Interruptions longer than the longest interval of the configuration.
  public var gaps = 0
  /// Of these, such without a row at rest on either side: they count as one second.
  public var unknownGaps = 0
  /// Looks at the parked pack that stand for the interruptions.
  public var looks = 0
  /// Decisions in the order of time.
  public var decisions: [ReplayDecision] = []
  /// Decisions that came after the most a replay keeps.
  public var dropped = 0
  /// The cells.
  public var cells: [ReplayCell] = []
  /// The days.
  public var days: [ReplayDay] = []
  /// State of charge by the core at the end of each day.
  public var finalStateOfCharge = 0.0

  /// Trips of a level: `operating`, `recommended`, `safety`.
  public func trips(_ level: String) -> [ReplayDecision] {
    decisions.filter { $0.kind == .trip && $0.level == level }
  }
}
