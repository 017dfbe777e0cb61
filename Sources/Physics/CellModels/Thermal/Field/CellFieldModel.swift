// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell whose temperature is a field: storage and set-up.

import NumericalMethods

/// Resolution of a temperature field and of the zones that generate its heat.
public struct CellFieldResolution: Hashable, Sendable {
  /// Zones along the first direction: thickness, width or radius.
  public var zones: Int
  /// Zones along the height; 1 for a field of one dimension.
  public var rows: Int
  /// Volumes of the temperature field in each zone and direction.
  public var refinement: Int

  /// Creates a resolution.
  public init(zones: Int, rows: Int = 1, refinement: Int = 1) {
    precondition(zones >= 1 && rows >= 1 && refinement >= 1, "at least one zone and volume")
    self.zones = zones
    self.rows = rows
    self.refinement = refinement
  }

  /// Five zones of four volumes.
  public static let line = CellFieldResolution(zones: 5, refinement: 4)
  /// Six by four zones of two by two volumes.
  public static let plane = CellFieldResolution(zones: 6, rows: 4, refinement: 2)
}

/// A cell whose temperature is a field, made of zones in parallel.
///
/// Every zone is a cell model with its own temperature, the mean of the field over the zone, and
/// its own share of the current; collectors join the zones to the terminals, without resistance or
/// as sheets with tabs. All zones, the collectors and the field are one implicit system. The heat
/// of a zone goes into the volumes of the zone; heat that entered and left the field is counted in
/// two further unknowns, so that the energy balance can be read from a state.
///
/// Unknowns, in order: those of each zone; temperatures of the volumes; voltages of the zones;
/// terminal voltage without the contacts; current; heat generated and heat lost since the start,
/// both divided by the heat capacity.
///
/// - Reference: Timms et al. (2021), doi:10.1137/20M1336898, for the reduction of a pouch cell to
///   electrochemistry at each place of a sheet.
public struct CellFieldModel<Zone: ZoneCellModel & ~Copyable>: ElectrochemicalModel, ~Copyable {
  /// What is imposed.
  public var control = CellControl.current(0)
  /// Where steps end.
  public var limits = CellLimits()
  /// Temperature of all surroundings, in kelvin.
  public var ambientTemperature: Double {
    didSet { surroundings = surroundings.map { _ in ambientTemperature } }
  }
  /// Temperature of the surroundings of each face, in kelvin.
  public var surroundings: [Double]
  /// The parameters of the whole cell.
  public let parameters: CellParameters
  /// The temperature field.
  public let field: ThermalField

  let zones: ZoneStorage<Zone>
  /// Share of the cell in each zone.
  let shares: [Double]
  /// Zone of each volume.
  let zoneOf: [Int]
  let collectors: CollectorNetwork
  let matrix: BandedFactorization
  let small: DenseFactorization
  let memory: DoubleWorkspace
  let zoneUnknowns: Int
  let capacity: Double

  var currents: [Double]
  var zoneHeat: [Double]
  var heatRate = 0.0
  var leading = 1.0
  var linearizedControl = CellControl.current(0)
  var linearizedCurrent = 0.0
  var linearizedVoltage = 0.0

  /// Creates the model.
  ///
  /// - Parameters:
  ///   - parameters: A complete set with ``CellHeatParameters/field``.
  ///   - resolution: Zones and volumes; more than one row resolves two dimensions.
  ///   - makeZone: Makes the model of a zone, with lumped heat, from the set scaled to the zone.
  /// - Throws: ``ParameterError`` naming the first value that is missing or impossible.
  public init(
    _ parameters: CellParameters, resolution: CellFieldResolution,
    makeZone: (CellParameters) throws(ParameterError) -> Zone
  ) throws(ParameterError) {
    guard let heat = parameters.heat else {
      throw .missing(key: "Total heat transfer coefficient [W.m-2.K-1]")
    }
    guard let shape = heat.field else {
      throw .missing(key: "Negative electrode thermal conductivity [W.m-1.K-1]")
    }
    let counts = (
      resolution.zones * resolution.refinement, resolution.rows * resolution.refinement
    )
    let isPlanar = resolution.rows > 1
    let field = try shape.makeField(
      capacity: parameters.heatCapacity, convection: heat.transferCoefficient, isPlanar: isPlanar,
      counts: counts)
    let zoneCount = resolution.zones * resolution.rows
    let columns = field.shape.0
    let zoneOf = (0..<field.count).map { node in
      (node / columns / resolution.refinement) * resolution.zones
        + node % columns / resolution.refinement
    }
    var collectors = CollectorNetwork(idealFor: zoneCount)
    if isPlanar, case .slab(_, let width, let height) = shape.shape {
      collectors = try CollectorNetwork(
        shape, size: SIMD2(width, height), columns: resolution.zones, rows: resolution.rows)
    }
    let volume = field.volumes.reduce(0, +)
    var shares = [Double](repeating: 0, count: zoneCount)
    for (node, zone) in zoneOf.enumerated() { shares[zone] += field.volumes[node] / volume }
    let zones = ZoneStorage<Zone>(capacity: zoneCount)
    for share in shares { zones.append(try makeZone(parameters.scaled(by: share))) }
    let zoneUnknowns = zones[0].unknownCount
    self.parameters = parameters
    self.field = field
    self.zoneOf = zoneOf
    self.collectors = collectors
    self.shares = shares
    self.zones = zones
    self.zoneUnknowns = zoneUnknowns
    ambientTemperature = parameters.ambientTemperature
    surroundings = field.faceNames.map { _ in parameters.ambientTemperature }
    capacity = field.capacity
    let width = field.bandwidth
    matrix = BandedFactorization(size: field.count, lowerWidth: width, upperWidth: width)
    small = DenseFactorization(size: zoneCount)
    currents = [Double](repeating: 0, count: zoneCount)
    zoneHeat = currents
    memory = DoubleWorkspace(
      count: zoneCount * (zoneUnknowns + 4) + max(field.count, CellEvent.allCases.count))
  }

  var zoneCount: Int { shares.count }
  var nodeOffset: Int { zoneCount * zoneUnknowns }
  var zoneVoltageOffset: Int { nodeOffset + field.count }
  var voltageIndex: Int { zoneVoltageOffset + zoneCount }
  var currentIndex: Int { voltageIndex + 1 }
  var generatedIndex: Int { voltageIndex + 2 }
  var lostIndex: Int { voltageIndex + 3 }

  /// Response of a zone's unknowns to its voltage.
  func response(_ zone: Int) -> UnsafeMutablePointer<Double> { memory.base + zone * zoneUnknowns }
  var scratch: UnsafeMutablePointer<Double> { memory.base + zoneCount * zoneUnknowns }

  /// Number of unknowns.
  public var unknownCount: Int { lostIndex + 1 }
  /// Number of limits.
  public var eventCount: Int { CellEvent.allCases.count }
  /// True: the matrix costs little more than the right side.
  public var refreshesMatrixEveryIteration: Bool { true }

  /// Writes the diagonal mass; temperatures of zones are means of the field, thus algebraic.
  public func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for k in 0..<zoneCount {
      let own = mass + k * zoneUnknowns
      zones[k].fillMass(own)
      own[zones[k].temperatureUnknown] = 0
    }
    for i in 0..<field.count { mass[nodeOffset + i] = field.capacities[i] }
    for i in zoneVoltageOffset...currentIndex { mass[i] = 0 }
    mass[generatedIndex] = 1
    mass[lostIndex] = 1
  }

  /// Writes the tolerances of the zones; volumes a tenth of the relative one in kelvin.
  public func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    for i in 0..<unknownCount { tolerances[i] = 0.1 * relativeTolerance }
    for k in 0..<zoneCount {
      zones[k].fillAbsoluteTolerances(
        tolerances + k * zoneUnknowns, relativeTolerance: relativeTolerance)
    }
    tolerances[currentIndex] = 0.1 * relativeTolerance * parameters.nominalCapacity / 3_600
    // Heat counts as the rise of the mean temperature, with the weight of a temperature.
    tolerances[generatedIndex] = 300 * relativeTolerance
    tolerances[lostIndex] = 300 * relativeTolerance
  }

  /// Writes a rested state of one temperature.
  public func fillRest(
    negative: Double, positive: Double, temperature: Double,
    into state: UnsafeMutablePointer<Double>
  ) {
    let voltage = parameters.openCircuitVoltage(negative: negative, positive: positive)
    for i in nodeOffset..<unknownCount { state[i] = 0 }
    for k in 0..<zoneCount {
      zones[k].fillRest(
        negative: negative, positive: positive, temperature: temperature,
        into: state + k * zoneUnknowns)
      state[zoneVoltageOffset + k] = voltage
    }
    for i in 0..<field.count { state[nodeOffset + i] = temperature }
    state[voltageIndex] = voltage
  }
}

/// The models of the zones, which cannot be copied.
final class ZoneStorage<Zone: ~Copyable> {
  private let base: UnsafeMutablePointer<Zone>
  private var count = 0

  init(capacity: Int) { base = .allocate(capacity: capacity) }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  func append(_ zone: consuming Zone) {
    (base + count).initialize(to: zone)
    count += 1
  }

  subscript(index: Int) -> Zone {
    unsafeAddress { UnsafePointer(base + index) }
    unsafeMutableAddress { base + index }
  }
}

extension CellParameters {
  /// The set of a part of the cell; contacts stay with the whole.
  func scaled(by share: Double) -> CellParameters {
    var part = self
    part.electrodeArea *= share
    part.nominalCapacity *= share
    part.contactResistance = 0
    part.heat?.volume *= share
    part.heat?.coolingArea *= share
    return part
  }
}
