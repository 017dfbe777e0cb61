// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the diagnosis knows after a cycle: levels, reactions, deadline and the log of trips.

/// The measured or estimated number behind a row, and where it stands.
public struct Indicator<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// In the unit of the row; NaN where it could not be judged in this cycle.
  public var value: Real
  /// Index of the cell, probe or channel; −1 for the whole pack.
  public var index: Int16

  /// An indicator.
  @inlinable
  public init(_ value: Real, at index: Int = -1) {
    self.value = value
    self.index = Int16(clamping: index)
  }

  /// Not judged.
  @inlinable
  public static var unknown: Indicator { Indicator(.nan) }
}

/// One change of a row to a higher level: what, where, by which number against which limit.
public struct Trip<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Number of the trip since the log was cleared, from 1; 0 marks an empty place.
  public var number: UInt32
  /// The fault.
  public var fault: FaultClass
  /// The level reached.
  public var level: FaultLevel
  /// Index of the cell, probe or channel; −1 for the whole pack.
  public var index: Int16
  /// When the level became active, in milliseconds of uptime.
  public var timeMilliseconds: UInt64
  /// The indicator then, in the unit of the row.
  public var value: Real
  /// The limit crossed, in the unit of the row.
  public var limit: Real
  /// Version of the limits that were in force.
  public var limitVersion: UInt32
  /// What was asked for.
  public var reaction: Reaction
  /// When the reaction must be finished, in milliseconds of uptime.
  public var deadlineMilliseconds: UInt64

  /// An empty place.
  @inlinable
  public init() {
    number = 0
    fault = .cellOverVoltage
    level = .within
    index = -1
    timeMilliseconds = 0
    value = 0
    limit = 0
    limitVersion = 0
    reaction = Reaction()
    deadlineMilliseconds = .max
  }
}

/// What the diagnosis knows after a cycle.
///
/// Times count on the uptime of the diagnosis, which sums the intervals of the samples and so neither
/// leaps nor runs backwards with the clock.
public struct DiagnosisState<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Sum of all cycles since the start, in milliseconds.
  public var uptimeMilliseconds: UInt64
  /// Duration of this cycle, in milliseconds; a nominal one where the clock gave none.
  public var cycleMilliseconds: UInt32
  /// Active level of each fault.
  public var level: FaultTable<FaultLevel>
  /// Indicator of each fault in the last cycle.
  public var indicator: FaultTable<Indicator<Real>>
  /// The highest active level.
  public var worst: FaultLevel
  /// Union of what the active levels ask for.
  public var reaction: Reaction
  /// The fault with the highest level, of those the one with the earliest deadline; meaningless
  /// while `worst` is within.
  public var cause: FaultClass
  /// Earliest time by which contactors must be open, in milliseconds of uptime;
  /// `.max` while nothing asks for it.
  public var openDeadlineMilliseconds: UInt64
  /// Longest extension of that deadline while driving; 0 if any cause allows none.
  public var driveGraceMilliseconds: UInt32
  /// Bit `row` set: the safety level of that fault was reached and has not been cleared.
  public var latched: UInt64
  /// Cell, probe or string most concerned by an `isolate` reaction; −1 for none.
  public var isolateIndex: Int16
  /// The last sixteen trips; the newest is at `(tripCount − 1) % 16`.
  public var trips: InlineArray<16, Trip<Real>>
  /// Number of trips since the log was cleared.
  public var tripCount: UInt32

  /// Before the first cycle: nothing judged, nothing active.
  @inlinable
  public init() {
    uptimeMilliseconds = 0
    cycleMilliseconds = 0
    level = InlineArray(repeating: .within)
    indicator = InlineArray(repeating: .unknown)
    worst = .within
    reaction = Reaction()
    cause = .cellOverVoltage
    openDeadlineMilliseconds = .max
    driveGraceMilliseconds = 0
    latched = 0
    isolateIndex = -1
    trips = InlineArray(repeating: Trip())
    tripCount = 0
  }

  /// Active level of a fault.
  @inlinable
  public subscript(_ fault: FaultClass) -> FaultLevel { level[fault.row] }

  /// The newest trip; its number is 0 if there was none.
  @inlinable
  public var lastTrip: Trip<Real> {
    tripCount == 0 ? Trip() : trips[Int((tripCount &- 1) % 16)]
  }
}
