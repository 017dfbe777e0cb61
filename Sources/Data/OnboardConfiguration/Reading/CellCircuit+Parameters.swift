// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The tables of the core from the parameters of an identified circuit.

public import BMSCore
public import CellModels
import Foundation

/// Why parameters do not fit the tables of the core.
public enum ConversionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// More nodes of the state of charge than the core holds.
  case tooManyNodes(found: Int, most: Int)
  /// More temperatures than the core holds.
  case tooManyTemperatures(found: Int, most: Int)
  /// The maps of one circuit stand on different nodes or temperatures.
  case differentGrids(map: String)
  /// The tables break a rule of `CellCircuit.isValid`.
  case notValid

  /// What, which limit, and what to do.
  public var description: String {
    switch self {
    case .tooManyNodes(let found, let most):
      "the resistances have \(found) nodes of the state of charge, the core holds \(most): "
        + "identify with fewer nodes"
    case .tooManyTemperatures(let found, let most):
      "the resistances have \(found) temperatures, the core holds \(most): leave out some groups"
    case .differentGrids(let map):
      "\(map) stands on other nodes or temperatures than the series resistance: identify all "
        + "elements together"
    case .notValid:
      "the circuit has a value that is not finite, a curve that falls, or a time constant that is "
        + "not positive: check the parameter file"
    }
  }
}

extension CellCircuit where Real == Double {
  /// Tables of the core from a circuit.
  ///
  /// - Parameter parameters: Of `anodyne identify ecm` or written by hand.
  /// - Throws: ``ConversionError``.
  public init(_ parameters: CircuitParameters) throws(ConversionError) {
    let base = parameters.seriesResistance
    guard base.nodes.count <= 16 else {
      throw .tooManyNodes(found: base.nodes.count, most: 16)
    }
    guard base.temperatures.count <= 6 else {
      throw .tooManyTemperatures(found: base.temperatures.count, most: 6)
    }
    self.init(
      capacity: parameters.capacity, lowerVoltage: parameters.lowerCutOff,
      upperVoltage: parameters.upperCutOff, resistance: 0)
    referenceTemperature = parameters.openCircuit.referenceTemperature
    for k in 0...100 {
      let z = Double(k) / 100
      openCircuit[k] = parameters.openCircuit.curve.value(at: z)
      entropy[k] = parameters.openCircuit.entropy(at: z)
      hysteresis[k] = parameters.hysteresisAmplitude
    }
    hysteresisRate = parameters.hysteresisRate
    activationEnergy = base.activationEnergy
    nodeCount = UInt8(base.nodes.count)
    for (k, node) in base.nodes.enumerated() { nodes[k] = node }
    temperatureCount = UInt8(base.temperatures.count)
    for (k, value) in base.temperatures.enumerated() { temperatures[k] = value }
    series = Self.table(base)
    pairCount = UInt8(parameters.pairs.count)
    for (k, pair) in parameters.pairs.enumerated() {
      let map = pair.resistance
      guard map.nodes == base.nodes, map.temperatures == base.temperatures else {
        throw .differentGrids(map: "pair \(k + 1)")
      }
      pairs[k] = Self.table(map)
      for (t, value) in pair.timeConstants.enumerated() { timeConstants[k][t] = value }
    }
    guard isValid else { throw .notValid }
  }

  private static func table(_ map: CircuitMap) -> ResistanceTable<Double> {
    var table = ResistanceTable<Double>(repeating: 0)
    for row in map.temperatures.indices {
      for node in map.nodes.indices {
        table.discharge[row * 16 + node] = map.discharge[row * map.nodes.count + node]
        table.charge[row * 16 + node] = map.charge[row * map.nodes.count + node]
      }
    }
    return table
  }
}

extension CircuitParameters {
  /// The same circuit on nodes that fit the tables of the core; unchanged where they fit already.
  ///
  /// Published sets are reduced on 26 nodes and 7 temperatures; here 16 even nodes and 6 temperatures
  /// are read off them.
  func fitted() -> CircuitParameters {
    let base = seriesResistance
    guard base.nodes.count > 16 || base.temperatures.count > 6 else { return self }
    let nodes = (0...15).map { place in
      let share = Double(place) / 15
      return (base.nodes.first ?? 0) * (1 - share) + (base.nodes.last ?? 1) * share
    }
    var temperatures = base.temperatures
    // The densest go first: those whose neighbours are nearest.
    while temperatures.count > 6 {
      let inner = 1..<(temperatures.count - 1)
      let nearest = inner.min {
        temperatures[$0 + 1] - temperatures[$0 - 1] < temperatures[$1 + 1] - temperatures[$1 - 1]
      }
      temperatures.remove(at: nearest ?? 1)
    }
    func map(_ map: CircuitMap) -> CircuitMap {
      func table(_ share: Double) -> [Double] {
        temperatures.flatMap { t in
          nodes.map { map.value(stateOfCharge: $0, temperature: t, dischargeShare: share) }
        }
      }
      return CircuitMap(
        temperatures: temperatures, nodes: nodes, discharge: table(1), charge: table(0),
        activationEnergy: map.activationEnergy)
    }
    var copy = self
    copy.seriesResistance = map(base)
    copy.pairs = pairs.map { pair in
      CircuitPair(
        resistance: map(pair.resistance),
        timeConstants: temperatures.map { pair.timeConstant(temperature: $0) })
    }
    return copy
  }
}
