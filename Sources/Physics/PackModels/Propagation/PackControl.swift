// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a controller outside commands while it steps a pack, and what it can read of a cell.

/// What a controller commands while it steps a pack with ``PackSimulation/advance(by:)``.
public struct PackControl: Hashable, Sendable {
  /// What the terminals are connected to; nil leaves the load of the description.
  public var load: PackLoad?
  /// Whether the controller holds the contactors closed. The pack's own protection
  /// (``PackDescription/contactorsOpenAt``) opens them for good, whatever is commanded.
  public var closesContactors = true
  /// Part of the coolant's full heat transfer, 0 (the pump stands still) to 1.
  public var coolantFlow = 1.0
  /// Temperature of the coolant, in kelvin; nil leaves that of the description.
  public var coolantTemperature: Double?
  /// Temperature of the surroundings, in kelvin; nil leaves that of the description or trigger.
  public var ambientTemperature: Double?

  /// Creates a control that commands nothing.
  public init() {}
}

/// What a cell of a running pack shows.
public struct PackCellState: Hashable, Sendable {
  /// Mean temperature, in kelvin.
  public var temperature: Double
  /// Temperature of the hottest node, in kelvin.
  public var hottest: Double
  /// Voltage between the cell's tabs, in volts.
  public var voltage: Double
  /// Current through the cell, in amperes, discharge positive.
  public var current: Double
  /// State of charge; below 0 where the cell is reversed, above 1 where it is overcharged.
  public var stateOfCharge: Double
  /// Absolute pressure in the casing, in Pa; that of the surroundings once it has vented.
  public var pressure: Double
  /// Gas that has left the cell, in mol.
  public var gasReleased: Double
  /// Part of the mass that has left the cell.
  public var ejectedMass: Double
  /// Part of the reaction heat released so far, 0 to 1.
  public var consumed: Double
  /// Whether the vent is open.
  public var hasVented: Bool
  /// Whether the current interrupt device has opened.
  public var isInterrupted: Bool
  /// Whether the fuse has melted.
  public var isFuseMelted: Bool
  /// Whether the separator has collapsed.
  public var hasCollapsed: Bool
  /// Whether the cell has run away.
  public var hasRunAway: Bool
}
