// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A lithium metal cell with a solid electrolyte: storage and set-up.

import Foundation
import NumericalMethods
import Quantities

/// A cell of lithium metal, a single-ion-conducting solid electrolyte and a composite cathode.
///
/// The electrolyte carries lithium ions alone, so there is no salt gradient and the separator is a
/// resistor. The cathode is a porous electrode with spectral particles of which a share touches
/// the electrolyte. The lithium is flat: Butler–Volmer kinetics over the area in contact, an
/// interphase that grows and binds lithium, and voids that gather when lithium is stripped faster
/// than creep refills the interface and that leave less area for plating. Unknowns, in order:
/// electrolyte potential and solid potential of the cathode, `[nodes]` each and against the
/// lithium; current; temperature; lithium in the metal over its greatest amount; interphase
/// thickness over its start; void thickness over the refilling length; and the particles' modes as
/// stoichiometries, `[mode × node]`.
///
/// - Reference: Tian & Qi (2017), doi:10.1149/2.0051711jes, for a porous-electrode model with lost
///   contact; Kasemchainan et al. (2019), doi:10.1038/s41563-019-0438-9, for voids and dendrites.
public struct SolidStateModel: ElectrochemicalModel, ~Copyable {
  /// What is imposed.
  public var control = CellControl.current(0)
  /// Where steps end.
  public var limits = CellLimits()
  /// Ambient temperature, in kelvin.
  public var ambientTemperature: Double
  /// The parameters.
  public let parameters: CellParameters
  /// Those of the solids.
  public let solid: SolidStateParameters
  /// How the temperature is treated.
  public let thermal: ThermalModel

  let nodes: Int
  let modes: ParticleModes
  let modeCount: Int
  let cathode: ElectrodeKernel
  let memory: DoubleWorkspace
  let area: Double
  let faraday = PhysicalConstants.faraday
  /// Width of a volume, in metres.
  let width: Double
  /// Reaction area per area of cell in a volume, over the particles in contact.
  let reactionArea: Double
  /// Share of the particles' surface in contact.
  let cathodeContact: Double
  /// Contact of the lithium without voids.
  let pressedContact: Double
  let electronConductance: Double
  let ionicFactor: Double
  let heatCapacity: Double
  let cooling: Double

  // Factors of the temperature of the last evaluation.
  var factorTemperature = -1.0
  var conductivity = 0.0
  var exchange = 0.0
  var rate = 0.0
  var half = 0.0
  var lithiumExchange = 0.0
  var resistivity = 0.0
  var strippingLimit = 0.0
  var platingLimit = 0.0

  // The last evaluation and what `solve` needs.
  var separatorCurrent = 0.0
  var separatorSlope = 0.0
  var heatRate = 0.0
  var leading = 1.0
  var surfaceSum = 0.0
  var filmSlope = 0.0
  var voidSlope = 0.0
  var controlByPotential = 0.0
  var controlByCurrent = 1.0

  /// Creates the model.
  ///
  /// - Parameters:
  ///   - parameters: A complete set with ``CellParameters/solidState``.
  ///   - resolution: The positive volumes and the modes count.
  ///   - thermal: Treatment of the temperature.
  /// - Throws: ``ParameterError`` naming the first value that is missing or impossible.
  public init(
    _ parameters: CellParameters, resolution: CellResolution = .solidState,
    thermal: ThermalModel = .isothermal
  ) throws(ParameterError) {
    guard let solid = parameters.solidState else {
      throw .missing(key: "Solid electrolyte conductivity [S.m-1]")
    }
    try parameters.validateSolidState(solid, thermal: thermal)
    self.parameters = parameters
    self.solid = solid
    self.thermal = thermal
    ambientTemperature = parameters.ambientTemperature
    nodes = resolution.positive
    modeCount = resolution.particleModes
    modes = ParticleModes(count: resolution.particleModes)
    let positive = parameters.positive
    cathode = ElectrodeKernel(positive, parameters)
    memory = DoubleWorkspace(count: Slot.allCases.count * resolution.positive)
    area = parameters.coatedArea
    width = positive.thickness / Double(resolution.positive)
    cathodeContact = solid.cathodeContact.fraction(at: solid.stackPressure)
    pressedContact = solid.lithiumContact.fraction(at: solid.stackPressure)
    reactionArea = positive.surfaceDensity * width * cathodeContact
    electronConductance = positive.effectiveConductivity / width
    ionicFactor = pow(positive.porosity, positive.bruggemanElectrolyte)
    heatCapacity = parameters.heatCapacity
    cooling = parameters.coolingConductance
  }

  enum Slot: Int, CaseIterable {
    case surface, current, byPotential, byStoichiometry, overpotential, condensed, right
    // Factors of the 2×2 blocks: inverse (4), eliminated upper block (2 columns are diagonal: 4).
    case inverse0, inverse1, inverse2, inverse3, upper0, upper1, upper2, upper3
    case response0, response1, spare
  }

  @inline(__always)
  func slot(_ slot: Slot) -> UnsafeMutablePointer<Double> { memory.base + slot.rawValue * nodes }

  var solidOffset: Int { nodes }
  var currentIndex: Int { 2 * nodes }
  var temperatureIndex: Int { currentIndex + 1 }
  var lithiumIndex: Int { currentIndex + 2 }
  var filmIndex: Int { currentIndex + 3 }
  var voidIndex: Int { currentIndex + 4 }
  var modesOffset: Int { currentIndex + 5 }
  /// Greatest amount of metal, in moles.
  var lithiumHost: Double { parameters.hostCapacity.negative }
  /// Lithium bound by the interphase per unit of its relative thickness, in moles.
  var filmLithium: Double { solid.interphaseLithium * solid.interphaseThickness * area }

  /// Number of unknowns.
  public var unknownCount: Int { modesOffset + nodes * modeCount }
  /// Number of limits.
  public var eventCount: Int { CellEvent.allCases.count }
  /// True: the matrix costs little more than the right side.
  public var refreshesMatrixEveryIteration: Bool { true }

  /// Writes the diagonal mass: zeros for potentials and current.
  public func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for i in 0..<unknownCount { mass[i] = i <= currentIndex ? 0 : 1 }
  }

  /// Writes tolerances a tenth of the relative one, in units of each unknown's size.
  public func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    for i in 0..<unknownCount { tolerances[i] = 0.1 * relativeTolerance }
    tolerances[currentIndex] = 0.1 * relativeTolerance * parameters.nominalCapacity / 3_600
    // In units of the length by which contact falls.
    tolerances[voidIndex] = relativeTolerance * solid.voidContactLoss / solid.voidRefilling
  }

  /// Writes the state of a rested cell without voids.
  public func fillRest(
    negative: Double, positive: Double, temperature: Double,
    into state: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<unknownCount { state[i] = 0 }
    let potential = cathode.openCircuit(positive).value
    for i in 0..<nodes {
      state[solidOffset + i] = potential
      state[modesOffset + i] = positive
    }
    state[temperatureIndex] = temperature
    state[lithiumIndex] = negative
    state[filmIndex] = 1
  }
}

extension CellResolution {
  /// The standard resolution of the solid-state model.
  public static let solidState = CellResolution(
    negative: 2, separator: 2, positive: 20, particleModes: 8)
}
