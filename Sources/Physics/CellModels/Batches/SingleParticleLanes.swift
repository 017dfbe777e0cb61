// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Eight single-particle cells side by side: storage and set-up.

import Foundation
import NumericalMethods
import Quantities

/// Eight cells of the single-particle model side by side, without and with electrolyte.
///
/// The equations of ``SingleParticleModel`` without side reactions, on the same mesh and modes.
/// Unknowns, in order: modes of the negative and of the positive particle, temperature, current,
/// salt concentrations.
struct SingleParticleLanes: CellLanes, ~Copyable {
  let modes: ParticleModes
  let modeCount: Int
  let withElectrolyte: Bool
  let isLumped: Bool
  let nodes: Int
  let negativeNodes: Int
  let separatorNodes: Int
  let memory: LaneWorkspace
  let cells: UnsafeMutablePointer<LaneCell>
  /// Keep the tables alive that `cells` point into.
  var owners: [[FunctionTable]]

  // Constants of the cells.
  var negativeFlux = Lanes.zero
  var positiveFlux = Lanes.zero
  var negativeShare = Lanes.zero
  var positiveShare = Lanes.zero
  var rest = Lanes(repeating: 1)
  var heatCapacity = Lanes(repeating: 1)
  var cooling = Lanes.zero
  var ambient = Lanes.zero
  var target = Lanes.zero
  var isVoltage = LaneMask(repeating: false)
  var isPower = LaneMask(repeating: false)
  var currentTolerance = Lanes(repeating: 1)

  // Factors of the temperature.
  var negativeRate = Lanes.zero
  var positiveRate = Lanes.zero
  var saltDiffusion = Lanes(repeating: 1)

  // The last evaluation.
  var voltage = Lanes.zero
  var anodePotential = Lanes.zero
  var heat = Lanes.zero
  var slopeNegative = Lanes.zero
  var slopePositive = Lanes.zero
  var slopeCurrent = Lanes(repeating: -1)
  var leading = Lanes(repeating: 1)
  var linearizedCurrent = Lanes.zero

  /// Prepares lanes for cells built alike.
  init(like model: borrowing SingleParticleModel) {
    modes = model.modes
    modeCount = model.modeCount
    withElectrolyte = model.withElectrolyte
    isLumped = model.thermal == .lumped
    nodes = model.nodes
    negativeNodes = model.mesh.negative
    separatorNodes = model.mesh.separator
    memory = LaneWorkspace(count: Slot.allCases.count * max(1, model.nodes))
    cells = .allocate(capacity: LaneIntegrator.width)
    cells.initialize(repeating: LaneCell(model), count: LaneIntegrator.width)
    owners = .init(repeating: Self.tables(of: model), count: LaneIntegrator.width)
    for lane in 0..<LaneIntegrator.width { load(model, lane: lane) }
  }

  deinit { cells.deallocate() }

  private static func tables(of model: borrowing SingleParticleModel) -> [FunctionTable] {
    [
      model.negative.potentialTable, model.positive.potentialTable, model.diffusivityTable,
      model.negative.entropy, model.positive.entropy,
    ].compactMap(\.self)
  }

  var unknownCount: Int { 2 * modeCount + 2 + nodes }
  var eventCount: Int { CellEvent.allCases.count }
  var temperatureIndex: Int { 2 * modeCount }
  var currentIndex: Int { 2 * modeCount + 1 }
  var saltOffset: Int { 2 * modeCount + 2 }

  /// Slots of one value per salt node.
  enum Slot: Int, CaseIterable {
    case width, storage, factor, source, diagonal, upper, lower, eliminated, diffusivity, slope
  }

  @inline(__always)
  func slot(_ slot: Slot) -> UnsafeMutablePointer<Lanes> { memory.base + slot.rawValue * nodes }

  /// Puts a cell into a lane.
  mutating func load(_ model: borrowing SingleParticleModel, lane: Int) {
    owners[lane] = Self.tables(of: model)
    cells[lane] = LaneCell(model)
    func flux(_ kernel: ElectrodeKernel) -> Double {
      3 / (PhysicalConstants.faraday * kernel.radius * kernel.maximumConcentration)
    }
    negativeFlux[lane] = flux(model.negative)
    positiveFlux[lane] = flux(model.positive)
    negativeShare[lane] = model.negativeShare
    positiveShare[lane] = model.positiveShare
    rest[lane] = model.parameters.electrolyte.initialConcentration
    heatCapacity[lane] = model.heatCapacity
    cooling[lane] = isLumped ? model.cooling : 0
    ambient[lane] = model.ambientTemperature
    currentTolerance[lane] = model.parameters.nominalCapacity / 3_600
    for i in 0..<nodes {
      slot(.width)[i][lane] = model.slot(.width)[i]
      slot(.storage)[i][lane] = model.slot(.storage)[i] * rest[lane]
      slot(.factor)[i][lane] = model.slot(.factor)[i]
      slot(.source)[i][lane] = model.slot(.source)[i]
    }
  }

  /// Writes a rested state into a lane.
  func fillRest(
    negative: Double, positive: Double, temperature: Double, lane: Int,
    into state: UnsafeMutablePointer<Double>
  ) {
    let width = LaneIntegrator.width
    for n in 0..<unknownCount { state[n * width + lane] = n < saltOffset ? 0 : 1 }
    state[lane] = negative
    state[modeCount * width + lane] = positive
    state[temperatureIndex * width + lane] = temperature
  }

  mutating func impose(_ control: CellControl, _ limits: CellLimits, lane: Int) {
    cells[lane].control = control
    cells[lane].limits = limits
    switch control {
    case .current(let value): target[lane] = value
    case .voltage(let value): target[lane] = value
    case .power(let value): target[lane] = value
    }
    if case .voltage = control { isVoltage[lane] = true } else { isVoltage[lane] = false }
    if case .power = control { isPower[lane] = true } else { isPower[lane] = false }
  }

  func charge(lane: Int, state: UnsafePointer<Lanes>) -> Double {
    state[modeCount][lane] * cells[lane].positiveCharge
  }

  func fillMass(_ mass: UnsafeMutablePointer<Lanes>) {
    for n in 0..<unknownCount { mass[n] = Lanes(repeating: 1) }
    mass[currentIndex] = .zero
    for i in 0..<nodes { mass[saltOffset + i] = slot(.storage)[i] }
  }

  func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Lanes>, relativeTolerance: Double
  ) {
    for n in 0..<unknownCount { tolerances[n] = Lanes(repeating: 0.1 * relativeTolerance) }
    tolerances[currentIndex] = 0.1 * relativeTolerance * currentTolerance
  }

  func adjustRelativeTolerances(_ tolerances: UnsafeMutablePointer<Lanes>) {
    tolerances[temperatureIndex] *= SingleParticleModel.temperatureTightening
  }
}
