// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which cell can ignite which, by which path, how fast, and what stops it.

public import BatteryDomain

/// The fault-propagation graph of a pack.
public struct PropagationGraph: Sendable {
  /// How one cell reaches another.
  public enum Path: String, CaseIterable, Hashable, Sendable, Codable {
    /// Conduction and radiation between their surfaces.
    case surface
    /// Heat along a busbar.
    case busbar
    /// The jet of ejected mass.
    case jet
    /// Current of parallel siblings into the failed cell.
    case current

    /// The control node that the path belongs to.
    public var node: ControlNode {
      switch self {
      case .surface, .busbar: .thermalCoupling
      case .jet: .gasPressure
      case .current: .faultIsolation
      }
    }

    /// The measure that takes the path away.
    public var measure: String {
      switch self {
      case .surface: "insulation between the cells"
      case .busbar: "a busbar that conducts less heat"
      case .jet: "a vent channel that leads the jet away"
      case .current: "a fuse in series with each cell"
      }
    }
  }

  /// One cell igniting another.
  public struct Edge: Hashable, Sendable {
    /// The cell that fails first, from 0.
    public var source: Int
    /// The cell it ignites, from 0.
    public var target: Int
    /// Time between their runaways, in seconds.
    public var delay: Double
    /// Ways on which the pair is joined, by the layout.
    public var paths: [Path]
  }

  /// What the propagation from the worst cell becomes without one path: which path carries it.
  public struct Measure: Hashable, Sendable {
    /// The path it takes away.
    public var path: Path
    /// Cells that still run away.
    public var cells: Int
    /// Whether a second cell still runs away.
    public var stops: Bool
  }

  /// The pack.
  public var pack: PackDescription
  /// Direct ignitions, by source and time.
  public var edges: [Edge]
  /// Cells lost when each cell is the first, itself included.
  public var reach: [Int]
  /// The cell whose failure takes most others with it, from 0.
  public var worstCell: Int
  /// What the failure of that cell becomes without each path.
  public var measures: [Measure]

  /// Real measures, tried on the failure of that cell by running the pack with them, in order of cost.
  public var remedies: [PackRemedy]

  /// The cheapest of them that confines the failure of the worst cell, if there is one.
  public var cheapestStop: PackRemedy? {
    remedies.filter(\.stops).min { $0.cost < $1.cost }
  }

  /// Runs every cell as the first to fail.
  ///
  /// - Parameters:
  ///   - pack: The pack; its trigger is replaced by a nail in each cell in turn.
  ///   - progress: Called with the part done, 0 to 1.
  /// - Complexity: One run a cell and one a measure.
  public init(_ pack: PackDescription, progress: (Double) -> Void = { _ in }) {
    self.pack = pack
    var edges: [Edge] = []
    var reach: [Int] = []
    let joined = Self.paths(pack)
    for cell in 0..<pack.cellCount {
      let result = Self.fail(cell, of: pack)
      let order = result.sequence
      reach.append(order.count)
      var times = [Double](repeating: .infinity, count: pack.cellCount)
      for entry in order { times[entry.cell] = entry.time }
      for entry in order where entry.cell != cell {
        // The direct cause: joined cells that had failed before; the origin is preferred.
        guard let paths = joined[Pair(cell, entry.cell)], times[cell] < entry.time else { continue }
        let nearer = order.contains { other in
          other.cell != cell && other.cell != entry.cell && other.time < entry.time
            && joined[Pair(other.cell, entry.cell)] != nil
            && !(joined[Pair(cell, entry.cell)]?.contains(.surface) ?? false)
        }
        if nearer { continue }
        edges.append(
          Edge(source: cell, target: entry.cell, delay: entry.time - times[cell], paths: paths))
      }
      progress(Double(cell + 1) / Double(pack.cellCount + Path.allCases.count))
    }
    self.edges = edges.sorted {
      ($0.source, $0.delay, $0.target) < ($1.source, $1.delay, $1.target)
    }
    self.reach = reach
    let worst = reach.indices.max { (reach[$0], -$0) < (reach[$1], -$1) } ?? 0
    worstCell = worst
    measures = Path.allCases.enumerated().map { index, path in
      let result = Self.fail(worst, of: Self.without(path, pack))
      progress(
        Double(pack.cellCount + index + 1) / Double(pack.cellCount + Path.allCases.count))
      let cells = result.sequence.count
      return Measure(path: path, cells: cells, stops: cells <= 1)
    }
    var first = pack
    first.trigger = Trigger()
    first.trigger.kind = .nail
    first.trigger.cell = worst
    remedies = PackRemedy.search(first, after: Self.fail(worst, of: pack))
  }

  struct Pair: Hashable {
    let low: Int
    let high: Int
    init(_ a: Int, _ b: Int) { (low, high) = (min(a, b), max(a, b)) }
  }

  static func fail(_ cell: Int, of pack: PackDescription) -> PackResult {
    var copy = pack
    copy.trigger = Trigger()
    copy.trigger.kind = .nail
    copy.trigger.cell = cell
    copy.interval = max(pack.interval, pack.duration / 20)
    var simulation = PackSimulation(copy)
    return simulation.run()
  }

  /// The pack with one path taken away altogether.
  static func without(_ path: Path, _ pack: PackDescription) -> PackDescription {
    var copy = pack
    switch path {
    case .surface:
      copy.arrangement.neighbours = []
    case .busbar: copy.connections.busbarConductance = 0
    case .jet: copy.venting.jetShare = 0
    case .current:
      // A fuse that opens at once under the current of siblings.
      copy.fuse = CellFuse(
        ratedCurrent: 3 * pack.cell.capacity / 3_600, meltingIntegral: pack.cell.capacity / 360)
    }
    return copy
  }

  /// Ways on which pairs of cells are joined.
  static func paths(_ pack: PackDescription) -> [Pair: [Path]] {
    var joined: [Pair: Set<Path>] = [:]
    for pair in pack.arrangement.neighbours {
      joined[Pair(pair.first, pair.second), default: []].insert(.surface)
      if pack.venting.jetShare > 0 {
        joined[Pair(pair.first, pair.second), default: []].insert(.jet)
      }
    }
    if pack.connections.busbarConductance > 0 {
      let order = pack.wiring.cells
      for (a, b) in zip(order, order.dropFirst()) {
        joined[Pair(a, b), default: []].insert(.busbar)
      }
    }
    addSiblings(pack.wiring, &joined)
    return joined.mapValues { set in Path.allCases.filter(set.contains) }
  }

  private static func addSiblings(_ wiring: Wiring, _ joined: inout [Pair: Set<Path>]) {
    switch wiring {
    case .cell: break
    case .series(let parts): for part in parts { addSiblings(part, &joined) }
    case .parallel(let parts):
      let leaves = parts.compactMap { part in
        if case .cell(let cell) = part { cell } else { nil }
      }
      for (i, a) in leaves.enumerated() {
        for b in leaves[(i + 1)...] { joined[Pair(a, b), default: []].insert(.current) }
      }
      for part in parts { addSiblings(part, &joined) }
    }
  }
}
