// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The protocol through which a battery management core is closed with the plant.

/// What a controller commands in one cycle.
public struct ControllerOutput: Sendable {
  /// Whether the main contactors are to be closed.
  public var contactorsClosed = true
  /// Whether the pyrotechnic fuse is to be fired: a contactor cannot break any current.
  public var firesFuse = false
  /// Greatest charge current in amperes, positive.
  public var chargeLimit = Double.infinity
  /// Greatest discharge current in amperes, positive.
  public var dischargeLimit = Double.infinity
  /// Balancing switch of each cell.
  public var bleeds: [Bool]
  /// Whether the coolant pump is to run.
  public var pump = false
  /// Whether the heater is to heat.
  public var heater = false
  /// Whether the driver is warned.
  public var warns = false
  /// State of charge that the controller believes; NaN for none.
  public var chargeEstimate = Double.nan

  /// An output that allows everything.
  public init(cells: Int) { bleeds = Array(repeating: false, count: cells) }
}

/// A battery management core under test: readings in, commands out, verdicts on the way.
///
/// It is called once a cycle that arrived; `silent(_:output:)` is called for cycles that did not.
public protocol TestbedController: Sendable {
  /// Takes one reading and changes the commands.
  mutating func cycle(
    _ reading: PackReading, output: inout ControllerOutput, verdicts: inout [Verdict])
  /// Told that a cycle did not arrive.
  mutating func silent(
    at time: Double, output: inout ControllerOutput, verdicts: inout [Verdict])
}
