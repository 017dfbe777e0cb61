// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How a simulated pack is built: cells, modules, spread, heat paths.

import CellModels
import Quantities

/// How a simulated pack is built: a series string of equal groups of LG M50 cells in modules.
///
/// The spreads are assumptions of a plausible good pack, not measurements of a product.
public struct PackDesign: Codable, Hashable, Sendable {
  /// Number of modules.
  public var moduleCount: Int
  /// Series groups in each module.
  public var cellsPerModule: Int
  /// Temperature probes in each module.
  public var probesPerModule: Int
  /// Parallel cells in each group.
  public var parallelCount: Int
  /// Standard deviation of the capacity of a group, relative.
  public var capacitySpread: Double
  /// Standard deviation of the resistance of a group, relative.
  public var resistanceSpread: Double
  /// Standard deviation of the initial state of charge of a group.
  public var stateOfChargeSpread: Double
  /// Mean self-discharge of a group in fractions of its capacity per 30 days.
  public var selfDischarge: Double
  /// Standard deviation of the self-discharge, relative to its mean.
  public var selfDischargeSpread: Double
  /// Standard deviation of the constant voltage offset that all cells of a module share in the
  /// measurement, in volts.
  public var moduleOffset: Double
  /// Conductance of a group to the surroundings without cooling, in W/K.
  public var passiveConductance: Double
  /// Conductance of a group to the coolant while it flows, in W/K.
  public var coolingConductance: Double
  /// Conductance between neighbouring groups of a module, in W/K.
  public var neighbourConductance: Double

  /// Creates a design; the default is 96 groups of 30 cells in 8 modules with 16 probes,
  /// some 340 V and 150 Ah.
  public init(
    moduleCount: Int = 8, cellsPerModule: Int = 12, probesPerModule: Int = 2,
    parallelCount: Int = 30, capacitySpread: Double = 0.005, resistanceSpread: Double = 0.03,
    stateOfChargeSpread: Double = 0.003, selfDischarge: Double = 0.01,
    selfDischargeSpread: Double = 0.1, moduleOffset: Double = 0.002,
    passiveConductance: Double = 0.06, coolingConductance: Double = 1.5,
    neighbourConductance: Double = 0.8
  ) {
    precondition(
      moduleCount > 0 && cellsPerModule > 0 && probesPerModule > 0 && parallelCount > 0,
      "a pack needs modules, cells and probes")
    self.moduleCount = moduleCount
    self.cellsPerModule = cellsPerModule
    self.probesPerModule = probesPerModule
    self.parallelCount = parallelCount
    self.capacitySpread = capacitySpread
    self.resistanceSpread = resistanceSpread
    self.stateOfChargeSpread = stateOfChargeSpread
    self.selfDischarge = selfDischarge
    self.selfDischargeSpread = selfDischargeSpread
    self.moduleOffset = moduleOffset
    self.passiveConductance = passiveConductance
    self.coolingConductance = coolingConductance
    self.neighbourConductance = neighbourConductance
  }

  /// A pack without any spread, for comparisons with a single cell.
  public static let uniform = PackDesign(
    capacitySpread: 0, resistanceSpread: 0, stateOfChargeSpread: 0, selfDischarge: 0,
    selfDischargeSpread: 0, moduleOffset: 0)

  /// Number of groups in series.
  public var cellCount: Int { moduleCount * cellsPerModule }

  /// Number of temperature probes.
  public var probeCount: Int { moduleCount * probesPerModule }

  /// Nominal capacity of a group in coulombs.
  public var nominalCapacity: Double { Chen2020.capacity.value * Double(parallelCount) }

  /// The group, from 0, at which a probe, from 0, sits: probes share a module evenly.
  func cell(ofProbe probe: Int) -> Int {
    let module = probe / probesPerModule
    let place = probe % probesPerModule
    return module * cellsPerModule + (2 * place + 1) * cellsPerModule / (2 * probesPerModule)
  }
}
