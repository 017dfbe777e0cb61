// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A second configuration beside the active one, on the same samples, without acting.

/// One disagreement between the active and the shadow configuration.
public struct Disagreement<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Number since the start, from 1; 0 marks an empty place.
  public var number: UInt32 = 0
  /// When, in milliseconds of uptime.
  public var timeMilliseconds: UInt64 = 0
  /// The fault they disagree about.
  public var fault = FaultClass.cellOverVoltage
  /// Level by the active configuration.
  public var active = FaultLevel.within
  /// Level by the shadow.
  public var shadow = FaultLevel.within
  /// Indicator by the active configuration, in the unit of the row.
  public var activeValue: Real = 0
  /// Indicator by the shadow.
  public var shadowValue: Real = 0
  /// Limit of the level that only one of the two sees, in that configuration.
  public var limit: Real = 0
  /// Index of the cell, probe or channel by the one that sees the higher level.
  public var index: Int16 = -1

  /// An empty place.
  @inlinable
  public init() {}
}

/// Runs a second diagnosis table on the same samples and reports where it would judge otherwise.
///
/// The shadow sees what the active configuration sees, including the commands that the active one
/// caused, and returns nothing that acts. Every begin and change of a difference of level is one
/// entry; a difference that lasts is not repeated.
public struct Shadow<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// The diagnosis by the shadow configuration.
  public var diagnosis = Diagnosis<cells, probes, Real>()
  /// The last thirty-two entries; the newest is at `(count − 1) % 32`.
  public var entries: InlineArray<32, Disagreement<Real>> =
    InlineArray(repeating: Disagreement())
  /// Number of entries since the start.
  public var count: UInt32 = 0
  /// Cycles in which any level differed.
  public var differingCycles: UInt64 = 0
  /// Time for which the shadow, and for which the active one asked for open contactors alone, in
  /// milliseconds.
  public var openedByShadowAlone: UInt64 = 0
  /// Time for which the active configuration alone asked for open contactors, in milliseconds.
  public var openedByActiveAlone: UInt64 = 0
  @usableFromInline var seen: FaultTable<UInt8> = InlineArray(repeating: 0)

  /// No history.
  @inlinable
  public init() {}

  /// Judges the sample the active diagnosis has just judged, and compares.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - estimate: The estimate.
  ///   - commands: The commands of the cycle before, as given to the active diagnosis.
  ///   - active: The active diagnosis after this sample.
  ///   - activeTable: The active table.
  ///   - table: The shadow's table.
  @inlinable
  public mutating func step(
    _ sample: inout PackSample<cells, probes, Real>, estimate: inout PackEstimate<cells, Real>,
    commands: inout ActuatorCommands<cells, Real>, active: inout Diagnosis<cells, probes, Real>,
    activeTable: inout DiagnosisConfiguration<Real>, table: inout DiagnosisConfiguration<Real>
  ) {
    diagnosis.step(&sample, estimate: &estimate, commands: &commands, configuration: &table)
    var differs = false
    for row in seen.indices {
      let mine = diagnosis.state.level[row]
      let theirs = active.state.level[row]
      // Both levels in one byte: an entry for every new pair that differs.
      let pair = mine == theirs ? 0 : 0x80 | mine.rawValue << 4 | theirs.rawValue
      if pair != 0 {
        differs = true
        if pair != seen[row] { note(row, &active, &activeTable, &table) }
      }
      seen[row] = pair
    }
    if differs { differingCycles &+= 1 }
    let milliseconds = UInt64(active.state.cycleMilliseconds)
    let mine = !diagnosis.state.reaction.isDisjoint(with: .opening)
    let theirs = !active.state.reaction.isDisjoint(with: .opening)
    if mine, !theirs { openedByShadowAlone &+= milliseconds }
    if theirs, !mine { openedByActiveAlone &+= milliseconds }
  }

  @inlinable
  mutating func note(
    _ row: Int, _ active: inout Diagnosis<cells, probes, Real>,
    _ activeTable: inout DiagnosisConfiguration<Real>, _ table: inout DiagnosisConfiguration<Real>
  ) {
    count = count == .max ? 33 : count + 1
    var entry = Disagreement<Real>()
    entry.number = count
    entry.timeMilliseconds = active.state.uptimeMilliseconds
    entry.fault = table.rows[row].fault
    entry.active = active.state.level[row]
    entry.shadow = diagnosis.state.level[row]
    entry.activeValue = active.state.indicator[row].value
    entry.shadowValue = diagnosis.state.indicator[row].value
    let byShadow = entry.shadow > entry.active
    entry.limit =
      byShadow ? table.rows[row].limit[entry.shadow] : activeTable.rows[row].limit[entry.active]
    entry.index =
      byShadow ? diagnosis.state.indicator[row].index : active.state.indicator[row].index
    entries[Int((count &- 1) % 32)] = entry
  }
}
