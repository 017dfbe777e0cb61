// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Propagation of thermal runaway through a pack: state and main loop.

import Foundation
import NumericalMethods
import Quantities
import RunawayModels

/// A propagation run: reactions in every node, heat through the pack, current through the wiring.
///
/// Each step first lets every node react under the heat flow that the network last gave it
/// (`NodeKinetics`, with small implicit steps of its own), then conducts for the whole step with
/// the released heat as a constant source. Sources and flows balance exactly, so heat is conserved
/// to rounding and slow balances of reaction and conduction carry no splitting error; the step
/// shrinks with the fastest warming. A cell runs away by its kinetics, never at a fixed temperature.
public struct PackSimulation: ~Copyable {
  let pack: PackDescription
  var heat: PackHeat
  var kinetics: NodeKinetics
  var tree: ElectricalTree
  var stepper: StabilizedDiffusionStepper
  let reactions: Int
  let contentCount: Int
  let cellCount: Int

  // Thermal state, ledger entries included.
  var enthalpy: [Double]
  var before: [Double]
  var nodes: NodeState
  /// Contents at the start, `[cell × content]`.
  var initial: [Double]
  var sleepContents: [Double]
  var sleepRates: [Double]

  // Electrical state, by cell.
  var stateOfCharge: [Double]
  /// Charge that currents have taken out of the reactions since the start, as a fraction of the nominal
  /// capacity, and lithium plated, as a fraction of the cell's, by cell.
  var chargeTaken: [Double]
  var plated: [Double]
  var capacity: [Double]
  var resistance: [Double]
  var heatFactor: [Double]
  var current: [Double]
  var sourceVoltage: [Double]
  var sourceResistance: [Double]
  var fuseState: [Double]
  /// Whether a melted fuse or an interrupt device has opened the circuit of a cell.
  var isOpen: [Bool]
  var hasMelted: [Bool]
  var interruptedAt: [Double]
  var ventedAt: [Double]
  /// Absolute pressure in the casing, in Pa, by cell.
  var pressure: [Double]
  /// Gas of a cell whose reactions have all run to the end, in mol.
  let wholeGas: Double
  var collapsedAt: [Double]
  /// Part of the layers whose separator is gone, by cell.
  var shorted: [Double]
  /// Time since the collapse that the release has yet to make up for, in seconds, by cell.
  var shortLead: [Double]
  /// State of charge at the start, and what has flowed through the collapsed separator since, by cell.
  let firstCharge: [Double]
  var shortPassed: [Double]
  /// Whether nothing flows there any more.
  var isSpent: [Bool]
  /// Collapsed cells with charge left.
  var collapsed: [Int] = []
  /// Whether the wiring was found without any current, and nothing has changed since.
  var carriesNothing = false
  var terminal = ElectricalTree.Terminal(current: 0, voltage: 0, loadMet: true)
  var contactorsOpenAt = Double.infinity
  var contactorsOpen = false

  /// What a controller outside commands.
  public var control = PackControl()
  /// How finely the run steps.
  public var stepping = Stepping()
  /// Length of the next step, in seconds.
  var nextStep = 0.1
  var hasBegun = false
  var isTriggered = false
  var coolantHasFailed = false

  // Progress.
  var time = 0.0
  var steps = 0
  var runawayAt: [Double]
  var ejected: [Double]
  var totalHeat: [Double]
  var releasedHeat: [Double]
  /// Heat of reactions and of the own charge in the last step, in watts, by cell.
  var selfHeat: [Double]
  var peaks: [Double]
  /// Highest temperature of any node of any cell so far, in kelvin.
  var highest = 0.0
  /// What happened so far, in order of time.
  public internal(set) var events: [PackEvent] = []
  var ledger = EnergyLedger()
  var startEnthalpy = 0.0
  var isMolten = false
  var heaterIsOn = false

  /// Gas in the housing; nil without one.
  var gasPath: GasPath?
  /// Compartment of each cell, and gas it has given to it, in mol.
  let compartments: [Int]
  var gasGiven: [Double]
  /// Heat of burning what each cell has vented so far, and of what of it has not burnt yet, in joules.
  var fuelOut: [Double]
  var fuelLeft: [Double]
  /// Cells next to each cell.
  let adjacency: [[Int]]
  /// Content of the separator in the kinetics; nil where they have none.
  let separator: Int?
  /// Change of that content by one unit of each reaction, `[reactionCount]`.
  let separatorColumn: [Double]
  /// Lithium of the anode that one unit of each reaction uses up, as a fraction of a fresh, full cell,
  /// `[reactionCount]`; empty where the kinetics name no anode.
  let lithiumColumn: [Double]

  /// Creates a run.
  ///
  /// - Parameter pack: The pack; see `PackDescription.faults`, which must be empty.
  public init(_ pack: PackDescription) {
    var pack = pack
    if pack.trigger.kind == .overcharge, let plating = pack.cell.platingKinetics {
      pack.cell.kinetics = plating
    }
    self.pack = pack
    var generator = Xoshiro256(seed: pack.seed)
    let spread = pack.spread
    func factor(_ deviation: Double) -> Double {
      deviation > 0 ? max(0.2, 1 + deviation * generator.nextNormal()) : 1
    }
    let count = pack.cellCount
    let kernel = pack.cell.kinetics
    reactions = kernel.reactionCount
    contentCount = kernel.contentCount
    cellCount = count
    let losses = (0..<count).map { _ in
      max(0, min(0.9, pack.lithiumLoss + factor(spread.lithiumLoss) - 1))
    }
    capacity = losses.map { loss in
      pack.cell.capacity * factor(spread.capacity) * (1 - loss)
    }
    resistance = (0..<count).map { _ in pack.cell.resistance * factor(spread.resistance) }
    stateOfCharge = (0..<count).map { _ in
      max(0, min(1, pack.stateOfCharge + factor(spread.stateOfCharge) - 1))
    }
    firstCharge = stateOfCharge
    heatFactor = (0..<count).map { _ in factor(spread.heat) }
    let contact = pack.arrangement.neighbours.map { _ in factor(spread.contact) }
    heat = PackHeat(pack, contactFactors: contact)
    let perCell = heat.nodesPerCell
    kinetics = NodeKinetics(kernel)
    tree = ElectricalTree(
      pack.wiring, jointResistance: pack.connections.weldResistance,
      groupResistance: pack.connections.busbarResistance)
    if let loose = pack.connections.loose {
      tree.setJoint(ofCell: loose.cell, resistance: loose.resistance)
    }
    stepper = StabilizedDiffusionStepper(unknownCount: heat.network.unknownCount)
    enthalpy = heat.network.uniformState(temperature: pack.temperature)
    before = enthalpy
    nodes = NodeState(count: count * perCell, reactions: reactions)
    initial = []
    totalHeat = []
    for cell in 0..<count {
      let contents = kernel.initialContents(
        CellCondition(stateOfCharge: stateOfCharge[cell], lithiumLoss: losses[cell]))
      initial += contents
      totalHeat.append(Self.wholeHeat(kernel, contents) * heatFactor[cell])
    }
    sleepContents = Array(repeating: 0, count: kernel.contentCount)
    sleepRates = Array(repeating: 0, count: kernel.reactionCount)
    shortLead = Array(repeating: 0, count: count)
    current = Array(repeating: 0, count: count)
    chargeTaken = current
    plated = current
    sourceVoltage = current
    sourceResistance = current
    fuseState = current
    isOpen = Array(repeating: false, count: count)
    hasMelted = isOpen
    isSpent = isOpen
    shortPassed = current
    wholeGas = pack.cell.gas.amounts.reduce(0, +) * pack.cell.capacity
    pressure = Array(repeating: PhysicalConstants.standardAtmosphere, count: count)
    collapsedAt = Array(repeating: .infinity, count: count)
    runawayAt = collapsedAt
    shorted = current
    interruptedAt = collapsedAt
    ventedAt = collapsedAt
    ejected = current
    gasGiven = current
    fuelOut = current
    fuelLeft = current
    compartments = pack.enclosure?.compartments(of: pack.arrangement.places) ?? []
    gasPath = pack.enclosure.map { enclosure in
      let amounts = pack.cell.gas.amounts
      let mass = zip(GasSpecies.allCases, amounts).reduce(0) { $0 + $1.0.molarMass * $1.1 }
      return GasPath(
        enclosure, casing: pack.cell.casing,
        ventMolarMass: mass / max(amounts.reduce(0, +), 1e-300), temperature: pack.temperature)
    }
    releasedHeat = current
    selfHeat = current
    peaks = Array(repeating: pack.temperature, count: count)
    var adjacency = [[Int]](repeating: [], count: count)
    for pair in pack.arrangement.neighbours {
      adjacency[pair.first].append(pair.second)
      adjacency[pair.second].append(pair.first)
    }
    self.adjacency = adjacency
    separator = kernel.roles.firstIndex(of: .separator)
    separatorColumn =
      separator.map { place in
        Array(kernel.changes[place * kernel.reactionCount..<(place + 1) * kernel.reactionCount])
      } ?? []
    let anode = kernel.roles.firstIndex(of: .anodeLithium)
    lithiumColumn =
      anode.map { place in
        (0..<kernel.reactionCount).map {
          -kernel.changes[place * kernel.reactionCount + $0] / kernel.freshContents[place]
        }
      } ?? []
    startEnthalpy = enthalpy.reduce(0, +) + (gasPath?.energy.reduce(0, +) ?? 0)
    heat.network.withTemperatures(of: enthalpy) { _ in }
  }

  /// Heat that all reactions can release from contents, in joules: an upper bound for progress.
  static func wholeHeat(_ kernel: ReactionKernel, _ contents: [Double]) -> Double {
    var sum = 0.0
    for i in 0..<kernel.reactionCount where kernel.heats[i] > 0 {
      var extent = Double.infinity
      for j in 0..<kernel.contentCount {
        let change = kernel.changes[j * kernel.reactionCount + i]
        if change < 0 { extent = min(extent, contents[j] / -change) }
      }
      if extent.isFinite { sum += extent * kernel.heats[i] }
    }
    return max(sum, 1)
  }

  /// Runs to the end.
  ///
  /// - Parameter progress: Called now and then with the part done, 0 to 1; false stops the run.
  /// - Returns: Rows, events, outcome and balance.
  public mutating func run(progress: (Double) -> Bool = { _ in true }) -> PackResult {
    var rows: [PackRow] = []
    var nextRow = 0.0
    var sinceRow = 0.0
    var lastRow = 0.0
    begin()
    while time < pack.duration * (1 - 1e-12) {
      if time >= nextRow * (1 - 1e-12) {
        rows.append(row(heat: time > lastRow ? sinceRow / (time - lastRow) : 0))
        (sinceRow, lastRow) = (0, time)
        nextRow = (time / pack.interval).rounded(.down) * pack.interval + pack.interval
        if !progress(time / pack.duration) { break }
        if isOver { break }
      }
      let before = ledger.chemical + ledger.electrical
      move(until: min(pack.duration, nextRow))
      sinceRow += ledger.chemical + ledger.electrical - before
    }
    rows.append(row(heat: time > lastRow ? sinceRow / (time - lastRow) : 0))
    return result(rows)
  }

  /// Solves the wiring for the first time.
  mutating func begin() {
    guard !hasBegun else { return }
    hasBegun = true
    solveWiring(0)
  }

  /// Takes one step, at most to a time, and chooses the next.
  mutating func move(until end: Double) {
    let planned = nextStep
    var end = end
    if pack.trigger.start > time { end = min(end, pack.trigger.start) }
    if let fails = pack.cooling.failsAt, fails > time { end = min(end, fails) }
    let fastest = advance(min(planned, end - time))
    // The next step warms the fastest node by some kelvin, within bounds.
    let wanted = stepping.warming / max(fastest, 1e-6)
    nextStep = max(stepping.shortest, min(stepping.longest, wanted, 1.6 * planned))
  }

  /// How finely a run steps.
  public struct Stepping: Hashable, Sendable {
    /// Kelvins that a step may warm the fastest node by.
    public var warming = 4.0
    /// Shortest step of the network, in seconds.
    public var shortest = 0.5
    /// Longest step of the network, in seconds.
    public var longest = 10.0

    /// Longest time for which a node reacts at once, in seconds.
    public var longestHold = 2.0
    /// Kelvins by which its reactions may warm it in that time.
    public var heldReaction = 0.25
    /// Kelvins by which it may warm or cool altogether in that time.
    public var heldWarming = 5.0

    /// Creates the standard setting.
    public init() {}

    /// Ten times finer than the standard setting, and every node reacts in every step: the
    /// reference for what the standard steps lose.
    public static let precise: Stepping = {
      var stepping = Stepping()
      stepping.warming /= 10
      stepping.shortest /= 10
      stepping.longest /= 10
      stepping.longestHold = 0
      return stepping
    }()
  }

  /// Whether nothing can happen any more: all cells below 60 °C and no trigger at work.
  private var isOver: Bool {
    guard time > 60, !heaterIsOn, terminal.current == 0 else { return false }
    switch pack.trigger.kind {
    case .oven, .externalShort: return false
    case .internalShort: if collapsedAt[triggerCell] == .infinity { return false }
    case .heater, .overcharge, .overdischarge:
      if time < pack.trigger.start + pack.trigger.longest, !hasRunaway { return false }
    case .none, .nail, .coolantLoss: if time < pack.trigger.start + 1 { return false }
    }
    if pack.cooling.failsAt.map({ $0 > time }) ?? false { return false }
    if current.contains(where: { abs($0) > 0.1 }) { return false }
    let t = heat.network.temperature
    for cell in 0..<pack.cellCount {
      for node in heat.nodes(ofCell: cell) where t[node] > 333.15 { return false }
    }
    return true
  }

  var compartmentCount: Int { gasPath?.count ?? 0 }
  var triggerCell: Int { min(max(0, pack.trigger.cell), pack.cellCount - 1) }
  var hasRunaway: Bool { runawayAt.contains { $0 < .infinity } }

  mutating func note(_ kind: PackEvent.Kind, cell: Int?, at moment: Double? = nil) {
    let t = heat.network.temperature
    let hottest: Double
    if let cell {
      hottest = heat.nodes(ofCell: cell).map { t[$0] }.max() ?? 0
    } else {
      hottest = t.max() ?? 0
    }
    events.append(PackEvent(kind: kind, time: moment ?? time, cell: cell, temperature: hottest))
  }

  private func row(heat power: Double) -> PackRow {
    let t = heat.network.temperature
    let means = (0..<pack.cellCount).map { cell -> Double in
      let range = heat.nodes(ofCell: cell)
      return range.map { t[$0] * heat.shares[$0 - range.lowerBound] }.reduce(0, +)
    }
    return PackRow(
      time: time, temperatures: means, voltage: terminal.voltage, current: terminal.current,
      heat: power, gas: gasReleased, gasOutside: gasPath?.ventOutside ?? gasReleased,
      pressure: housingPressure, gasTemperatures: gasTemperatures,
      flammability: housingFlammability)
  }

  mutating func result(_ rows: [PackRow]) -> PackResult {
    let nodes = heat.network.nodeCount
    ledger.ambient = enthalpy[nodes]
    ledger.coolant = enthalpy[nodes + 1]
    ledger.stored =
      enthalpy[..<nodes].reduce(0, +) + (gasPath?.energy.reduce(0, +) ?? 0) - startEnthalpy
    if let gasPath { ledger.ejected = gasPath.energyOutside }
    let count = runawayAt.count { $0 < .infinity }
    let outcome: PackOutcome =
      switch count {
      case 0: .noRunaway
      case pack.cellCount: .wholePack
      case 1: .contained
      default: .stopped
      }
    return PackResult(
      outcome: outcome, rows: rows, events: events.sorted { $0.time < $1.time },
      runawayTimes: runawayAt.map { $0 < .infinity ? $0 : nil }, peaks: peaks,
      hottest: max(highest, pack.temperature), energy: ledger,
      duration: time, steps: steps,
      consumed: (0..<cellCount).map { progress($0) },
      peakPressure: gasPath?.peakPressure ?? 0,
      hazard: pack.room.map { room in
        let amounts = pack.cell.gas.amounts
        let sum = max(amounts.reduce(0, +), 1e-300)
        return room.hazard(
          times: rows.map(\.time),
          vented: rows.flatMap { row in amounts.map { $0 / sum * row.gasOutside } },
          following: 3_600)
      })
  }
}
