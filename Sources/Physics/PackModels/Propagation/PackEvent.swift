// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What happens during a propagation run, and how it ends.

/// Something that happened to a cell or the pack.
public struct PackEvent: Hashable, Sendable {
  /// Kind of event.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// The trigger began.
    case triggered
    /// The separator of a cell collapsed: its electrical energy is released inside.
    case separatorCollapse = "separator collapse"
    /// The current interrupt device of a cell opened.
    case interrupted = "current interrupt device"
    /// The vent of a cell opened.
    case vented
    /// A cell runs away: it heats itself faster than 1 K/s.
    case runaway
    /// The panel of the pack vent burst.
    case burst = "pack vent open"
    /// The housing tore.
    case torn = "housing torn"
    /// A fuse melted.
    case fuse
    /// The contactors opened.
    case contactorsOpened = "contactors opened"
    /// The coolant stopped.
    case coolantFailed = "coolant failed"
    /// A cell is empty.
    case empty
    /// All phase-change material is molten.
    case molten = "phase-change material molten"
  }

  /// Kind of event.
  public var kind: Kind
  /// Time in seconds.
  public var time: Double
  /// The cell, from 0; nil for the pack.
  public var cell: Int?
  /// Temperature of the cell (or the hottest), in kelvin.
  public var temperature: Double
}

/// How a run ended.
public enum PackOutcome: String, CaseIterable, Hashable, Sendable {
  /// No cell ran away.
  case noRunaway = "no runaway"
  /// One cell ran away and no other.
  case contained = "contained in one cell"
  /// Some cells ran away and the rest did not.
  case stopped = "stopped in the pack"
  /// Every cell ran away.
  case wholePack = "whole pack"
}
