// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell under abuse as a stiff system: layout, parameters, gas per reaction.

import BatteryDomain
import CellModels
import NumericalMethods
import Quantities

/// A cell under abuse as a stiff system.
///
/// One or two zones (a hot spot and the rest), each with the extents of all reactions and its
/// thermal energy; shared by both: charge taken out (and, where it displaces no reactions, the part that
/// went through a collapsed separator) and four ledgers of energy. Where what leaves
/// acts back on the temperature, gas in the jelly roll and in the headspace, evaporated solvent, gas
/// and solids that left are unknowns too; otherwise they follow step by step (``Headspace``). As
/// every rate enters with constant coefficients, balances of energy and of each gas hold to rounding.
struct AbuseSystem: ~Copyable {
  /// Places after the zones.
  enum Shared: Int, CaseIterable {
    case charge, collapse, trapped, gas, gasMass, evaporated, gasOut, ejected
    // Ledgers: nothing depends on them, so they stay out of the matrix.
    case joule, heater, loss, carried
  }
  static var ledgerCount: Int { 4 }
  /// Unknowns of gas, which are missing where gas does not act back.
  static var gasCount: Int { 6 }

  let cell: AbuseCell
  let kernel: ReactionKernel
  let condition: CellCondition
  let zoneCount: Int
  /// Whether gas acts back on the temperature and is among the unknowns.
  let couplesGas: Bool
  /// Whether charge through a collapsed separator is counted apart, as it displaces no reactions.
  let countsCollapse: Bool
  /// Part of the cell's mass in each zone.
  let shares: (Double, Double)
  /// Conductance between the zones, in W/K.
  let zoneConductance: Double
  let blockSize: Int
  let coreCount: Int
  /// `[zone × content]` contents at the start.
  let initial: DoubleWorkspace
  let contents: DoubleWorkspace
  /// Derivatives of each zone's reactions: by temperature, by charge, by extents.
  let kinetics: DoubleWorkspace
  /// `[unknown × core unknown]`, row-major.
  let jacobian: DoubleWorkspace
  /// Rows that the Jacobian is made of.
  let rows: DoubleWorkspace
  /// Factors of the matrix of a step.
  let matrix: DoubleWorkspace
  /// First row of each column of the factors.
  let tops: IndexWorkspace
  let absoluteTolerances: DoubleWorkspace
  let relativeTolerances: DoubleWorkspace
  /// Relative tolerance.
  let tolerance: Double
  var leadingUsed = 1.0
  var slopes = AbuseSlopes()
  var gasSlopes = GasSlopes()

  // Gas of one unit of extent of each reaction.
  let gasMoles: [Double]
  let gasMasses: [Double]
  /// `[reaction × species]`, in mol.
  let gasTable: [Double]
  let inertMoles: Double
  let solventMolarMass = GasSpecies.solvent.molarMass

  let anodeIndex: Int?
  let platedIndex: Int?
  let separatorIndex: Int?
  /// Heat that all reactions would release, in joules.
  let fullHeat: Double
  let referenceTemperature = PhysicalConstants.referenceTemperature

  var conditions: AbuseConditions
  var isVented = false
  var isInterrupted = false
  /// Self-heating that a calorimeter detects, in K/s: 0.02 K/min.
  var detectionRate = 0.02 / 60
  /// Self-heating that counts as thermal runaway, in K/s.
  var runawayRate = 1.0
  /// Warming below which an adiabatic run is over, in K/s.
  var endRate = -Double.infinity
  /// Temperature at which a segment ends, in kelvin.
  var temperatureLimit = Double.infinity
  /// Terminal voltage at which a segment ends, in volts; nil for none.
  var voltageLimit: Double?
  /// Bit set of events that have been seen and are not looked for again.
  var silenced: UInt32 = 0
  /// What was derived in the last evaluation.
  var derived = Derived()

  /// Quantities that follow from the state.
  struct Derived {
    var temperature = 0.0
    var hotTemperature = 0.0
    var voltage = 0.0
    var stateOfCharge = 0.0
    var pressure = 0.0
    var reactionHeat = 0.0
    var collapseHeat = 0.0
    var electricalHeat = 0.0
    var loss = 0.0
    var temperatureRate = 0.0
    var separatorLeft = 1.0
    var collapsed = 0.0
    var outflow = 0.0
    var shortCurrent = 0.0
    /// Through the contact of a short alone, in amperes, and what is left of its melting integral.
    var contactCurrent = 0.0
    var burnOffLeft = 1.0
    var cellCurrent = 0.0
    var heatCapacity = 1.0
    var ambient = 0.0
  }

  /// - Parameters:
  ///   - cell: The cell.
  ///   - condition: Charge and ageing.
  ///   - hotShare: Part of the mass in the hot zone; 0 for one zone.
  ///   - conditions: What acts at first.
  ///   - plating: Whether lithium can be plated.
  ///   - tolerance: Relative tolerance of steps.
  init(
    cell: AbuseCell, condition: CellCondition, hotShare: Double, conditions: AbuseConditions,
    plating: Bool, tolerance: Double
  ) {
    let network = cell.simulatedNetwork(plating: plating)
    let kernel = network.kernel(amount: cell.amount)
    self.cell = cell
    self.kernel = kernel
    self.condition = condition
    self.conditions = conditions
    zoneCount = hotShare > 0 ? 2 : 1
    couplesGas = cell.casing.ventFeedback
    countsCollapse = cell.separator?.displacesReactions == false
    shares = hotShare > 0 ? (hotShare, 1 - hotShare) : (1, 0)
    if hotShare > 0 {
      // A sphere of the hot volume in the jelly roll around it.
      let volume = cell.geometry.volume.value
      let radius = cubeRoot(3 * hotShare * volume / (4 * .pi))
      let outer = cubeRoot(3 * volume / (4 * .pi))
      zoneConductance = 4 * .pi * cell.conductivity * radius / max(0.1, 1 - radius / outer)
    } else {
      zoneConductance = 0
    }
    blockSize = kernel.reactionCount + 1
    coreCount =
      zoneCount * blockSize + 1 + (countsCollapse ? 1 : 0) + (couplesGas ? Self.gasCount : 0)
    let unknowns = coreCount + Self.ledgerCount
    initial = DoubleWorkspace(count: zoneCount * kernel.contentCount)
    contents = DoubleWorkspace(count: kernel.contentCount)
    kinetics = DoubleWorkspace(
      count: zoneCount * kernel.reactionCount * (kernel.reactionCount + 2))
    jacobian = DoubleWorkspace(count: unknowns * coreCount)
    rows = DoubleWorkspace(count: Self.helperRows * coreCount)
    matrix = DoubleWorkspace(count: coreCount * coreCount)
    tops = IndexWorkspace(count: coreCount)
    absoluteTolerances = DoubleWorkspace(count: unknowns)
    relativeTolerances = DoubleWorkspace(count: unknowns)
    self.tolerance = tolerance
    for (place, value) in kernel.initialContents(condition).enumerated() {
      for zone in 0..<zoneCount { initial.base[zone * kernel.contentCount + place] = value }
    }
    anodeIndex = kernel.roles.firstIndex(of: .anodeLithium)
    platedIndex = kernel.roles.firstIndex(of: .platedLithium)
    separatorIndex = kernel.roles.firstIndex(of: .separator)

    let full = kernel.fullExtents()
    fullHeat = zip(full, kernel.heats).reduce(0) { $0 + max(0, $1.0 * $1.1) }
    var table = [Double](repeating: 0, count: kernel.reactionCount * GasSpecies.count)
    for origin in GasOrigin.allCases {
      let members = network.reactions.indices.filter { network.reactions[$0].gas == origin }
      // Plated lithium comes on top of the full cell and shares the anode's gas for a mole.
      let extent = members.filter { network.reactions[$0].name != "plated lithium" }
        .reduce(0) { $0 + full[$1] }
      guard extent > 0 else { continue }
      for reaction in members {
        for species in GasSpecies.allCases {
          table[reaction * GasSpecies.count + species.rawValue] =
            cell.gas.amounts[species.rawValue] * cell.capacity * species.share(of: origin) / extent
        }
      }
    }
    gasTable = table
    gasMoles = (0..<kernel.reactionCount).map { i in
      table[i * GasSpecies.count..<(i + 1) * GasSpecies.count].reduce(0, +)
    }
    gasMasses = (0..<kernel.reactionCount).map { i in
      GasSpecies.allCases.reduce(0) {
        $0 + table[i * GasSpecies.count + $1.rawValue] * $1.molarMass
      }
    }
    inertMoles =
      conditions.ambientPressure * cell.casing.headspace
      / (PhysicalConstants.gas * conditions.ambient)
    fillTolerances()
  }

  /// Part of the mass of a zone.
  @inline(__always)
  func share(_ zone: Int) -> Double { zone == 0 ? shares.0 : shares.1 }

  /// Place of a shared unknown; those of gas and of the collapse have one only where they are
  /// unknowns.
  @inline(__always)
  func place(_ shared: Shared) -> Int {
    let first = zoneCount * blockSize + shared.rawValue
    let skipsCollapse = !countsCollapse && shared.rawValue > Shared.collapse.rawValue
    let skipsGas = !couplesGas && shared.rawValue > Shared.ejected.rawValue
    return first - (skipsCollapse ? 1 : 0) - (skipsGas ? Self.gasCount : 0)
  }

  /// State of the cell at the start, at one temperature.
  func fillInitial(_ state: UnsafeMutablePointer<Double>, temperature: Double) {
    for n in 0..<unknownCount { state[n] = 0 }
    for zone in 0..<zoneCount {
      state[zone * blockSize + blockSize - 1] =
        share(zone) * cell.heatCapacity * (temperature - referenceTemperature)
    }
    guard couplesGas else { return }
    state[place(.gas)] = inertMoles
    state[place(.gasMass)] = inertMoles * GasSpecies.inert.molarMass
  }
}
