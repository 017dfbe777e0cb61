// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A resistance over state of charge, temperature and direction of the current.

import Foundation
import Quantities

/// A resistance over state of charge, temperature and direction of the current.
///
/// Linear in the state of charge between its nodes and constant beyond them. Between temperatures
/// the logarithm is linear in `1/T` (Arrhenius' law from table to table); beyond them it goes on
/// with ``activationEnergy``.
public struct CircuitMap: Hashable, Sendable {
  /// Temperatures of the tables, ascending, in kelvin; at least one.
  public let temperatures: [Double]
  /// Nodes of the state of charge, ascending; at least one.
  public let nodes: [Double]
  /// Ohms on discharge, `[temperatures × nodes]`, row-major; positive.
  public let discharge: [Double]
  /// Ohms on charge, of the same shape.
  public let charge: [Double]
  /// Activation energy in force beyond the temperatures, in J/mol.
  public let activationEnergy: Double

  /// Smallest resistance a map holds, in ohms: zero has no logarithm.
  public static let smallestResistance = 1e-9

  /// Creates a map; values below ``smallestResistance`` are raised to it.
  ///
  /// - Parameters:
  ///   - temperatures: Ascending, in kelvin.
  ///   - nodes: Ascending states of charge.
  ///   - discharge: Ohms, `[temperatures × nodes]`.
  ///   - charge: Ohms on charge; those of discharge when nil.
  ///   - activationEnergy: In J/mol, for temperatures beyond the tables.
  public init(
    temperatures: [Double], nodes: [Double], discharge: [Double], charge: [Double]? = nil,
    activationEnergy: Double = 0
  ) {
    let count = temperatures.count * nodes.count
    precondition(count > 0, "a map needs a temperature and a node")
    precondition(
      discharge.count == count && (charge ?? discharge).count == count,
      "a map needs a value for every temperature and node")
    self.temperatures = temperatures
    self.nodes = nodes
    self.discharge = discharge.map { max(Self.smallestResistance, $0) }
    self.charge = charge?.map { max(Self.smallestResistance, $0) } ?? self.discharge
    self.activationEnergy = activationEnergy
  }

  /// A resistance that depends on nothing but temperature.
  public init(constant ohms: Double, activationEnergy: Double = 0, temperature: Double = 298.15) {
    self.init(
      temperatures: [temperature], nodes: [0.5], discharge: [ohms],
      activationEnergy: activationEnergy)
  }

  /// Whether charge and discharge differ.
  public var isAsymmetric: Bool { charge != discharge }

  /// The resistance in ohms.
  ///
  /// - Parameters:
  ///   - stateOfCharge: As a fraction.
  ///   - temperature: In kelvin; held between 200 K and 400 K.
  ///   - dischargeShare: 1 on discharge, 0 on charge, in between where the current reverses.
  /// - Returns: The resistance.
  /// - Complexity: O(log nodes + temperatures).
  public func value(stateOfCharge: Double, temperature: Double, dischargeShare: Double) -> Double {
    let place = Self.place(stateOfCharge, in: nodes)
    let at = TemperaturePlace(temperature, in: temperatures)
    let lower = row(at.index, place, dischargeShare)
    if at.weight != 0 {
      let upper = row(at.index + 1, place, dischargeShare)
      return lower * pow(upper / lower, at.weight)
    }
    guard at.beyond != 0, activationEnergy != 0 else { return lower }
    return lower * exp(activationEnergy / PhysicalConstants.gas * at.beyond)
  }

  /// The map at one temperature, for repeated use there.
  public func slice(at temperature: Double) -> CircuitMap {
    func table(_ share: Double) -> [Double] {
      nodes.map { value(stateOfCharge: $0, temperature: temperature, dischargeShare: share) }
    }
    return CircuitMap(
      temperatures: [temperature], nodes: nodes, discharge: table(1),
      charge: isAsymmetric ? table(0) : nil, activationEnergy: activationEnergy)
  }

  @inline(__always)
  private func row(_ index: Int, _ place: (index: Int, weight: Double), _ share: Double) -> Double {
    let start = index * nodes.count + place.index
    var value = discharge[start]
    if share < 1 { value += (1 - share) * (charge[start] - value) }
    guard place.weight > 0 else { return value }
    var next = discharge[start + 1]
    if share < 1 { next += (1 - share) * (charge[start + 1] - next) }
    return value + place.weight * (next - value)
  }

  /// Interval and weight of a position between ascending nodes; clamped at the ends.
  @inline(__always)
  static func place(_ position: Double, in nodes: [Double]) -> (index: Int, weight: Double) {
    let last = nodes.count - 1
    guard position > nodes[0] else { return (0, 0) }
    guard position < nodes[last] else { return (last, 0) }
    var low = 0
    var high = last
    while high - low > 1 {
      let middle = (low + high) / 2
      if nodes[middle] <= position { low = middle } else { high = middle }
    }
    return (low, (position - nodes[low]) / (nodes[low + 1] - nodes[low]))
  }
}

/// Where a temperature lies among ascending ones, on the scale of `1/T`.
struct TemperaturePlace {
  /// Table below or at the temperature.
  var index: Int
  /// Share of the next table.
  var weight: Double
  /// `1/T − 1/T_end` beyond the ends, else 0.
  var beyond: Double

  @inline(__always)
  init(_ temperature: Double, in tables: [Double]) {
    let bounded = max(200, min(400, temperature))
    let last = tables.count - 1
    if bounded <= tables[0] || last == 0 {
      (index, weight, beyond) = (0, 0, 1 / bounded - 1 / tables[0])
    } else if bounded >= tables[last] {
      (index, weight, beyond) = (last, 0, 1 / bounded - 1 / tables[last])
    } else {
      index = 0
      while tables[index + 1] <= bounded { index += 1 }
      let low = 1 / tables[index]
      weight = (low - 1 / bounded) / (low - 1 / tables[index + 1])
      beyond = 0
    }
  }
}
