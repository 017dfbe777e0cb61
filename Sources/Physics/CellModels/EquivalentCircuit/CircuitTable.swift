// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// All resistances of a circuit side by side, for fast evaluation.

import Foundation
import Quantities

/// All resistances and time constants of a circuit on common nodes, four side by side: the series
/// resistance and three pairs.
///
/// The common nodes and temperatures are those of all maps together, at which each map is evaluated
/// by itself; so every map keeps its values at all of its nodes and is linear between them.
struct CircuitTable: Sendable {
  /// States of charge, ascending.
  let nodes: [Double]
  /// In kelvin, ascending.
  let temperatures: [Double]
  /// Ohms, `[temperatures × nodes]`; zero for pairs that do not exist.
  private let discharge: [SIMD4<Double>]
  private let charge: [SIMD4<Double>]
  private let isAsymmetric: Bool
  /// Activation energies over the gas constant, for temperatures beyond the table.
  private let energies: SIMD4<Double>
  /// Seconds; one for the series resistance and pairs that do not exist.
  private let timeConstants: [SIMD4<Double>]

  /// The table of a circuit.
  init(_ circuit: CircuitParameters) {
    let maps = [circuit.seriesResistance] + circuit.pairs.map(\.resistance)
    self.init(
      circuit, nodes: Set(maps.flatMap(\.nodes)).sorted(),
      temperatures: Set(maps.flatMap(\.temperatures)).sorted())
  }

  /// The table of a circuit at one temperature.
  init(_ circuit: CircuitParameters, at temperature: Double) {
    let maps = [circuit.seriesResistance] + circuit.pairs.map(\.resistance)
    self.init(circuit, nodes: Set(maps.flatMap(\.nodes)).sorted(), temperatures: [temperature])
  }

  private init(_ circuit: CircuitParameters, nodes: [Double], temperatures: [Double]) {
    let maps = [circuit.seriesResistance] + circuit.pairs.map(\.resistance)
    self.nodes = nodes
    self.temperatures = temperatures
    isAsymmetric = maps.contains(where: \.isAsymmetric)
    var energies = SIMD4<Double>.zero
    for (k, map) in maps.enumerated() {
      energies[k] = map.activationEnergy / PhysicalConstants.gas
    }
    self.energies = energies
    func table(_ share: Double) -> [SIMD4<Double>] {
      temperatures.flatMap { temperature in
        nodes.map { node in
          var values = SIMD4<Double>.zero
          for (k, map) in maps.enumerated() {
            values[k] = map.value(
              stateOfCharge: node, temperature: temperature, dischargeShare: share)
          }
          return values
        }
      }
    }
    discharge = table(1)
    charge = isAsymmetric ? table(0) : []
    timeConstants = temperatures.map { temperature in
      var values = SIMD4<Double>(repeating: 1)
      for (k, pair) in circuit.pairs.enumerated() {
        values[1 + k] = pair.timeConstant(temperature: temperature)
      }
      return values
    }
  }

  /// Ohms of the series resistance and the pairs.
  ///
  /// - Complexity: O(log nodes).
  @inline(__always)
  func resistances(
    stateOfCharge: Double, temperature: Double, dischargeShare: Double
  ) -> SIMD4<Double> {
    let place = CircuitMap.place(stateOfCharge, in: nodes)
    // One table stands for the temperature it was made at.
    guard temperatures.count > 1 else { return row(0, place, dischargeShare) }
    let at = TemperaturePlace(temperature, in: temperatures)
    let lower = row(at.index, place, dischargeShare)
    var result = lower
    if at.weight != 0 {
      let upper = row(at.index + 1, place, dischargeShare)
      for k in 0..<4 where lower[k] > 0 { result[k] *= pow(upper[k] / lower[k], at.weight) }
    } else if at.beyond != 0 {
      for k in 0..<4 where energies[k] != 0 { result[k] *= exp(energies[k] * at.beyond) }
    }
    return result
  }

  /// Time constants of the pairs in places 1 to 3, in seconds.
  @inline(__always)
  func constants(temperature: Double) -> SIMD4<Double> {
    guard temperatures.count > 1 else { return timeConstants[0] }
    let at = TemperaturePlace(temperature, in: temperatures)
    var result = timeConstants[at.index]
    guard at.weight > 0 else { return result }
    let upper = timeConstants[at.index + 1]
    for k in 1..<4 where upper[k] != result[k] {
      result[k] *= pow(upper[k] / result[k], at.weight)
    }
    return result
  }

  @inline(__always)
  private func row(
    _ index: Int, _ place: (index: Int, weight: Double), _ share: Double
  ) -> SIMD4<Double> {
    let start = index * nodes.count + place.index
    let next = place.weight > 0 ? start + 1 : start
    let value = discharge[start] + place.weight * (discharge[next] - discharge[start])
    guard isAsymmetric, share < 1 else { return value }
    let back = charge[start] + place.weight * (charge[next] - charge[start])
    return value + (1 - share) * (back - value)
  }
}
