// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The heat network of a pack: cells cut through their thickness, gaps, barriers, sinks.

import BatteryDomain
import NumericalMethods
import Quantities

/// The heat network of a pack with the places of its cells in it.
///
/// Cell `i` owns nodes `i·nodesPerCell ..< (i + 1)·nodesPerCell`, from its low-x face to its
/// high-x face; barriers follow behind all cells.
struct PackHeat {
  var network: ThermalNetwork
  let nodesPerCell: Int
  /// Part of a cell's thickness in each of its nodes, `[nodesPerCell]`; they sum to 1.
  let shares: [Double]
  /// Nodes that melt, for reports.
  private(set) var meltingNodes: [Int] = []
  /// Wall of each compartment of the housing.
  private(set) var wallNodes: [Int] = []
  /// Top of each cell node, and what of its sides looks at air or gas, in m².
  var openTop: [Double]
  var openSide: [Double]
  /// Height of the cells, in metres.
  let height: Double
  /// Ways through the shells of cells.
  var shellPaths: [ShellPath] = []
  /// Places in ``shellPaths`` of the ways of each cell.
  var pathsOfCell: [[Int]] = []
  /// Resistance between the inside and the shell of each cell now, in m²K/W.
  var shellResistance: [Double]
  /// Cells that have run away.
  var hasBurnt: [Bool]
  /// What it becomes when the cell has burnt.
  let burntResistance: Double

  /// Part of the thickness in the outermost nodes of a flat cell: thin, because a neighbour's heat
  /// destroys the outer layers first.
  static let outerShare = 0.05

  /// Shares of the thickness: thin outer nodes, equal inner ones.
  static func shares(_ count: Int) -> [Double] {
    guard count >= 4 else { return Array(repeating: 1 / Double(count), count: count) }
    let inner = (1 - 2 * outerShare) / Double(count - 2)
    return [outerShare] + Array(repeating: inner, count: count - 2) + [outerShare]
  }

  /// Builds the network.
  ///
  /// - Parameters:
  ///   - pack: The pack.
  ///   - contactFactors: Factor of the contact resistance of every neighbour pair.
  init(_ pack: PackDescription, contactFactors: [Double]) {
    let size = Footprint(pack.cell.geometry)
    let nodes = size.isRound ? 1 : max(1, pack.nodesPerCell)
    nodesPerCell = nodes
    shares = Self.shares(nodes)
    shellResistance = Array(repeating: pack.cell.shell.sound, count: pack.cellCount)
    hasBurnt = Array(repeating: false, count: pack.cellCount)
    openTop = Array(repeating: 0, count: pack.cellCount * nodes)
    openSide = openTop
    height = size.height
    burntResistance = pack.cell.shell.burnt
    network = ThermalNetwork(
      ambient: pack.temperature, coolant: pack.cooling.coolantTemperature)
    let capacity = pack.cell.heatCapacity
    let faceArea = size.y * size.height
    for _ in 0..<pack.cellCount {
      let first = network.addNode(capacity: capacity * shares[0])
      for k in 1..<max(1, nodes) {
        let node = network.addNode(capacity: capacity * shares[k])
        let distance = size.x * (shares[k - 1] + shares[k]) / 2
        let conductance = pack.cell.conductivity * faceArea / distance
        network.connect(first + k - 1, node, conductance: conductance)
      }
    }
    addNeighbours(pack, size, contactFactors)
    addHousing(pack)
    addSurfaces(pack, size)
    addBusbars(pack)
    pathsOfCell = Array(repeating: [], count: pack.cellCount)
    for (index, path) in shellPaths.enumerated() {
      pathsOfCell[path.first].append(index)
      if let second = path.second { pathsOfCell[second].append(index) }
    }
  }

  /// Nodes of a cell.
  func nodes(ofCell cell: Int) -> Range<Int> {
    cell * nodesPerCell..<(cell + 1) * nodesPerCell
  }

  private mutating func addNeighbours(
    _ pack: PackDescription, _ size: Footprint, _ factors: [Double]
  ) {
    for (index, pair) in pack.arrangement.neighbours.enumerated() {
      let factor = factors.isEmpty ? 1 : factors[index]
      switch pair.contact {
      case .side:
        // Heat runs fast along the layers: each node meets the one at its height.
        for k in 0..<nodesPerCell {
          let way = Way(
            cells: (pair.first, pair.second),
            nodes: (pair.first * nodesPerCell + k, pair.second * nodesPerCell + k),
            area: pair.area * shares[k], half: 0, gap: pair.gap, factor: factor)
          joinBare(way, pack)
        }
      case .face, .mantle:
        let forward =
          pack.arrangement.places[pair.first].x <= pack.arrangement.places[pair.second].x
        let (left, right) = forward ? (pair.first, pair.second) : (pair.second, pair.first)
        // Node to face: half a slice; for a round cell mean to mantle, r/(4·k).
        let half =
          size.isRound
          ? size.x / 8 / pack.cell.conductivity
          : size.x * shares[0] / 2 / pack.cell.conductivity
        // The mean distance over a sixth of two mantles is 0.09 r more than the narrowest.
        let gap = size.isRound ? pair.gap + 0.09 * size.x / 2 : pair.gap
        let way = Way(
          cells: (left, right),
          nodes: (left * nodesPerCell + nodesPerCell - 1, right * nodesPerCell), area: pair.area,
          half: half, gap: gap, factor: factor,
          extra: Self.insulation(pack.trigger, left: left, right: right))
        let number = max(pair.first, pair.second)
        if let barrier = pack.barrier, number % max(1, barrier.every) == 0 {
          joinBarrier(way, barrier, pack)
        } else {
          joinBare(way, pack)
        }
      }
    }
  }

  /// From one cell to its neighbour.
  private struct Way {
    var cells: (Int, Int)
    var nodes: (Int, Int)
    /// In m².
    var area: Double
    /// Resistance of each cell up to its shell, in m²K/W.
    var half: Double
    /// Distance of the surfaces, in metres.
    var gap: Double
    /// Factor of contact resistances, from the spread of the pack.
    var factor: Double
    /// Insulation of a heater that stands between them, in m²K/W.
    var extra = 0.0
  }

  /// Insulation between the two cells of a way along a row, in m²K/W: that behind a heater on a face.
  private static func insulation(_ trigger: Trigger, left: Int, right: Int) -> Double {
    guard trigger.kind == .heater, trigger.heaterInsulation > 0 else { return 0 }
    // The first face of a cell looks at its neighbour to the left.
    let isFirst = right == trigger.cell
    let isSecond = left == trigger.cell && trigger.heaterPlace == .faces
    return isFirst || isSecond ? trigger.heaterInsulation : 0
  }

  /// Surfaces that look at each other over a gap, or touch.
  private mutating func joinBare(_ way: Way, _ pack: PackDescription) {
    let material = pack.filling.properties
    if way.gap > 1e-6, material.latentHeat > 0 {
      return joinBarrier(way, Barrier(material: pack.filling, thickness: way.gap), pack)
    }
    let emissivity = pack.cooling.emissivity
    let isOpen = way.gap > 1e-6 && pack.filling == .air
    var path = ShellPath(
      first: way.cells.0, second: way.cells.1, area: way.area, inner: 2 * way.half + way.extra,
      across: way.gap > 1e-6
        ? material.conductivity / way.gap : 1 / (pack.contactResistance * way.factor),
      exchange: isOpen && emissivity > 0 ? 1 / (2 / emissivity - 1) : 0, factor: way.factor)
    let value = path.value(shells: shells(of: path), isBurnt: false)
    path.link = network.connect(way.nodes.0, way.nodes.1, conductance: value.conductance)
    path.radiation = network.radiate(way.nodes.0, way.nodes.1, factor: value.radiation)
    shellPaths.append(path)
  }

  /// Surfaces with a layer between them that stores heat and may melt.
  private mutating func joinBarrier(_ way: Way, _ barrier: Barrier, _ pack: PackDescription) {
    let material = barrier.material.properties
    let gap = way.gap
    let thickness = min(barrier.thickness, gap > 1e-6 ? gap : barrier.thickness)
    let mass = material.density * way.area * thickness
    let melts = material.latentHeat > 0
    let node = network.addNode(
      capacity: max(1e-3, mass * material.specificHeat),
      melting: melts
        ? Melting(
          latentHeat: mass * material.latentHeat, begins: material.meltingBegins,
          ends: material.meltingEnds) : nil)
    if melts { meltingNodes.append(node) }
    let rest = max(0, gap - thickness) / 2
    // Over what is left of an air gap surfaces radiate too, taken at 700 K: between a burning cell
    // and a warm layer. It acts in series with the layer, so it is a part of the gap's resistance.
    let emissivity = pack.cooling.emissivity
    let radiated =
      pack.filling == .air && emissivity > 0
      ? 4 * PhysicalConstants.stefanBoltzmann * 700 * 700 * 700 / (2 / emissivity - 1) : 0
    let across = rest > 1e-6 ? 1 / (pack.filling.properties.conductivity / rest + radiated) : 0
    // Half of the insulation on each side of the layer: only their sum matters.
    let outside = pack.contactResistance * way.factor + across + way.extra / 2
    for (cell, other) in [(way.cells.0, way.nodes.0), (way.cells.1, way.nodes.1)] {
      var path = ShellPath(
        first: cell, second: nil, area: way.area, inner: way.half,
        across: 1 / (outside + thickness / 2 / material.conductivity), exchange: 0,
        factor: way.factor)
      let shell = shells(of: path)
      let solid = path.value(shells: shell, isBurnt: false).conductance
      if melts {
        path.liquidAcross = 1 / (outside + thickness / 2 / material.liquidConductivity)
        path.melting = network.connectMelting(
          node, other, solid: solid, liquid: path.liquid(shells: shell))
      } else {
        path.link = network.connect(node, other, conductance: solid)
      }
      shellPaths.append(path)
    }
  }

  /// The walls of the housing: they meet the gas inside and the air outside.
  private mutating func addHousing(_ pack: PackDescription) {
    guard let housing = pack.enclosure else { return }
    let part = 1 / Double(housing.compartments)
    let area = housing.wallArea * part
    for k in 0..<housing.compartments {
      // Aluminium: 903 J/(kg·K) (Incropera et al. 2007, table A.1).
      let wall = network.addNode(capacity: 903 * max(0.01, housing.wallMass) * part)
      wallNodes.append(wall)
      _ = network.addCompartment(temperature: pack.temperature)
      network.expose(wall, to: .compartment(k), conductance: housing.convection * area)
      network.expose(
        wall, to: .ambient, conductance: pack.cooling.convection * area,
        radiation: pack.cooling.emissivity * area)
    }
  }

  private mutating func addSurfaces(_ pack: PackDescription, _ size: Footprint) {
    let cooling = pack.cooling
    let compartments = pack.enclosure?.compartments(of: pack.arrangement.places)
    let exchange = cooling.emissivity > 0 ? 1 / (2 / cooling.emissivity - 1) : 0
    var low = [Double](repeating: 0, count: pack.cellCount)
    var high = low
    var aside = low
    for pair in pack.arrangement.neighbours {
      let forward =
        pack.arrangement.places[pair.first].x <= pack.arrangement.places[pair.second].x
      let (left, right) = forward ? (pair.first, pair.second) : (pair.second, pair.first)
      switch pair.contact {
      case .face:
        high[left] += pair.area
        low[right] += pair.area
      case .side, .mantle:
        aside[left] += pair.area
        aside[right] += pair.area
      }
    }
    let top = size.isRound ? .pi / 4 * size.x * size.x : size.x * size.y
    let face = size.y * size.height
    let sides = size.isRound ? size.sideArea : 2 * size.x * size.height
    for cell in 0..<pack.cellCount {
      let range = nodes(ofCell: cell)
      let bottom = cooling.plate > 0 ? 0 : top
      for node in range {
        let share = shares[node - range.lowerBound]
        // Top, and what of the sides nobody covers, to the air; the bottom to the plate.
        var open = (top + bottom + max(0, sides - aside[cell])) * share
        if !size.isRound {
          if node == range.lowerBound { open += max(0, face - low[cell]) }
          if node == range.upperBound - 1 { open += max(0, face - high[cell]) }
        }
        openTop[node] = top * share
        openSide[node] = open - (top + bottom) * share
        if let compartments, let housing = pack.enclosure {
          let k = compartments[cell]
          exposeShell(
            cell, node, to: .compartment(k), area: open, convection: housing.convection,
            emissivity: exchange, wall: wallNodes[k])
        } else {
          exposeShell(
            cell, node, to: .ambient, area: open, convection: cooling.convection,
            emissivity: cooling.emissivity)
        }
        // The stated contact with a plate is that of the whole way to the coolant.
        if cooling.plate > 0 {
          network.expose(node, to: .coolant, conductance: cooling.plate * top * share)
        }
        if cooling.immersion > 0 {
          let wetted = (2 * top + sides + (size.isRound ? 0 : 2 * face)) * share
          exposeShell(
            cell, node, to: .coolant, area: wetted, convection: cooling.immersion, emissivity: 0)
        }
      }
    }
  }

  private mutating func exposeShell(
    _ cell: Int, _ node: Int, to sink: ThermalNetwork.Sink, area: Double, convection: Double,
    emissivity: Double, wall: Int? = nil
  ) {
    var path = ShellPath(
      first: cell, second: nil, area: area, inner: 0, across: convection, exchange: emissivity,
      factor: 1)
    let value = path.value(shells: shells(of: path), isBurnt: false)
    // In a housing the same shell leads to the gas by convection and to the wall by radiation.
    let index = network.expose(
      node, to: sink, conductance: value.conductance,
      radiation: wall == nil ? value.radiation : 0)
    path.boundary = (index, sink)
    if let wall { path.radiation = network.radiate(node, wall, factor: value.radiation) }
    shellPaths.append(path)
  }

  private mutating func addBusbars(_ pack: PackDescription) {
    guard pack.connections.busbarConductance > 0 else { return }
    let order = pack.wiring.cells
    for (a, b) in zip(order, order.dropFirst()) {
      network.connect(
        a * nodesPerCell + nodesPerCell / 2, b * nodesPerCell + nodesPerCell / 2,
        conductance: pack.connections.busbarConductance)
    }
  }
}
