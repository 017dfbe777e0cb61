// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The true state of a series pack: struct of arrays, every value known.

import NumericalMethods
import Quantities

/// How a pack of the plant is laid out and how much its cells differ.
public struct PlantLayout: Hashable, Sendable {
  /// Modules in series.
  public var modules: Int
  /// Cells in series in each module.
  public var cellsPerModule: Int
  /// Temperature probes in each module.
  public var probesPerModule: Int
  /// Standard deviation of the capacity, relative.
  public var capacitySpread = 0.006
  /// Standard deviation of the resistance, relative.
  public var resistanceSpread = 0.03
  /// Standard deviation of the initial state of charge.
  public var chargeSpread = 0.003
  /// Mean self-discharge as the part of the capacity lost in 30 days.
  public var selfDischarge = 0.015
  /// Standard deviation of the self-discharge, relative.
  public var selfDischargeSpread = 0.2
  /// Conductance of a cell to the air of the housing, in W/K.
  public var passiveConductance = 0.08
  /// Conductance of a cell to its cold plate while coolant flows, in W/K.
  public var coolingConductance = 2.0
  /// Conductance between neighbours in a module, in W/K.
  public var neighbourConductance = 1.0
  /// Resistance of a bus-bar joint of a cell, in ohms.
  public var jointResistance = 0.000_03
  /// Free volume of the housing in m³.
  public var freeVolume = 0.06

  /// Creates a layout; the default is 8 modules of 12 cells with two probes each.
  public init(modules: Int = 8, cellsPerModule: Int = 12, probesPerModule: Int = 2) {
    precondition(modules > 0 && cellsPerModule > 0 && probesPerModule > 0, "a pack needs cells")
    self.modules = modules
    self.cellsPerModule = cellsPerModule
    self.probesPerModule = probesPerModule
  }

  /// Cells in series.
  public var cells: Int { modules * cellsPerModule }
  /// Temperature probes.
  public var probes: Int { modules * probesPerModule }
  /// The cell, from 0, at which a probe, from 0, sits.
  public func cell(ofProbe probe: Int) -> Int {
    let place = probe % probesPerModule
    return probe / probesPerModule * cellsPerModule
      + (2 * place + 1) * cellsPerModule / (2 * probesPerModule)
  }
}

/// The true state of a pack in series. All values are public: the plant has no secrets from its judge.
///
/// Arrays are indexed by cell from 0. Inputs that faults, actuators and weather change are variables;
/// states change only in ``advance(current:duration:)``.
public struct PlantPack: Sendable {
  /// Type of the cells.
  public let cell: PlantCell
  /// How the pack is laid out.
  public let layout: PlantLayout

  // States.
  /// State of charge; above 1 when overcharged.
  public internal(set) var charge: [Double]
  /// Overpotential of charge transfer, in volts.
  public internal(set) var fastLoss: [Double]
  /// Overpotential of diffusion, in volts.
  public internal(set) var slowLoss: [Double]
  /// Hysteresis from −1 (after charge) to 1 (after discharge).
  public internal(set) var loop: [Double]
  /// Mean temperature in kelvin.
  public internal(set) var temperature: [Double]
  /// Terminal voltage with the joint, as the sense wires see it, in volts.
  public internal(set) var voltage: [Double]
  /// Charge lost inside through a short, in coulombs.
  public internal(set) var leaked: [Double]
  /// Lithium plated that can still strip, in coulombs.
  public internal(set) var plated: [Double]
  /// Coolant temperature at the plate of each module, in kelvin.
  public internal(set) var plate: [Double]
  /// Energy turned to heat by balancing so far, in joules.
  public internal(set) var balancingEnergy = 0.0
  /// Gas in the housing above air, in moles.
  public internal(set) var housingGas = 0.0
  /// Gauge pressure of the housing, in pascals.
  public internal(set) var housingPressure = 0.0
  /// Time since the start, in seconds.
  public internal(set) var time = 0.0
  /// Runaway of cells that are or were hot.
  public internal(set) var hotCells: [HotCell] = []
  /// When a cell first vented, in seconds.
  public internal(set) var firstVenting: Double?
  /// When a cell first ran away, in seconds.
  public internal(set) var firstRunaway: Double?

  // Parameters of each cell.
  /// Capacity in coulombs.
  public internal(set) var capacity: [Double]
  /// Factor on all resistances.
  public var resistanceScale: [Double]
  /// Self-discharge in amperes.
  public internal(set) var selfDischarge: [Double]

  // Inputs.
  /// Resistance of the joint of each cell, in ohms.
  public var joint: [Double]
  /// Conductance of an internal short in each cell, in siemens.
  public var shortConductance: [Double]
  /// Current taken by the balancing resistor of each cell, in amperes.
  public var bleed: [Double]
  /// Foreign heat into each cell, in watts.
  public var foreignHeat: [Double]
  /// Whether coolant flows through the plate of each module.
  public var flows: [Bool]
  /// Part of the charge current of each cell that plates, from 0 to 1.
  public var platingShare: [Double]
  /// Gas made by side reactions in each cell, in mol/s.
  public var gassing: [Double] { didSet { hasGassing = gassing.contains { $0 > 0 } } }
  /// Air temperature in kelvin.
  public var ambient: Double
  /// Temperature of the coolant from the chiller, in kelvin.
  public var coolantInlet: Double

  /// Gas made by side reactions in each cell, in moles.
  public internal(set) var innerGas: [Double]
  /// Whether each cell has opened its vent.
  public internal(set) var hasVented: [Bool]

  /// Voltage of each cell behind its immediate resistance, in volts.
  public internal(set) var emf: [Double]
  var isHot: [Bool]
  var hasGassing = false
  var spotPower: [Double]
  var cachedDuration = -1.0
  var cachedTemperature = -1.0
  var fastDecay = 0.0
  var slowDecay = 0.0
  var factor = 1.0
  /// Relative fall of the resistances for one kelvin more.
  var sensitivity = 0.0
  /// Open voltage of the pack and its immediate resistance after the last step.
  public internal(set) var source: (voltage: Double, resistance: Double) = (0, 0)

  /// Creates a rested pack.
  ///
  /// - Parameters:
  ///   - cell: Type of the cells.
  ///   - layout: Arrangement and spread.
  ///   - mean: Mean state of charge.
  ///   - start: Temperature of everything, in kelvin.
  ///   - health: Capacity of the whole pack relative to new.
  ///   - resistance: Resistance of the whole pack relative to new.
  ///   - random: Source of the spread.
  public init(
    cell: PlantCell, layout: PlantLayout, charge mean: Double, temperature start: Double,
    health: Double = 1, resistance: Double = 1, using random: inout some RandomNumberGenerator
  ) {
    self.cell = cell
    self.layout = layout
    let n = layout.cells
    capacity = (0..<n).map { _ in
      cell.capacity * health * (1 + layout.capacitySpread * random.nextNormal())
    }
    resistanceScale = (0..<n).map { _ in
      resistance * max(0.5, 1 + layout.resistanceSpread * random.nextNormal())
    }
    charge = (0..<n).map { _ in min(1, mean + layout.chargeSpread * random.nextNormal()) }
    let leak = layout.selfDischarge * cell.capacity / (30 * PhysicalConstants.secondsPerDay)
    selfDischarge = (0..<n).map { _ in
      leak * max(0, 1 + layout.selfDischargeSpread * random.nextNormal())
    }
    let zero = [Double](repeating: 0, count: n)
    fastLoss = zero
    slowLoss = zero
    loop = zero
    leaked = zero
    plated = zero
    bleed = zero
    foreignHeat = zero
    platingShare = zero
    gassing = zero
    innerGas = zero
    spotPower = zero
    isHot = Array(repeating: false, count: n)
    shortConductance = zero
    hasVented = Array(repeating: false, count: n)
    joint = Array(repeating: layout.jointResistance, count: n)
    temperature = Array(repeating: start, count: n)
    voltage = charge.map { cell.openCircuit.voltage(at: $0) }
    emf = voltage
    plate = Array(repeating: start, count: layout.modules)
    flows = Array(repeating: false, count: layout.modules)
    ambient = start
    coolantInlet = start
    source = (voltage.reduce(0, +), cell.seriesResistance * Double(n))
  }

  /// Mean state of charge.
  public var meanCharge: Double { charge.reduce(0, +) / Double(charge.count) }
  /// Sum of the cell voltages, in volts.
  public var packVoltage: Double { voltage.reduce(0, +) }
  /// Whether any cell has run away.
  public var isBurning: Bool { firstRunaway != nil }

  /// Takes capacity from a cell: active material that is lost takes its share of the charge with it,
  /// so that the state of charge stays the same.
  public mutating func setCapacity(_ cell: Int, to coulombs: Double) { capacity[cell] = coulombs }

  /// Takes charge out of a cell at once, as a part of its capacity.
  public mutating func drain(_ cell: Int, by part: Double) { charge[cell] -= part }
}
