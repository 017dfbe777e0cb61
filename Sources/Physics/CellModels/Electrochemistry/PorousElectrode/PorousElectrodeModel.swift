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
    area = parameters.electrodeArea * parameters.pairCount
    stackArea = area
    contactLoss = parameters.contactResistance
    heatCapacity = parameters.heatCapacity
    cooling = (parameters.heat?.transferCoefficient ?? 0) * (parameters.heat?.coolingArea ?? 0)
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

  /// Slots of one value per node.
  enum NodeSlot: Int, CaseIterable {
    // Fixed: width, porosity of the fresh cell times width.
    case width, capacity
    // Porosity times width, effective factor, salt concentration: these change where films grow.
    case storage, factor, salt
    // Condensed reaction of all particles of a volume, by salt and by potential.
    case reactionBySalt, reactionByPotential
    // Of the last evaluation: conductances of the face to the right and their slopes.
    case conductivity, conductivitySlope, diffusivity, diffusivitySlope, logarithm
    // Faces: salt flux and ionic current to the right, by the left and right concentration.
    case solidConductance
    // Factors: inverse of the diagonal block (9), eliminated upper block (9), lower block (4).
    case inverse0, inverse1, inverse2, inverse3, inverse4, inverse5, inverse6, inverse7, inverse8
    case upper0, upper1, upper2, upper3, upper4, upper5, upper6, upper7, upper8
    case lower0, lower1, lower2, lower3
    // Right side in blocks (3), response to the current (3).
    case right0, right1, right2, response0, response1, response2
  }

  /// Slots of one value per particle.
  enum SurfaceSlot: Int, CaseIterable {
    // Reacting surface per wetted area of the cell, that of the fresh cell, and the active material
    // in wet contact relative to the start.
    case area, freshArea, share
    // Loss across the film, and its change; zero without film.
    case loss, lossChange
    case stoichiometry, current, bySalt, byPotential, byStoichiometry, potential, overpotential
    // Of the last linearisation: change of the surface by a unit of current.
    case response, condensed, surfaceRight
    // Hysteresis: half the gap of the branches; change of the state by a unit of current, inverse
    // of its diagonal, and its change at a given current.
    case gap, hysteresisResponse, hysteresisInverse, hysteresisKnown
  }

  static var nodeSlots: Int { NodeSlot.allCases.count }
  static var surfaceSlots: Int { SurfaceSlot.allCases.count }

  @inline(__always)
  func node(_ slot: NodeSlot) -> UnsafeMutablePointer<Double> {
    memory.base + slot.rawValue * nodes
  }

  @inline(__always)
  func surface(_ slot: SurfaceSlot) -> UnsafeMutablePointer<Double> {
    memory.base + Self.nodeSlots * nodes + slot.rawValue * surfaces
  }

  /// Salt concentration relative to rest, at the state of the last evaluation.
  @inline(__always)
  func salt(_ state: UnsafePointer<Double>) -> UnsafePointer<Double> {
    hasFilm ? UnsafePointer(node(.salt)) : state
  }

  /// Node of an electrode volume.
  @inline(__always)
  func nodeOf(_ electrodeNode: Int) -> Int {
    electrodeNode < mesh.negative ? electrodeNode : electrodeNode + mesh.separator
  }

  private func fillGeometry() {
    for i in 0..<nodes {
      let h = mesh.widths[i]
      let (porosity, exponent): (Double, Double)
      if i < mesh.negative {
        (porosity, exponent) = (
          parameters.negative.porosity, parameters.negative.bruggemanElectrolyte
        )
      } else if i < mesh.negative + mesh.separator {
        (porosity, exponent) = (
          parameters.separator.porosity, parameters.separator.bruggemanElectrolyte
        )
      } else {
        (porosity, exponent) = (
          parameters.positive.porosity, parameters.positive.bruggemanElectrolyte
        )
      }
      node(.width)[i] = h
      node(.capacity)[i] = porosity * h
      node(.storage)[i] = porosity * h
      node(.factor)[i] = pow(porosity, exponent)
    }
    fillSurface(negative)
    fillSurface(positive)
    if let second { fillSurface(second) }
    // Conductance of the face to the right of an electrode volume; none at the separator. The
    // collectors' half volumes are handled apart.
    for e in 0..<electrodeNodes {
      let i = nodeOf(e)
      let last = e == mesh.negative - 1 || e == electrodeNodes - 1
      let sigma =
        e < mesh.negative
        ? parameters.negative.effectiveConductivity : parameters.positive.effectiveConductivity
      node(.solidConductance)[e] =
        last ? 0 : 2 * sigma / (mesh.widths[i] + mesh.widths[i + 1])
    }
  }

  private func fillSurface(_ particles: ParticlePopulation) {
    for e in 0..<particles.count {
      let width = mesh.widths[nodeOf(particles.firstVolume + e)]
      surface(.area)[particles.firstSurface + e] = particles.kernel.surfaceDensity * width
      surface(.freshArea)[particles.firstSurface + e] = particles.kernel.surfaceDensity * width
      surface(.share)[particles.firstSurface + e] = 1
    }
  }

  /// Conductance from the negative collector to the first volume, in S/m².
  var negativeContact: Double {
    2 * parameters.negative.effectiveConductivity / mesh.widths[0]
  }

  /// Conductance from the last volume to the positive collector, in S/m².
  var positiveContact: Double {
    2 * parameters.positive.effectiveConductivity / mesh.widths[nodes - 1]
  }
}

extension PorousElectrodeParameters {
  /// Electronic conductivity of the solid with the Bruggeman factor, in S/m.
  fileprivate var effectiveConductivity: Double {
    let solid = activeFraction + (second?.activeFraction ?? 0)
    return conductivity * pow(solid, bruggemanElectrode)
  }
}
