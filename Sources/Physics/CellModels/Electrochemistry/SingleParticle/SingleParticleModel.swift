// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model, without and with electrolyte: storage and set-up.

import Foundation
import NumericalMethods
import Quantities

/// The single-particle model (SPM) of a cell, or with electrolyte (SPMe), with ageing.
///
/// One spectral particle stands for each electrode; the reaction is uniform. With electrolyte the
/// salt diffuses across the cell on finite volumes, and the voltage gains the averaged
/// concentration and ohmic terms. Unknowns, in order: modes of the negative and of the positive
/// particle as stoichiometries, molecules of the film relative to its start, temperature, current,
/// the slow unknowns of ageing (see ``AgeingOptions``; none when only the film grows), and the salt
/// concentration relative to rest `[nodes]`, and those of a second material of the negative electrode
/// (modes, hysteresis, current density, film). The mean of a particle is kept as lithium per active
/// material of the start, so that loss of active material conserves lithium exactly.
///
/// Plating shares the current of the negative electrode with intercalation: both see one potential,
/// which is solved for at every evaluation.
///
/// - Reference: Marquis, Sulzer, Timms, Please & Chapman (2019), doi:10.1149/2.0341915jes; O'Kane
///   et al. (2022), doi:10.1039/D2CP00417H, for the phenomena of ageing and how they meet.
public struct SingleParticleModel: ElectrochemicalModel, ~Copyable {
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
  /// Whether salt transport is modelled.
  public let withElectrolyte: Bool
  /// How the temperature is treated.
  public let thermal: ThermalModel
  /// The phenomena of ageing.
  public let ageing: AgeingOptions
  /// Law of growth of the film on the negative electrode.
  public var growth: any InterphaseGrowth { laws.negative.growth }

  let film: InterphaseParameters
  let grows: Bool
  let laws: AgeingLaws
  let ageingCount: Int
  let mesh: CellMesh
  let modes: ParticleModes
  let negative: ElectrodeKernel
  let positive: ElectrodeKernel
  /// Diffusion by stoichiometry; nil where the diffusivity is constant.
  let negativeDiffusion: NonlinearDiffusion?
  let positiveDiffusion: NonlinearDiffusion?
  /// Amplitudes, response, scratch and factors of both particles, for diffusion by stoichiometry.
  let particleMemory: DoubleWorkspace
  /// The second material of the negative electrode; nil without.
  let second: SecondMaterial?
  let diffusivityTable: FunctionTable
  let memory: DoubleWorkspace
  let modeCount: Int
  let nodes: Int
  let area: Double
  let heatCapacity: Double
  let cooling: Double
  let faraday = PhysicalConstants.faraday
  /// Reaction current density per ampere: positive at the negative electrode.
  let negativeShare: Double
  let positiveShare: Double
  /// Resistance of the electrolyte in separator and positive electrode, and in the negative one.
  let ionicResistance: Double
  let negativeIonicResistance: Double
  /// Whether films or metal fill pores.
  let narrows: Bool
  let solidResistance: Double

  // Factors of the temperature of the last evaluation.
  var factorTemperature = -1.0
  var negativeExchange = 0.0
  var positiveExchange = 0.0
  var negativeRate = 0.0
  var positiveRate = 0.0
  var saltDiffusion = 1.0
  var saltConduction = 1.0
  var half = 0.0
  var junction = 0.0
  /// Factor of resistance that narrowed pores of the negative electrode make.
  var narrowing = 1.0

  // The last evaluation of the voltage and what `solve` needs.
  var voltage = 0.0
  var openCircuit = 0.0
  var anodePotential = 0.0
  var surfaceNegative = 0.0
  var surfacePositive = 0.0
  var crackFilmSlope = 0.0
  var heatRate = 0.0
  var slopeNegative = 0.0
  var slopePositive = 0.0
  var slopeCurrent = 0.0
  /// Derivative of the potential over the film by the current of the first material.
  var slopeFirst = 0.0
  /// Current density through the film on the first material, in A/m².
  var firstCurrent = 0.0
  var openCircuitNegative = 0.0
  var other = SecondCondition()
  var leading = 1.0
  var controlKind = CellControl.current(0)
  var linearizedCurrent = 0.0
  var wear = Wear()
  var response = PlatingResponse()

  /// Creates a model in which nothing but a film may grow.
  ///
  /// - Parameters:
  ///   - parameters: A complete set.
  ///   - withElectrolyte: Whether salt transport is modelled (SPMe).
  ///   - resolution: Mesh and modes.
  ///   - thermal: Treatment of the temperature.
  ///   - interphase: Law of film growth; the set must carry film parameters unless it is none.
  /// - Throws: ``ParameterError`` naming the first value that is missing or impossible.
  public init(
    _ parameters: CellParameters, withElectrolyte: Bool,
    resolution: CellResolution = .singleParticle, thermal: ThermalModel = .isothermal,
    interphase: InterphaseLaw = .none
  ) throws(ParameterError) {
    var ageing = AgeingOptions()
    ageing.interphase = interphase
    try self.init(
      parameters, withElectrolyte: withElectrolyte, resolution: resolution, thermal: thermal,
      ageing: ageing)
  }

  /// Creates a model with phenomena of ageing.
  ///
  /// - Parameters:
  ///   - parameters: A complete set.
  ///   - withElectrolyte: Whether salt transport is modelled (SPMe).
  ///   - resolution: Mesh and modes.
  ///   - thermal: Treatment of the temperature.
  ///   - ageing: Phenomena; the set must carry the parameters of those that are on.
  /// - Throws: ``ParameterError`` naming the first value that is missing or impossible.
  public init(
    _ parameters: CellParameters, withElectrolyte: Bool,
    resolution: CellResolution = .singleParticle, thermal: ThermalModel = .isothermal,
    ageing: AgeingOptions
  ) throws(ParameterError) {
    try parameters.validate(
      thermal: thermal, allowsComposite: true, needsElectrolyte: withElectrolyte)
    try ageing.check(parameters)
    self.parameters = parameters
    self.withElectrolyte = withElectrolyte
    self.thermal = thermal
    self.ageing = ageing
    laws = AgeingLaws(ageing, parameters)
    let isComposite = parameters.negative.second != nil
    ageingCount = ageing.isBeyondFilm || isComposite ? AgeingSlot.allCases.count : 0
    grows = ageing.interphase != .none
    narrows = withElectrolyte && (ageing.interphase != .none || ageing.plating != .none)
    film = parameters.interphase ?? InterphaseParameters()
    ambientTemperature = parameters.ambientTemperature
    mesh = CellMesh(resolution, parameters)
    modes = .shared(count: resolution.particleModes)
    modeCount = resolution.particleModes
    negative = ElectrodeKernel(parameters.negative, parameters)
    positive = ElectrodeKernel(parameters.positive, parameters)
    negativeDiffusion = negative.nonlinearDiffusion(
      modes, stress: AgeingLaws.stressFactor(ageing, parameters.negative, parameters))
    positiveDiffusion = positive.nonlinearDiffusion(
      modes, stress: AgeingLaws.stressFactor(ageing, parameters.positive, parameters))
    particleMemory = DoubleWorkspace(
      count: (isComposite ? 3 : 2) * Self.particleCount(modeCount))
    nodes = withElectrolyte ? mesh.count : 0
    second = SecondMaterial(
      parameters, laws.second, modes: modes, offset: 2 * modeCount + 3 + ageingCount + nodes)
    area = parameters.coatedArea
    heatCapacity = parameters.heatCapacity
    cooling = parameters.coolingConductance
    negativeShare = 1 / (area * negative.surfaceDensity * parameters.negative.thickness)
    positiveShare = -1 / (area * positive.surfaceDensity * parameters.positive.thickness)
    let rest = parameters.electrolyte.initialConcentration
    diffusivityTable = parameters.electrolyte.diffusivity.table(
      over: 0...5, intervals: 500, unit: rest)
    let kappa = parameters.electrolyte.conductivity.value(rest)
    func ionic(_ length: Double, _ porosity: Double, _ exponent: Double) -> Double {
      length / (kappa * pow(porosity, exponent))
    }
    let n = parameters.negative
    let p = parameters.positive
    let s = parameters.separator
    // The potential differences are averages over electrodes with uniform reaction: a third.
    let end = ionic(p.thickness, p.porosity, p.bruggemanElectrolyte) / 3
    ionicResistance =
      withElectrolyte
      ? (end + ionic(s.thickness, s.porosity, s.bruggemanElectrolyte)) / area : 0
    negativeIonicResistance =
      withElectrolyte ? ionic(n.thickness, n.porosity, n.bruggemanElectrolyte) / (3 * area) : 0
    func solid(_ electrode: PorousElectrodeParameters) -> Double {
      electrode.thickness
        / (3 * electrode.conductivity
          * pow(electrode.activeFraction, electrode.bruggemanElectrode))
    }
    solidResistance = withElectrolyte ? (solid(n) + solid(p)) / area : 0
    memory = DoubleWorkspace(count: 9 * max(1, nodes))
    fillGeometry()
  }

  /// Number of unknowns.
  public var unknownCount: Int {
    2 * modeCount + 3 + ageingCount + nodes + (second?.unknownCount ?? 0)
  }
  /// Number of limits.
  public var eventCount: Int { CellEvent.allCases.count }
  /// True: the matrix costs little more than the right side.
  public var refreshesMatrixEveryIteration: Bool { true }

  var positiveModes: Int { modeCount }
  var filmIndex: Int { 2 * modeCount }
  var temperatureIndex: Int { 2 * modeCount + 1 }
  var currentIndex: Int { 2 * modeCount + 2 }
  var ageingOffset: Int { 2 * modeCount + 3 }
  var saltOffset: Int { 2 * modeCount + 3 + ageingCount }

  /// Writes the diagonal mass: zeros for potentials and current.
  public func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for i in 0..<unknownCount { mass[i] = 1 }
    mass[currentIndex] = 0
    if let second { mass[second.index(.current)] = 0 }
    let rest = parameters.electrolyte.initialConcentration
    for i in 0..<nodes { mass[saltOffset + i] = slot(.storage)[i] * rest }
  }

  /// Writes tolerances a tenth of the relative one, in units of each unknown's size.
  public func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    for i in 0..<unknownCount { tolerances[i] = 0.1 * relativeTolerance }
    tolerances[currentIndex] = 0.1 * relativeTolerance * parameters.nominalCapacity / 3_600
  }

  /// How much tighter the temperature is kept than the other unknowns: of 300 K a relative tolerance
  /// of 5e-5 is 15 mK a step, which added up to more than 0.1 K over a discharge.
  static let temperatureTightening = 0.2

  /// Tightens that of the temperature.
  public func adjustRelativeTolerances(_ tolerances: UnsafeMutablePointer<Double>) {
    tolerances[temperatureIndex] *= Self.temperatureTightening
  }

  /// Writes the state of a rested cell.
  public func fillRest(
    negative: Double, positive: Double, temperature: Double,
    into state: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<unknownCount { state[i] = 0 }
    state[0] = negative
    if let second { state[0] = fillRest(second, mean: negative, into: state) }
    state[positiveModes] = positive
    state[filmIndex] = 1
    fillFresh(state)
    state[temperatureIndex] = temperature
    for i in 0..<nodes { state[saltOffset + i] = 1 }
    if narrows {
      // The unknown is the amount: less where metal already fills pores.
      let open = openShare(state)
      for i in 0..<mesh.negative { state[saltOffset + i] = open }
    }
  }
}

extension CellResolution {
  /// The standard resolution of the single-particle models.
  public static let singleParticle = CellResolution(
    negative: 26, separator: 4, positive: 14, particleModes: 8)
}

extension SingleParticleModel {
  /// Slots of one value per salt node.
  enum Slot: Int {
    case width, storage, factor, source, diagonal, upper, lower, right, salt
  }

  @inline(__always)
  func slot(_ slot: Slot) -> UnsafeMutablePointer<Double> {
    memory.base + slot.rawValue * nodes
  }

  private func fillGeometry() {
    guard nodes > 0 else { return }
    let salt = (1 - parameters.electrolyte.transferenceNumber) / (faraday * area)
    for i in 0..<nodes {
      let h = mesh.widths[i]
      let (porosity, exponent) = mesh.pores(i, parameters)
      let source =
        i < mesh.negative
        ? 1 / parameters.negative.thickness
        : i < mesh.negative + mesh.separator ? 0 : -1 / parameters.positive.thickness
      slot(.width)[i] = h
      slot(.storage)[i] = porosity * h
      slot(.factor)[i] = pow(porosity, exponent)
      slot(.source)[i] = salt * source * h
    }
  }
}
