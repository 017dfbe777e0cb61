// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat in a pack: nodes that store, links that conduct and radiate, a ledger of what left.

public import NumericalMethods
import Quantities

/// A network of heat-storing nodes.
///
/// The state is the enthalpy of every node against ``reference``, in joules, so that melting needs
/// no special step and heat is conserved to rounding; behind the nodes stand ledger entries that sum
/// the heat given to the ambient, to the coolant and to the gas of each compartment.
///
/// Layout of the state: `[nodeCount]` enthalpies, then ambient, coolant and compartments.
public struct ThermalNetwork: DiffusionSystem {
  /// Temperature of zero enthalpy, in kelvin.
  public static let reference = PhysicalConstants.celsiusZero

  /// Where a boundary leads.
  public struct Sink: RawRepresentable, Hashable, Sendable {
    /// Place among the sinks and ledgers.
    public var rawValue: Int
    /// Creates a sink by its place.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Air around the pack.
    public static let ambient = Sink(rawValue: 0)
    /// The coolant of a plate or bath.
    public static let coolant = Sink(rawValue: 1)
    /// Gas in a compartment of the housing, from 0.
    public static func compartment(_ index: Int) -> Sink { Sink(rawValue: 2 + index) }
  }

  /// Number of nodes.
  public private(set) var nodeCount = 0
  /// Temperature of each sink, in kelvin, by ``Sink/rawValue``.
  public var sinkTemperature: [Double]
  /// Part of its conductance that each sink has, 0 to 1: a failed coolant loop has none.
  public var sinkStrength = [1.0, 1.0]
  /// Heat capacity of the gas in each compartment over the step, in W/K.
  var gasInertia: [Double] = []
  var reached: [Double] = []
  var gasTotal: [Double] = []
  var gasWeighted: [Double] = []
  /// Heat given to each node from outside the network, in watts, `[nodeCount]`.
  public var source: [Double] = []

  /// Heat capacity in J/K, `[nodeCount]`.
  public private(set) var capacity: [Double] = []
  var inverse: [Double] = []
  var melting: [(node: Int32, material: Melting)] = []

  var links: [Link] = []
  /// Links that radiate; their conductance is Stefan–Boltzmann's constant times an area.
  var radiating: [Link] = []
  var boundaries: [Boundary] = []
  /// Boundaries to the gas of compartments.
  var gasBoundaries: [Boundary] = []
  var meltingLinks: [MeltingLink] = []
  /// Sum of conductances at a node, in W/K, `[nodeCount]`.
  var total: [Double] = []
  var radiativeTotal: [Double] = []
  /// Bound of the largest eigenvalue, in 1/s, and calls for which it is still good.
  var radius = 0.0
  var radiusAge = 0
  static let radiusMargin = 1.15

  /// Temperatures of the last evaluation, in kelvin, `[nodeCount]`.
  public private(set) var temperature: [Double] = []

  struct Link {
    var first: Int32
    var second: Int32
    var conductance: Double
  }

  struct Boundary {
    var node: Int32
    var conductance: Double
    var radiation: Double
    var sink: Sink
  }

  struct MeltingLink {
    var first: Int32
    var second: Int32
    /// Index into `melting`.
    var material: Int32
    var solid: Double
    var liquid: Double
  }

  /// Creates an empty network.
  ///
  /// - Parameters:
  ///   - ambient: Temperature of the air, in kelvin.
  ///   - coolant: Temperature of the coolant, in kelvin.
  public init(ambient: Double, coolant: Double) {
    sinkTemperature = [ambient, coolant]
  }

  /// Length of the state: the nodes and a ledger entry for each sink.
  public var unknownCount: Int { nodeCount + sinkTemperature.count }

  /// Number of links that conduct, melting ones included.
  public var linkCount: Int { links.count + meltingLinks.count }

  // MARK: Building

  /// Adds the gas of a compartment as a sink.
  public mutating func addCompartment(temperature: Double) -> Sink {
    sinkTemperature.append(temperature)
    sinkStrength.append(1)
    gasInertia.append(0)
    gasTotal.append(0)
    gasWeighted.append(0)
    return Sink(rawValue: sinkTemperature.count - 1)
  }

  /// Says what gas the next step starts from.
  ///
  /// Gas stores so little heat that it follows the surfaces within a step. At each evaluation it has the
  /// temperature that an implicit step to the surfaces as they are would give it; what it receives is
  /// then its capacity times the mean rise of that temperature: conserved, stable whatever the
  /// step, and never beyond the surfaces.
  ///
  /// - Parameters:
  ///   - index: The compartment.
  ///   - temperature: In kelvin.
  ///   - capacity: In J/K.
  ///   - step: In seconds.
  mutating func setGas(_ index: Int, temperature: Double, capacity: Double, step: Double) {
    sinkTemperature[Sink.compartment(index).rawValue] = temperature
    gasInertia[index] = capacity / max(step, 1e-9)
  }

  /// Adds a node.
  ///
  /// - Parameters:
  ///   - capacity: Heat capacity in J/K; positive.
  ///   - material: What melts in it, if anything does.
  /// - Returns: Index of the node.
  public mutating func addNode(capacity: Double, melting material: Melting? = nil) -> Int {
    precondition(capacity > 0 && capacity.isFinite, "a node stores heat")
    self.capacity.append(capacity)
    inverse.append(1 / capacity)
    source.append(0)
    temperature.append(Self.reference)
    total.append(0)
    radiativeTotal.append(0)
    if let material { melting.append((Int32(nodeCount), material)) }
    nodeCount += 1
    return nodeCount - 1
  }

  /// Lets heat flow between two nodes, in W/K.
  ///
  /// - Returns: Place of the link, for ``setLink(_:conductance:)``; nil where nothing flows.
  @discardableResult
  public mutating func connect(_ a: Int, _ b: Int, conductance g: Double) -> Int? {
    precondition(g >= 0 && g.isFinite && a != b, "a link conducts between two nodes")
    guard g > 0 else { return nil }
    links.append(Link(first: Int32(a), second: Int32(b), conductance: g))
    total[a] += g
    total[b] += g
    radiusAge = 0
    return links.count - 1
  }

  /// Lets heat flow through a node that melts: the conductance follows its melted fraction.
  ///
  /// - Parameters:
  ///   - a: A node that was added with a melting material.
  ///   - b: The other node.
  ///   - solid: Conductance before melting, in W/K.
  ///   - liquid: Conductance after melting, in W/K.
  /// - Returns: Place of the link, for ``setMelting(_:solid:liquid:)``.
  @discardableResult
  public mutating func connectMelting(_ a: Int, _ b: Int, solid: Double, liquid: Double) -> Int {
    let found = melting.firstIndex { $0.node == Int32(a) }
    precondition(found != nil, "a melting link starts at a node that melts")
    let material = found ?? 0
    meltingLinks.append(
      MeltingLink(
        first: Int32(a), second: Int32(b), material: Int32(material), solid: solid,
        liquid: liquid))
    total[a] += max(solid, liquid)
    total[b] += max(solid, liquid)
    radiusAge = 0
    return meltingLinks.count - 1
  }

  /// Lets two nodes radiate at each other; the factor is area times effective emissivity, in m².
  ///
  /// - Returns: Place of the link, for ``setRadiation(_:factor:)``; nil where nothing radiates.
  @discardableResult
  public mutating func radiate(_ a: Int, _ b: Int, factor: Double) -> Int? {
    guard factor > 0 else { return nil }
    let coefficient = factor * PhysicalConstants.stefanBoltzmann
    radiating.append(Link(first: Int32(a), second: Int32(b), conductance: coefficient))
    radiativeTotal[a] += coefficient
    radiativeTotal[b] += coefficient
    radiusAge = 0
    return radiating.count - 1
  }

  /// Lets a node lose heat to a sink.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - sink: Where the heat goes.
  ///   - conductance: Convection or contact, in W/K.
  ///   - radiation: Area times emissivity, in m².
  /// - Returns: Place of the boundary, for ``setBoundary(_:of:conductance:radiation:)``.
  @discardableResult
  public mutating func expose(
    _ node: Int, to sink: Sink, conductance: Double, radiation: Double = 0
  ) -> Int {
    let coefficient = radiation * PhysicalConstants.stefanBoltzmann
    let boundary = Boundary(
      node: Int32(node), conductance: conductance, radiation: coefficient, sink: sink)
    if sink.rawValue < 2 { boundaries.append(boundary) } else { gasBoundaries.append(boundary) }
    total[node] += conductance
    radiativeTotal[node] += coefficient
    radiusAge = 0
    return (sink.rawValue < 2 ? boundaries.count : gasBoundaries.count) - 1
  }

  // MARK: State

  /// Enthalpies of a uniform temperature, with empty ledgers.
  public func uniformState(temperature: Double) -> [Double] {
    var state = capacity.map { $0 * (temperature - Self.reference) }
    for (node, material) in melting {
      state[Int(node)] = material.enthalpy(at: temperature, capacity: capacity[Int(node)])
    }
    return state + Array(repeating: 0, count: sinkTemperature.count)
  }

  /// Temperatures of a state, into ``temperature``.
  public mutating func updateTemperatures(_ state: UnsafePointer<Double>) {
    let count = nodeCount
    inverse.withUnsafeBufferPointer { inverse in
      temperature.withUnsafeMutableBufferPointer { t in
        for i in 0..<count { t[i] = Self.reference + state[i] * inverse[i] }
      }
    }
    for (node, material) in melting {
      let i = Int(node)
      temperature[i] = material.temperature(enthalpy: state[i], capacity: capacity[i])
    }
  }

  /// Gives the temperatures of a state, in kelvin, `[nodeCount]`.
  public mutating func withTemperatures<Result>(
    of state: [Double], _ body: ([Double]) throws -> Result
  ) rethrows -> Result {
    state.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { updateTemperatures(base) }
    }
    return try body(temperature)
  }

  /// Takes mass out of a node: its capacity falls and its temperature stays.
  ///
  /// - Parameters:
  ///   - node: The node; it must not melt.
  ///   - share: Part of the capacity that leaves, 0 to 1.
  ///   - state: The enthalpies.
  /// - Returns: The enthalpy that left, in joules.
  public mutating func eject(
    _ node: Int, share: Double, state: UnsafeMutablePointer<Double>
  ) -> Double {
    let kept = max(0.01, 1 - share)
    let left = state[node] * (1 - kept)
    capacity[node] *= kept
    inverse[node] = 1 / capacity[node]
    state[node] -= left
    let t = temperature[node]
    let rate = (total[node] + 4 * radiativeTotal[node] * t * t * t) * inverse[node]
    radius = max(radius, 2 * Self.radiusMargin * rate)
    return left
  }

  /// Adds mass to a node, without heat: its capacity grows.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - more: In J/K.
  public mutating func load(_ node: Int, capacity more: Double) {
    capacity[node] += more
    inverse[node] = 1 / capacity[node]
  }

  /// Melted fraction of the material in a node, 0 to 1; nil where nothing melts.
  public func meltedFraction(_ node: Int, enthalpy: Double) -> Double? {
    guard let entry = melting.first(where: { $0.node == Int32(node) }) else { return nil }
    return entry.material.fraction(enthalpy: enthalpy, capacity: capacity[node])
  }
}
