// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Any series–parallel wiring of cells, solved exactly in one pass up and one down.

/// A series–parallel wiring.
///
/// ```swift
/// // Two strings of three cells in parallel:
/// Wiring.parallel([.series([.cell(0), .cell(1), .cell(2)]),
///                  .series([.cell(3), .cell(4), .cell(5)])])
/// ```
public indirect enum Wiring: Hashable, Sendable {
  /// A cell by its number, from 0.
  case cell(Int)
  /// Elements that carry the same current.
  case series([Wiring])
  /// Elements that share both ends.
  case parallel([Wiring])

  /// The cells in order of appearance.
  public var cells: [Int] {
    switch self {
    case .cell(let index): [index]
    case .series(let parts), .parallel(let parts): parts.flatMap(\.cells)
    }
  }

  /// Cells in series along the path with the fewest: those whose voltages the terminals add up.
  public var seriesCount: Int {
    switch self {
    case .cell: 1
    case .series(let parts): parts.map(\.seriesCount).reduce(0, +)
    case .parallel(let parts): parts.map(\.seriesCount).min() ?? 0
    }
  }

  /// Groups of `parallel` cells, `series` of them in series; the cells of a group are neighbours
  /// in number.
  public static func groupsInSeries(series: Int, parallel: Int) -> Wiring {
    .series(
      (0..<series).map { s in
        parallel == 1
          ? .cell(s) : .parallel((0..<parallel).map { .cell(s * parallel + $0) })
      })
  }

  /// `parallel` strings of `series` cells each; the cells of a string are neighbours in number.
  public static func stringsInParallel(series: Int, parallel: Int) -> Wiring {
    .parallel(
      (0..<parallel).map { p in .series((0..<series).map { .cell(p * series + $0) }) })
  }
}

/// What the terminals of a pack are connected to.
public enum PackLoad: Hashable, Sendable {
  /// Nothing: the contactors are open.
  case open
  /// A current in amperes, discharge positive.
  case current(Double)
  /// A power in watts, discharge positive.
  case power(Double)
  /// A resistance in ohms, for example an external short.
  case resistance(Double)
}

/// A series–parallel network of sources, each a voltage behind a conductance.
///
/// Every subtree is reduced to a voltage behind a resistance, from the leaves to the root; the
/// terminal current is then found and shared out from the root to the leaves. Elements that are
/// open (a blown fuse) have zero conductance. The result is exact; zero resistances of connections
/// need no regularisation, because each cell has one of its own.
public struct ElectricalTree: Sendable {
  enum Kind: UInt8, Sendable { case leaf, series, parallel }

  private var kind: [Kind] = []
  private var cell: [Int32] = []
  private var firstChild: [Int32] = []
  private var nextSibling: [Int32] = []
  /// Resistance in series with the element: welds and busbars, in ohms.
  private var joint: [Double] = []
  private var voltage: [Double] = []
  /// Resistance of the reduced subtree, in ohms; infinite where it is open.
  private var resistance: [Double] = []
  private var current: [Double] = []
  private let root: Int
  /// Number of cells.
  public let cellCount: Int

  /// Compiles a wiring.
  ///
  /// - Parameters:
  ///   - wiring: The wiring; each cell from 0 to the highest number appears once.
  ///   - jointResistance: Resistance in series with every cell (two welds and its share of the
  ///     busbar), in ohms.
  ///   - groupResistance: Resistance in series with every composed element, in ohms.
  public init(_ wiring: Wiring, jointResistance: Double, groupResistance: Double) {
    cellCount = wiring.cells.count
    var nodes: [(kind: Kind, cell: Int32, joint: Double, children: [Int])] = []
    // Children come before their parents, so that one loop reduces the tree.
    func add(_ part: Wiring) -> Int {
      switch part {
      case .cell(let index):
        nodes.append((.leaf, Int32(index), jointResistance, []))
      case .series(let parts):
        let children = parts.map { add($0) }
        nodes.append((.series, -1, groupResistance, children))
      case .parallel(let parts):
        let children = parts.map { add($0) }
        nodes.append((.parallel, -1, groupResistance, children))
      }
      return nodes.count - 1
    }
    root = add(wiring)
    firstChild = Array(repeating: -1, count: nodes.count)
    nextSibling = Array(repeating: -1, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      kind.append(node.kind)
      cell.append(node.cell)
      joint.append(node.joint)
      for (position, child) in node.children.enumerated() {
        if position == 0 { firstChild[index] = Int32(child) }
        if position + 1 < node.children.count {
          nextSibling[child] = Int32(node.children[position + 1])
        }
      }
    }
    voltage = Array(repeating: 0, count: nodes.count)
    resistance = Array(repeating: 0, count: nodes.count)
    current = Array(repeating: 0, count: nodes.count)
  }

  /// Sets the joint resistance of one cell, in ohms: a loose connection.
  public mutating func setJoint(ofCell index: Int, resistance: Double) {
    for node in cell.indices where cell[node] == Int32(index) { joint[node] = resistance }
  }

  /// The joint resistance of one cell, in ohms.
  public func joint(ofCell index: Int) -> Double {
    cell.firstIndex(of: Int32(index)).map { joint[$0] } ?? 0
  }

  /// What the terminals show.
  public struct Terminal: Hashable, Sendable {
    /// Current in amperes, discharge positive.
    public var current: Double
    /// Voltage in volts.
    public var voltage: Double
    /// Whether the load could be met; a power above what the pack can give is cut to its most.
    public var loadMet: Bool
  }

  /// Solves the network.
  ///
  /// - Parameters:
  ///   - load: At the terminals.
  ///   - sourceVoltage: Of every cell behind its resistance, in volts, `[cellCount]`.
  ///   - sourceResistance: Of every cell, in ohms, `[cellCount]`; infinite where it is open.
  ///   - cellCurrent: Filled with the current of every cell, discharge positive, `[cellCount]`.
  /// - Returns: Current and voltage of the terminals.
  /// - Complexity: O(number of elements).
  public mutating func solve(
    load: PackLoad, sourceVoltage: [Double], sourceResistance: [Double],
    cellCurrent: inout [Double]
  ) -> Terminal {
    precondition(
      sourceVoltage.count == cellCount && sourceResistance.count == cellCount
        && cellCurrent.count == cellCount, "one source a cell")
    for node in kind.indices {
      reduce(node, sourceVoltage, sourceResistance)
    }
    let terminal = terminal(load)
    current[root] = terminal.current
    for node in kind.indices.reversed() { share(node) }
    for node in kind.indices where kind[node] == .leaf {
      cellCurrent[Int(cell[node])] = current[node]
    }
    return terminal
  }

  private mutating func reduce(_ node: Int, _ sources: [Double], _ resistances: [Double]) {
    switch kind[node] {
    case .leaf:
      let index = Int(cell[node])
      voltage[node] = sources[index]
      resistance[node] = resistances[index] + joint[node]
    case .series:
      var v = 0.0
      var r = joint[node]
      var child = firstChild[node]
      while child >= 0 {
        v += voltage[Int(child)]
        r += resistance[Int(child)]
        child = nextSibling[Int(child)]
      }
      voltage[node] = v
      resistance[node] = r
    case .parallel:
      var conductance = 0.0
      var weighted = 0.0
      var child = firstChild[node]
      while child >= 0 {
        let g = 1 / resistance[Int(child)]
        conductance += g
        weighted += g * voltage[Int(child)]
        child = nextSibling[Int(child)]
      }
      voltage[node] = conductance > 0 ? weighted / conductance : 0
      resistance[node] = (conductance > 0 ? 1 / conductance : .infinity) + joint[node]
    }
  }

  private func terminal(_ load: PackLoad) -> Terminal {
    let v = voltage[root]
    let r = resistance[root]
    guard r.isFinite else { return Terminal(current: 0, voltage: 0, loadMet: load == .open) }
    switch load {
    case .open: return Terminal(current: 0, voltage: v, loadMet: true)
    case .current(let i): return Terminal(current: i, voltage: v - i * r, loadMet: true)
    case .resistance(let external):
      let i = v / (r + external)
      return Terminal(current: i, voltage: i * external, loadMet: true)
    case .power(let p):
      // v·i − r·i² = p: the smaller root, or the most the pack can give.
      let discriminant = v * v - 4 * r * p
      let root = max(0, discriminant).squareRoot()
      let i = 2 * p / (v + root)
      return discriminant < 0
        ? Terminal(current: v / (2 * r), voltage: v / 2, loadMet: false)
        : Terminal(current: i, voltage: v - i * r, loadMet: true)
    }
  }

  private mutating func share(_ node: Int) {
    switch kind[node] {
    case .leaf: break
    case .series:
      var child = firstChild[node]
      while child >= 0 {
        current[Int(child)] = current[node]
        child = nextSibling[Int(child)]
      }
    case .parallel:
      // Voltage across the branches, behind the element's own joint.
      let inner = resistance[node] - joint[node]
      let across = voltage[node] - (inner.isFinite ? current[node] * inner : 0)
      var child = firstChild[node]
      while child >= 0 {
        let r = resistance[Int(child)]
        current[Int(child)] = r.isFinite ? (voltage[Int(child)] - across) / r : 0
        child = nextSibling[Int(child)]
      }
    }
  }
}
