// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// When the core stops trusting its input or its parts.

/// When the core stops trusting its input or its parts, and how long it then stays connected.
public struct SupervisionConfiguration<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// How long the input may be unusable before nothing is allowed any more, in milliseconds.
  public var toleratedMilliseconds: UInt32 = 100
  /// How long the contactors then stay closed while standing or charging, in milliseconds.
  public var graceMilliseconds: UInt32 = 500
  /// How long they stay closed while driving, in milliseconds: the driver is warned meanwhile.
  public var driveGraceMilliseconds: UInt32 = 5000
  /// How long the control is then given to bring the current to zero, in milliseconds, before the
  /// supervisor opens by itself.
  public var forceMilliseconds: UInt32 = 1000
  /// Cycles in a row without progress of the clock that are tolerated.
  public var stoppedClockCycles: UInt32 = 5
  /// How long a part may stand still, in milliseconds.
  public var silentMilliseconds: UInt32 = 1000
  /// Least share of cell voltages that must be usable.
  public var usableCells: Real = 0.5

  /// Times that fit a control cycle of 1 to 100 ms.
  public init() {}

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.integer(
      &toleratedMilliseconds, "tolerated_milliseconds", in: 0...60_000,
      "how long the input may be unusable before nothing is allowed any more")
    visitor.integer(
      &graceMilliseconds, "grace_milliseconds", in: 0...60_000,
      "how long the contactors then stay closed while standing or charging")
    visitor.integer(
      &driveGraceMilliseconds, "drive_grace_milliseconds", in: 0...600_000,
      "how long they then stay closed while driving")
    visitor.integer(
      &forceMilliseconds, "force_milliseconds", in: 0...60_000,
      "how long the control is given to bring the current to zero before opening is forced")
    visitor.integer(
      &stoppedClockCycles, "stopped_clock_cycles", in: 1...100_000,
      "cycles without progress of the clock that are tolerated")
    visitor.integer(
      &silentMilliseconds, "silent_milliseconds", in: 1...600_000,
      "how long a part may stand still")
    visitor.number(
      &usableCells, "usable_cells", unit: "1", in: 0...1,
      "least share of cell voltages that must be usable")
  }

  /// The grace is not longer while standing than while driving.
  public func inconsistency() -> ConfigurationRule? {
    graceMilliseconds <= driveGraceMilliseconds ? nil : .timesOutOfOrder
  }
}
