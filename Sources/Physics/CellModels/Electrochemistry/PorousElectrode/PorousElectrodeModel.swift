// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: storage and set-up.

import Foundation
import NumericalMethods
import Quantities

/// The Doyle–Fuller–Newman (DFN) porous-electrode model of a cell.
///
/// Finite volumes on a graded mesh across the cell, a spectral particle in every electrode volume,
/// Butler–Volmer kinetics, concentrated-solution electrolyte, and optionally one temperature. The
/// unknowns are, in order: salt concentration relative to rest `[nodes]`, electrolyte potential
/// `[nodes]`, solid potential `[electrode nodes]`, current, temperature, and the particles'
/// modes as stoichiometries, `[mode × node]` for each electrode, with side reactions those of the
/// negative volumes, and with wear (see ``AgeingOptions``) that of all particles. Potentials count
/// from the negative collector.
///
/// - Reference: Doyle, Fuller & Newman (1993), doi:10.1149/1.2221597; Marquis et al. (2019),
///   doi:10.1149/2.0341915jes, for the notation.
public struct PorousElectrodeModel: ElectrochemicalModel, ~Copyable {
  /// What is imposed.
  public var control = CellControl.current(0)
  /// Where steps end.
  public var limits = CellLimits()
  /// Ambient temperature, in kelvin.
  public var ambientTemperature: Double
  /// Branch of the potential of the second material that a rested cell starts on, from −1 (just
  /// charged) to 1 (just discharged); counts from the next rest.
  public var restHysteresis = 0.0
  /// The parameters.
  public let parameters: CellParameters
  /// The resolution.
  public let resolution: CellResolution
  /// How the temperature is treated.
  public let thermal: ThermalModel

  let mesh: CellMesh
  let modes: ParticleModes
  var negative: ParticlePopulation
  var positive: ParticlePopulation
  /// The second material of the negative electrode; nil without.
  var second: ParticlePopulation?
  let diffusivityTable: FunctionTable
  let conductivityTable: FunctionTable
  let memory: DoubleWorkspace
  /// The phenomena of ageing.
  public let ageing: AgeingOptions
  let laws: AgeingLaws
  /// Side reactions on the negative particles; nil without.
  let film: SurfaceFilm?
  /// Side reactions on the second material; nil without.
  let secondFilm: SurfaceFilm?
  let hasFilm: Bool
  /// Wear of all particles; nil without.
  let wear: PorousWear?
  let hasWear: Bool

  // Condition of the cell at the last evaluation.
  var electrolyte = ElectrolyteRemainder()
  var terminals = PorousTerminals()
  /// Wetted area, in m².
  var stackArea: Double

  // Factors that depend on the temperature of the last evaluation.
  var factorTemperature = -1.0
  var saltDiffusion = 1.0
  var saltConduction = 1.0
  var half = 0.0
  var junction = 0.0

  // What `solve` needs of the last linearisation.
  var leading = 1.0
  var controlByPotential = 0.0
  var controlByCurrent = 1.0
  var heatDiagonal = 1.0
  var heatRate = 0.0

  let nodes: Int
  let electrodeNodes: Int
  /// Number of particles.
  let surfaces: Int
  let modeCount: Int
  let area: Double
  /// Number of unknowns.
  public let unknownCount: Int
  /// Salt released per charge that leaves the particles, `(1 − t₊)/F`, in mol/C.
  let saltPerCharge: Double
  let faraday = PhysicalConstants.faraday
  let contactLoss: Double
  let heatCapacity: Double
  let cooling: Double

  /// Creates a model in which films may grow and lithium may plate.
  ///
  /// - Parameters:
  ///   - parameters: A complete set.
  ///   - resolution: Mesh and modes.
  ///   - thermal: Treatment of the temperature.
  ///   - interphase: Law of film growth; the set must carry film parameters unless it is none.
  ///   - plating: Law of lithium plating; the set must carry its parameters unless it is none.
  /// - Throws: ``ParameterError`` naming the first value that is missing or impossible.
  public init(
    _ parameters: CellParameters, resolution: CellResolution = .standard,
    thermal: ThermalModel = .isothermal, interphase: InterphaseLaw = .none,
    plating: PlatingLaw = .none
  ) throws(ParameterError) {
    var ageing = AgeingOptions()
    ageing.interphase = interphase
    ageing.plating = plating
    try self.init(parameters, resolution: resolution, thermal: thermal, ageing: ageing)
  }

  /// Creates a model with phenomena of ageing.
  ///
  /// - Parameters:
  ///   - parameters: A complete set.
  ///   - resolution: Mesh and modes.
  ///   - thermal: Treatment of the temperature.
  ///   - ageing: Phenomena; the set must carry the parameters of those that are on.
  /// - Throws: ``ParameterError`` naming the first value that is missing or impossible.
  public init(
    _ parameters: CellParameters, resolution: CellResolution = .standard,
    thermal: ThermalModel = .isothermal, ageing: AgeingOptions
  ) throws(ParameterError) {
    try parameters.validate(thermal: thermal, allowsComposite: true)
    try ageing.check(parameters)
    self.ageing = ageing
    laws = AgeingLaws(ageing, parameters)
    self.parameters = parameters
    self.resolution = resolution
    self.thermal = thermal
    ambientTemperature = parameters.ambientTemperature
    mesh = CellMesh(resolution, parameters)
    modes = .shared(count: resolution.particleModes)
    let rest = parameters.electrolyte.initialConcentration
    diffusivityTable = parameters.electrolyte.diffusivity.table(
      over: 0...5, intervals: 500, unit: rest)
    conductivityTable = parameters.electrolyte.conductivity.table(
      over: 0...5, intervals: 1_000, unit: rest)
    nodes = mesh.count
    electrodeNodes = mesh.negative + mesh.positive
    modeCount = resolution.particleModes
    area = parameters.coatedArea
    stackArea = area
    contactLoss = parameters.contactResistance
    heatCapacity = parameters.heatCapacity
    cooling = parameters.coolingConductance
    saltPerCharge = (1 - parameters.electrolyte.transferenceNumber) / faraday
    let material = parameters.negative.second
    surfaces = mesh.negative + mesh.positive + (material == nil ? 0 : mesh.negative)
    let factorsAt = nodes * Self.nodeSlots + surfaces * Self.surfaceSlots
    let modesAt = 2 * nodes + electrodeNodes + 2
    negative = ParticlePopulation(
      ElectrodeKernel(parameters.negative, parameters), modes: modes, firstVolume: 0,
      count: mesh.negative, firstSurface: 0, modesAt: modesAt, factorsAt: factorsAt,
      stress: AgeingLaws.stressFactor(ageing, parameters.negative, parameters))
    let perParticle = ParticlePopulation.factorCount(modes: modeCount, particles: 1)
    positive = ParticlePopulation(
      ElectrodeKernel(parameters.positive, parameters), modes: modes,
      firstVolume: mesh.negative, count: mesh.positive, firstSurface: mesh.negative,
      modesAt: modesAt + modeCount * mesh.negative,
      factorsAt: factorsAt + perParticle * mesh.negative,
      stress: AgeingLaws.stressFactor(ageing, parameters.positive, parameters))
    if let material {
      let low = material.lithiationPotential.value
      let high = material.delithiationPotential.value
      second = ParticlePopulation(
        ElectrodeKernel(parameters.negative.second(material), parameters), modes: modes,
        firstVolume: 0, count: mesh.negative, firstSurface: electrodeNodes,
        modesAt: modesAt + modeCount * electrodeNodes,
        factorsAt: factorsAt + perParticle * electrodeNodes,
        gap: FunctionTable(over: 0...1, intervals: 1_000) { 0.5 * (high($0) - low($0)) },
        hysteresisAt: modesAt + modeCount * surfaces, hysteresisRate: material.hysteresisRate)
    }
    // After the modes: the hysteresis, the films, and the wear.
    var unknownsAt = modesAt + modeCount * surfaces + (material == nil ? 0 : mesh.negative)
    var memoryAt = factorsAt + perParticle * surfaces
    let negativeVolumes = mesh.negative
    func film(_ local: LocalAgeing, firstSurface: Int) -> SurfaceFilm? {
      guard local.grows || local.plates else { return nil }
      let film = SurfaceFilm(
        local: local, firstSurface: firstSurface, unknownsAt: unknownsAt, memoryAt: memoryAt)
      unknownsAt += SurfaceFilm.unknowns * negativeVolumes
      memoryAt += SurfaceFilm.Slot.allCases.count * negativeVolumes
      return film
    }
    self.film = film(laws.negative, firstSurface: 0)
    let secondSurface = electrodeNodes
    secondFilm = laws.second.flatMap { film($0, firstSurface: secondSurface) }
    hasFilm = self.film != nil
    hasWear = ageing.isBeyondFilmAndPlating
    if hasWear {
      let wear = PorousWear(
        unknownsAt: unknownsAt, memoryAt: memoryAt, surfaces: surfaces, modes: modeCount)
      unknownsAt += wear.unknownCount
      memoryAt += wear.memoryCount
      self.wear = wear
    } else {
      wear = nil
    }
    unknownCount = unknownsAt
    memory = DoubleWorkspace(count: memoryAt)
    fillGeometry()
  }

  /// Number of limits.
  public var eventCount: Int { CellEvent.allCases.count }
  /// True: the matrix costs little more than the right side.
  public var refreshesMatrixEveryIteration: Bool { true }

  var potentialOffset: Int { nodes }
  var solidOffset: Int { 2 * nodes }
  var currentIndex: Int { 2 * nodes + electrodeNodes }
  var temperatureIndex: Int { currentIndex + 1 }

  /// Writes the diagonal mass: zeros for potentials and current.
  public func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for i in 0..<unknownCount { mass[i] = 1 }
    let rest = parameters.electrolyte.initialConcentration
    for i in 0..<nodes {
      mass[i] = node(.capacity)[i] * rest
      mass[potentialOffset + i] = 0
    }
    for i in 0..<electrodeNodes { mass[solidOffset + i] = 0 }
    mass[currentIndex] = 0
    if let film {
      for e in 0..<mesh.negative { mass[film.unknownsAt + e] = 0 }
    }
    if let secondFilm {
      for e in 0..<mesh.negative { mass[secondFilm.unknownsAt + e] = 0 }
    }
  }

  /// Writes tolerances a tenth of the relative one, in units of each unknown's size.
  public func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    let count = unknownCount
    for i in 0..<count { tolerances[i] = 0.1 * relativeTolerance }
    tolerances[currentIndex] = 0.1 * relativeTolerance * parameters.nominalCapacity / 3_600
  }

  /// Writes the state of a rested cell.
  public func fillRest(
    negative: Double, positive: Double, temperature: Double,
    into state: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<unknownCount { state[i] = 0 }
    let (first, other) = restStoichiometries(negative)
    let low = self.negative.kernel.openCircuit(first).value
    let high = self.positive.kernel.openCircuit(positive).value
    for i in 0..<nodes {
      state[i] = 1
      state[potentialOffset + i] = -low
    }
    for i in mesh.negative..<electrodeNodes { state[solidOffset + i] = high - low }
    for i in 0..<mesh.negative { state[self.negative.modesAt + i] = first }
    if let second {
      for i in 0..<second.count {
        state[second.modesAt + i] = other
        state[second.hysteresisAt + i] = restHysteresis
      }
    }
    for i in 0..<mesh.positive { state[self.positive.modesAt + i] = positive }
    state[temperatureIndex] = temperature
    fillFresh(state)
    // The unknown is the amount: less where metal already fills pores.
    if hasFilm {
      for i in 0..<mesh.negative { state[i] = openShare(state, i) }
    }
  }
}

extension PorousElectrodeModel {
  /// 1e-4: the error of the mesh is larger from there down to 5e-5, which takes an eighth longer.
  public static var standardTolerance: Double { 1e-4 }

  /// Stoichiometries of both materials of the rested negative electrode.
  private func restStoichiometries(_ mean: Double) -> (first: Double, second: Double) {
    guard let second, let gap = second.gap else { return (mean, mean) }
    let kernels = (negative.kernel, second.kernel)
    let branch = restHysteresis
    return PorousElectrodeParameters.split(
      mean, shares: parameters.negative.shares, first: { kernels.0.openCircuit($0).value },
      second: { kernels.1.openCircuit($0).value + branch * gap.evaluate($0).value })
  }
}
