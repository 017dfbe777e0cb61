// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a pack is for a propagation run: data, as a person would describe it.

import Foundation
public import RunawayModels

/// A pack, its trigger and its surroundings, in SI units.
public struct PackDescription: Sendable {
  /// Name for reports.
  public var name = "pack"
  /// The cell, all cells being of one type.
  public var cell: PackCell
  /// How cells are wired.
  public var wiring: Wiring
  /// Where they stand.
  public var arrangement: PackArrangement
  /// What stands between large faces (or mantles).
  public var barrier: Barrier?
  /// What fills the rest of every gap.
  public var filling = BarrierMaterial.air
  /// Thermal contact resistance of each touching pair of surfaces, in m²K/W.
  public var contactResistance = 2e-3
  /// How heat leaves.
  public var cooling = Cooling()
  /// Connections.
  public var connections = Connections()
  /// Fuse in series with each cell.
  public var fuse: CellFuse?
  /// Hottest cell surface at which the contactors open, in kelvin; nil where nothing opens them.
  public var contactorsOpenAt: Double?
  /// Time between that and open contacts, in seconds.
  public var contactorDelay = 1.0
  /// What the terminals are connected to while the contactors are closed.
  public var load = PackLoad.open
  /// Spread from cell to cell.
  public var spread = CellSpread()
  /// Venting and ejecta.
  public var venting = Venting()
  /// State of charge at the start.
  public var stateOfCharge = 1.0
  /// Part of the lithium inventory lost to ageing.
  public var lithiumLoss = 0.0
  /// Temperature of pack and surroundings at the start, in kelvin.
  public var temperature = 298.15
  /// Vented gas that burns around a pack without a housing; nil where nothing burns.
  public var flames: Flames?
  /// The housing of the pack; nil where gas leaves at once.
  public var enclosure: PackEnclosure?
  /// Enclosure that the gas fills, for toxicity and flammability; nil for none.
  public var room: Room?
  /// What measures weigh and cost.
  public var costs = MeasureCosts()
  /// What starts it.
  public var trigger = Trigger()
  /// Length of the run, in seconds.
  public var duration = 3_600.0
  /// Spacing of recorded rows, in seconds.
  public var interval = 10.0
  /// Thermal nodes through the thickness of a flat cell; round cells have one.
  public var nodesPerCell = 5
  /// Seed of the spread.
  public var seed: UInt64 = 1

  /// Creates a description with defaults for all but the cell and its place.
  public init(cell: PackCell, wiring: Wiring, arrangement: PackArrangement) {
    self.cell = cell
    self.wiring = wiring
    self.arrangement = arrangement
  }

  /// Number of cells.
  public var cellCount: Int { arrangement.places.count }
}

/// A layer between neighbouring cells.
public struct Barrier: Hashable, Sendable {
  /// The material.
  public var material: BarrierMaterial
  /// Thickness, in metres; at most the gap.
  public var thickness: Double
  /// A barrier stands before every so many cells of a row: 1 between all neighbours.
  public var every: Int

  /// Creates a barrier.
  public init(material: BarrierMaterial, thickness: Double, every: Int = 1) {
    self.material = material
    self.thickness = thickness
    self.every = every
  }
}

/// How heat leaves the pack.
public struct Cooling: Hashable, Sendable {
  /// Convection on outward surfaces, in W/(m²K).
  public var convection = 5.0
  /// Emissivity of outward surfaces and across gaps.
  public var emissivity = 0.8
  /// Contact of each cell's bottom with a cold plate, in W/(m²K); 0 without a plate.
  public var plate = 0.0
  /// Convection of a dielectric bath on every surface, in W/(m²K); 0 without a bath.
  public var immersion = 0.0
  /// Temperature of the coolant, in kelvin.
  public var coolantTemperature = 298.15
  /// When the coolant stops taking heat, in seconds; nil where it does not.
  public var failsAt: Double?

  /// Creates still air of 25 °C.
  public init() {}
}

/// Resistances of connections.
public struct Connections: Hashable, Sendable {
  /// Both welds of a cell together, in ohms.
  public var weldResistance = 1e-4
  /// A busbar between composed elements, in ohms.
  public var busbarResistance = 5e-5
  /// Heat conducted along busbars between cells that follow each other in the wiring, in W/K.
  public var busbarConductance = 0.1
  /// A loose joint: cell, from 0, and resistance in ohms.
  public var loose: LooseJoint?

  /// A joint that has come loose.
  public struct LooseJoint: Hashable, Sendable {
    /// The cell, from 0.
    public var cell: Int
    /// Resistance in ohms.
    public var resistance: Double
  }

  /// Creates sound connections.
  public init() {}
}

/// Spread from cell to cell: standard deviations relative to the nominal value.
public struct CellSpread: Hashable, Sendable {
  /// Of capacity.
  public var capacity = 0.0
  /// Of resistance.
  public var resistance = 0.0
  /// Of the initial state of charge, absolute.
  public var stateOfCharge = 0.0
  /// Of the reaction heats.
  public var heat = 0.0
  /// Of the part of lithium lost to ageing, absolute.
  public var lithiumLoss = 0.0
  /// Of contact resistances between cells.
  public var contact = 0.0

  /// Creates equal cells.
  public init() {}
}

/// What a failing cell throws out.
public struct Venting: Hashable, Sendable {
  /// Part of the cell's mass that leaves while it runs away, 0 to 0.8.
  public var ejectedMass = 0.3
  /// Part of the ejected heat that neighbours receive, shared equally, 0 to 1.
  public var jetShare = 0.1

  /// Creates the defaults: physics of large cells loses 20 to 50 % of mass.
  public init() {}
}

/// What starts a run.
public struct Trigger: Hashable, Sendable {
  /// Kind of trigger.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// Nothing: the healthy pack.
    case none
    /// A heater patch on one cell.
    case heater
    /// A nail: the separator of the innermost node collapses at once.
    case nail
    /// An internal short whose resistance falls with time.
    case internalShort = "internal-short"
    /// Hot surroundings.
    case oven
    /// A short of the terminals.
    case externalShort = "external-short"
    /// A charger that does not stop.
    case overcharge
    /// A load that does not stop.
    case overdischarge
    /// The coolant stops, under the load of the description.
    case coolantLoss = "coolant-loss"
  }

  /// Where a heater touches a flat cell; a round one is heated whole.
  public enum HeaterPlace: String, CaseIterable, Hashable, Sendable {
    /// On the first large face.
    case face
    /// On both large faces.
    case faces
    /// Around the narrow sides or inside: all layers alike.
    case sides
  }

  /// Kind.
  public var kind = Kind.heater
  /// Where the heater is.
  public var heaterPlace = HeaterPlace.face
  /// Insulation between a heater on a face and the cell on its other side, in m²K/W.
  public var heaterInsulation = 0.0
  /// The cell, from 0.
  public var cell = 0
  /// Start, in seconds.
  public var start = 0.0
  /// Heater power, in watts.
  public var power = 300.0
  /// Current of overcharge and overdischarge at the terminals, in amperes; positive.
  public var current = 0.0
  /// A heater stops when the cell runs away; heater, charger and load after this time in seconds.
  public var longest = 1_800.0
  /// Resistance of an internal short at its start, in ohms.
  public var resistance = 100.0
  /// Resistance it falls to, in ohms.
  public var finalResistance = 0.005
  /// Time over which it falls, geometrically, in seconds.
  public var fall = 600.0
  /// Temperature of the surroundings of an oven, in kelvin.
  public var ovenTemperature = 453.15

  /// Creates a heater on the first cell.
  public init() {}

  /// Resistance of an internal short at a time after its start, in ohms.
  public func shortResistance(after time: Double) -> Double {
    guard fall > 0, time < fall else { return finalResistance }
    return resistance * pow(finalResistance / resistance, max(0, time) / fall)
  }
}
