// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms, charge sessions, lead times and the quality of the telemetry.

public import BatteryDomain

/// A span over which the vehicle itself reported an alarm level above 0.
public struct AlarmEpisode: Codable, Hashable, Sendable {
  /// Highest level reported: 1 drive on, 2 limit driving, 3 stop, 4 thermal event.
  public var level: Int
  /// First and last row with the alarm.
  public var span: TimeSpan
  /// Number of rows with a level above 0.
  public var rows: Int

  /// Creates an episode.
  public init(level: Int, span: TimeSpan, rows: Int) {
    self.level = level
    self.span = span
    self.rows = rows
  }
}

/// How long a finding preceded one of the vehicle's own alarms.
public struct LeadTime: Codable, Hashable, Sendable {
  /// Part of the battery the finding is about.
  public var subject: Subject
  /// Kind of the finding.
  public var kind: String
  /// When the analysis, fed with the rows up to then, could first say so.
  public var detected: Double
  /// Level of the alarm.
  public var alarmLevel: Int
  /// Start of the first such alarm after the detection; nil if none followed.
  public var alarm: Double?
  /// Lead in seconds, positive when the finding came first; nil if no alarm followed.
  public var lead: Double?
  /// The lead in words, with the alarms that came before the detection.
  public var statement: String

  /// Creates a lead time.
  public init(
    subject: Subject, kind: String, detected: Double, alarmLevel: Int, alarm: Double?,
    lead: Double?, statement: String
  ) {
    self.subject = subject
    self.kind = kind
    self.detected = detected
    self.alarmLevel = alarmLevel
    self.alarm = alarm
    self.lead = lead
    self.statement = statement
  }
}

/// A charge session.
public struct ChargeSession: Codable, Hashable, Sendable {
  /// First and last row.
  public var span: TimeSpan
  /// Whether the vehicle reported charging, or it was inferred from current and speed.
  public var isInferred = false
  /// State of charge at the start, as a fraction.
  public var startStateOfCharge: Double?
  /// State of charge at the end, as a fraction.
  public var endStateOfCharge: Double?
  /// Charge put in, in coulombs, integrated over gaps up to the analysis' limit.
  public var charge = 0.0
  /// Energy put in, in joules; nil without a pack voltage.
  public var energy: Double?
  /// Mean charging current, in amperes, positive.
  public var meanCurrent = 0.0
  /// Highest cell voltage at the end, in volts.
  public var endCellVoltageMaximum: Double?
  /// Highest probe temperature, in kelvin.
  public var temperatureMaximum: Double?
  /// Capacity that the partial charge implies, in coulombs: charge over change of state of
  /// charge; nil below a change of 10 %.
  public var capacity: Double?
  /// Share of the session's time covered by rows close enough to integrate, from 0 to 1.
  public var coverage = 0.0

  /// Creates a session without charge.
  public init(span: TimeSpan) { self.span = span }
}

/// Quality of the telemetry itself.
public struct TelemetryQuality: Codable, Hashable, Sendable {
  /// Usual interval between rows, in seconds.
  public var interval: Double?
  /// Number of gaps longer than ten intervals and a minute, within the span.
  public var gaps = 0
  /// Longest gap, in seconds.
  public var longestGap: Double = 0
  /// Share of cell-voltage samples that are missing or unusable, from 0 to 1.
  public var unusableCellShare: Double = 0
  /// Share of probe samples that are missing or unusable, from 0 to 1.
  public var unusableProbeShare: Double = 0
  /// Rows in which at least one cell voltage is unusable.
  public var rowsWithUnusableCells = 0
  /// Numbers of the cells whose channel never moves while the others do.
  public var stuckCells: [Int] = []
  /// Share of rows that state whether the vehicle charges, from 0 to 1.
  public var chargeStateShare: Double = 0

  /// Creates a quality record without rows.
  public init() {}
}

/// What is known about the pack as a whole.
public struct PackSummary: Codable, Hashable, Sendable {
  /// Capacity inferred from partial charges or drives, in coulombs, as a range.
  public var capacity: ValueRange?
  /// Where the capacity comes from, in words.
  public var capacitySource: String = ""
  /// Usual slope of open-circuit voltage, in volts per unit state of charge, at which deviations
  /// are stated; nil without a usable state of charge.
  public var referenceSlope: Double?
  /// Median spread (highest minus lowest cell) at low current in the first tenth of the data.
  public var firstSpread: Double?
  /// Median spread at low current in the last tenth of the data.
  public var lastSpread: Double?
  /// Highest cell voltage seen, in volts.
  public var cellVoltageMaximum: Double?
  /// Lowest cell voltage seen, in volts.
  public var cellVoltageMinimum: Double?
  /// Highest probe temperature seen, in kelvin.
  public var temperatureMaximum: Double?
  /// Lowest probe temperature seen, in kelvin.
  public var temperatureMinimum: Double?
  /// Largest spread between live probes seen, in kelvin.
  public var temperatureSpreadMaximum: Double?
  /// Fastest sustained rise of a probe, in kelvin a second.
  public var temperatureRateMaximum: Double?
  /// Usual insulation resistance as the vehicle scales it, in ohms.
  public var insulationBaseline: Double?
  /// Lowest insulation resistance as the vehicle scales it, in ohms.
  public var insulationMinimum: Double?

  /// Creates an empty summary.
  public init() {}
}
