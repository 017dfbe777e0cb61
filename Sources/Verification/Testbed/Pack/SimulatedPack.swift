// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A series string of equivalent-circuit groups, as a struct of arrays.

import CellModels
import NumericalMethods
import Quantities

/// A series string of equivalent-circuit groups with their own capacity, resistance, self-discharge,
/// leak and temperature; a struct of arrays for speed.
///
/// The cell is `CellModels.Chen2020`: its charge transfer settles in milliseconds and counts as series
/// resistance here, its two diffusion pairs are stepped exactly.
public struct SimulatedPack: Sendable {
  /// How the pack is built.
  public let design: PackDesign
  /// State of charge of each group.
  public internal(set) var stateOfCharge: [Double]
  /// Temperature of each group in kelvin.
  public internal(set) var temperature: [Double]
  /// Terminal voltage of each group at the end of the last step, in volts.
  public internal(set) var voltage: [Double]
  /// Capacity of each group in coulombs.
  public internal(set) var capacity: [Double]
  /// Factor on the resistances of each group.
  public internal(set) var resistanceScale: [Double]
  /// Self-discharge current of each group in amperes.
  public internal(set) var selfDischargeCurrent: [Double]

  /// Resistance of a loose connection at each group, in ohms.
  public var connectionResistance: [Double]
  /// Conductance of an internal short in each group, in siemens.
  public var shortConductance: [Double]
  /// Foreign heat into each module, in watts.
  public var moduleHeat: [Double]
  /// Whether the coolant reaches each module.
  public var isCooled: [Bool]

  /// Charge lost inside each group through its short and self-discharge, in coulombs.
  public internal(set) var lostCharge: [Double]

  var negativeDiffusion: [Double]
  var positiveDiffusion: [Double]
  let originalCapacity: [Double]

  /// Resistance that acts at once, of a nominal group at 25 °C, in ohms.
  let seriesResistance: Double
  let negativePair: ResistorCapacitorPair
  let positivePair: ResistorCapacitorPair
  let heatCapacity: Double
  let openCircuit = Chen2020.openCircuit
  let resistanceFactor = ResistanceFactor(activationEnergy: Chen2020.activationEnergy)

  /// Creates a rested pack.
  ///
  /// - Parameters:
  ///   - design: How it is built.
  ///   - mean: Mean state of charge.
  ///   - start: Temperature of all groups, in kelvin.
  ///   - random: Source of the spread between the groups.
  public init(
    design: PackDesign, stateOfCharge mean: Double, temperature start: Double,
    using random: inout some RandomNumberGenerator
  ) {
    self.design = design
    let count = design.cellCount
    let parallel = Double(design.parallelCount)
    let nominal = design.nominalCapacity
    // One loop per property keeps each property's spread independent of the others' number.
    capacity = (0..<count).map { _ in nominal * (1 + design.capacitySpread * random.nextNormal()) }
    resistanceScale = (0..<count).map { _ in
      max(0.5, 1 + design.resistanceSpread * random.nextNormal())
    }
    stateOfCharge = (0..<count).map { _ in mean + design.stateOfChargeSpread * random.nextNormal() }
    let leak = design.selfDischarge * nominal / (30 * PhysicalConstants.secondsPerDay)
    selfDischargeCurrent = (0..<count).map { _ in
      leak * max(0, 1 + design.selfDischargeSpread * random.nextNormal())
    }
    originalCapacity = capacity
    temperature = Array(repeating: start, count: count)
    voltage = stateOfCharge.map { Chen2020.openCircuit.voltage(at: $0, temperature: start) }
    connectionResistance = Array(repeating: 0, count: count)
    shortConductance = Array(repeating: 0, count: count)
    lostCharge = Array(repeating: 0, count: count)
    negativeDiffusion = Array(repeating: 0, count: count)
    positiveDiffusion = Array(repeating: 0, count: count)
    moduleHeat = Array(repeating: 0, count: design.moduleCount)
    isCooled = Array(repeating: true, count: design.moduleCount)
    let reduced = Chen2020.reduced
    seriesResistance = (reduced.ohmic + reduced.chargeTransfer.resistance) / parallel
    negativePair = ResistorCapacitorPair(
      resistance: Resistance(reduced.negativeDiffusion.resistance / parallel),
      timeConstant: Duration(reduced.negativeDiffusion.timeConstant))
    positivePair = ResistorCapacitorPair(
      resistance: Resistance(reduced.positiveDiffusion.resistance / parallel),
      timeConstant: Duration(reduced.positiveDiffusion.timeConstant))
    heatCapacity = Chen2020.heat.capacity * parallel
  }

  /// Mean state of charge of the groups.
  public var meanStateOfCharge: Double {
    stateOfCharge.reduce(0, +) / Double(stateOfCharge.count)
  }

  /// Sum of the terminal voltages, in volts.
  public var packVoltage: Double { voltage.reduce(0, +) }

  /// Takes a part of the original capacity from a group; the charge inside stays.
  ///
  /// - Parameters:
  ///   - cell: The group, from 0.
  ///   - fraction: Part of the original capacity that is lost, from 0 to below 1.
  public mutating func loseCapacity(cell: Int, fraction: Double) {
    let old = capacity[cell]
    capacity[cell] = originalCapacity[cell] * (1 - max(0, min(0.9, fraction)))
    // The full end is common to healthy and aged group: the missing charge stays the same.
    stateOfCharge[cell] = 1 - (1 - stateOfCharge[cell]) * old / capacity[cell]
  }

  /// Takes charge out of one group, as a drain at its terminals would.
  ///
  /// - Parameters:
  ///   - cell: The group, from 0.
  ///   - fraction: Part of its capacity.
  public mutating func drain(cell: Int, fraction: Double) { stateOfCharge[cell] -= fraction }
}
