// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Fits at several temperatures joined to one circuit.

import CellModels
import Foundation
import Quantities

/// Fits at several temperatures joined to one circuit.
struct CircuitAssembly {
  let start: StartingPoint
  let fits: [GroupFit]
  let solutions: [GroupFit.Solution]
  let reference: Int
  let energy: Double
  let hysteresis: Double

  func circuit() -> CircuitParameters {
    let pairs = solutions[0].timeConstants.count
    var circuit = CircuitParameters(
      name: start.tests.first?.name ?? fits[reference].rows[0].recording.name,
      source: "identified from measurements", capacity: start.capacity, cutOff: start.cutOff,
      openCircuit: openCircuit(), seriesResistance: map(block: 0),
      pairs: (0..<pairs).map { k in
        CircuitPair(
          resistance: map(block: k + 1),
          timeConstants: solutions.map { $0.timeConstants[k] })
      })
    circuit.hysteresisAmplitude = hysteresis
    circuit.ambientTemperature = StartingPoint.referenceTemperature
    return circuit
  }

  private func map(block: Int) -> CircuitMap {
    let nodes = fits[0].settings.nodes
    func table(_ direction: Int) -> [Double] {
      zip(fits, solutions).flatMap { fit, solution in
        nodes.indices.map {
          solution.values[
            fit.index(block: block, direction: fit.hasCharge ? direction : 0, node: $0)]
        }
      }
    }
    return CircuitMap(
      temperatures: fits.map(\.temperature), nodes: nodes, discharge: table(0),
      charge: fits.contains(where: \.hasCharge) ? table(1) : nil, activationEnergy: energy)
  }

  /// The base curve with the correction of the reference group, and its change with temperature
  /// from the others, which holds the entropy of the reaction and whatever slow loss the circuit
  /// does not have; above 1 mV/K it is not believed.
  private func openCircuit() -> OpenCircuitVoltage {
    let openNodes = fits[0].settings.openNodes
    func correction(_ index: Int, _ z: Double) -> Double {
      Self.correction(solutions[index], openNodes, z)
    }
    var entropy: MonotoneCurve?
    let middle = fits[reference].temperature
    let spread = fits.map { abs($0.temperature - middle) }.max() ?? 0
    if spread > 5 {
      entropy = MonotoneCurve(count: openNodes) { z in
        var product = 0.0
        var square = 0.0
        for index in fits.indices where index != reference {
          let distance = fits[index].temperature - middle
          product += distance * correction(index, z)
          square += distance * distance
        }
        return max(-1e-3, min(1e-3, product / square))
      }
    }
    return OpenCircuitVoltage(
      curve: Self.corrected(fits[reference], solutions[reference]),
      entropyCoefficient: entropy, referenceTemperature: Temperature(middle))
  }

  /// The correction of a solution at a state of charge, in volts.
  static func correction(_ solution: GroupFit.Solution, _ openNodes: Int, _ z: Double) -> Double {
    let position = max(0, min(1, z)) * Double(openNodes - 1)
    let low = min(openNodes - 2, Int(position))
    let weight = position - Double(low)
    return solution.values[low] * (1 - weight) + solution.values[low + 1] * weight
  }

  /// The base curve of a fit with its correction, rising everywhere.
  static func corrected(_ fit: GroupFit, _ solution: GroupFit.Solution) -> MonotoneCurve {
    let values = (0...100).map { place -> Double in
      let z = Double(place) / 100
      return fit.base.value(at: z) + correction(solution, fit.settings.openNodes, z)
    }
    return MonotoneCurve(values: MonotoneFit.rising(values, step: 1e-6))
  }
}
