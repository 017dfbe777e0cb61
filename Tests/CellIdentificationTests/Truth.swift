// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells with known parameters, and tests recorded on them.

import CellIdentification
import CellModels
import Foundation
import Quantities

/// A seeded source of normal numbers.
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195), 0 to 1.
  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  /// Standard normal by Box & Muller.
  mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
  }
}

/// Cells with known parameters, and tests recorded on them.
enum Truth {
  static func open(_ z: Double) -> Double {
    3.2 + 0.95 * z + 0.06 * tanh((z - 0.35) * 12) - 0.25 * exp(-z * 25)
  }

  /// Nodes of the maps and of the fits to them.
  static let nodes = [0, 0.25, 0.5, 0.75, 1]

  /// A cell of 2.5 Ah with one pair.
  static func circuit(energy: Double = 25_000) -> CircuitParameters {
    func map(_ values: [Double]) -> CircuitMap {
      CircuitMap(
        temperatures: [298.15], nodes: nodes, discharge: values, activationEnergy: energy)
    }
    return CircuitParameters(
      name: "truth", source: "test", capacity: 9_000, cutOff: 2.5...4.25,
      openCircuit: OpenCircuitVoltage(curve: MonotoneCurve(count: 401, sampling: open)),
      seriesResistance: map([0.032, 0.025, 0.022, 0.021, 0.022]),
      pairs: [
        CircuitPair(resistance: map([0.030, 0.018, 0.015, 0.014, 0.016]), timeConstants: [40])
      ])
  }

  /// Runs a current through a cell.
  static func record(
    _ name: String, _ circuit: CircuitParameters, celsius: Double = 25, noise: Double,
    seed: UInt64, profile: [(current: Double, duration: Double, step: Double)]
  ) -> Recording {
    var random = Random(seed: seed)
    let cell = CircuitCell(circuit)
    let kelvin = celsius + 273.15
    var state = CircuitCell.State(stateOfCharge: 1, temperature: kelvin)
    var times = [0.0]
    var currents = [0.0]
    var voltages = [cell.voltage(state, current: 0) + noise * random.normal()]
    var time = 0.0
    for part in profile {
      for _ in 0..<Int((part.duration / part.step).rounded()) {
        cell.advance(&state, current: part.current, duration: part.step, temperature: kelvin)
        time += part.step
        times.append(time)
        currents.append(part.current)
        voltages.append(cell.voltage(state, current: part.current) + noise * random.normal())
      }
    }
    return Recording(
      name: name, times: times, currents: currents, voltages: voltages,
      temperatures: times.map { _ in kelvin })
  }

  /// A slow discharge to empty.
  static func slow(
    _ circuit: CircuitParameters, celsius: Double = 25, noise: Double, seed: UInt64
  ) -> Recording {
    record(
      "slow \(celsius)", circuit, celsius: celsius, noise: noise, seed: seed,
      profile: [(0.125, 72_000, 120)])
  }

  /// Pulses of discharge and charge at every tenth of the charge, with rests.
  static func pulses(
    _ circuit: CircuitParameters, celsius: Double = 25, noise: Double, seed: UInt64
  ) -> Recording {
    var profile: [(current: Double, duration: Double, step: Double)] = [(0, 20, 2)]
    for _ in 0..<9 {
      profile += [
        (5, 20, 1), (0, 100, 5), (-2.5, 20, 1), (0, 120, 5), (1.25, 684, 20), (0, 400, 10),
      ]
    }
    return record(
      "pulses \(celsius)", circuit, celsius: celsius, noise: noise, seed: seed, profile: profile)
  }

  /// Settings for the truth's own nodes.
  static var settings: CircuitFitSettings {
    var settings = CircuitFitSettings()
    settings.nodes = nodes
    settings.pairCounts = [1]
    settings.openNodes = 11
    return settings
  }
}
