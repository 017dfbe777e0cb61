// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Circuits drawn at random, and tests recorded on them with white and with correlated noise.

import CellIdentification
import CellModels
import Foundation

/// Noise of a recorded voltage: a white part and one that stays alike for a while.
struct RecordingNoise {
  /// Standard deviation of the white part, in volts.
  var white = 1e-3
  /// Standard deviation of the part with a memory, in volts.
  var slow = 0.0
  /// Time after which that part has forgotten two thirds, in seconds.
  var memory = 120.0

  /// A voltage with noise; the slow part is a stationary Ornstein–Uhlenbeck process.
  struct Source {
    let noise: RecordingNoise
    var random: Random
    private var state: Double?

    init(_ noise: RecordingNoise, seed: UInt64) {
      self.noise = noise
      random = Random(seed: seed)
    }

    /// The next value, `step` seconds after the last.
    mutating func next(after step: Double) -> Double {
      var value = noise.white * random.normal()
      guard noise.slow > 0 else { return value }
      if let last = state {
        let kept = exp(-step / noise.memory)
        state = kept * last + (1 - kept * kept).squareRoot() * noise.slow * random.normal()
      } else {
        state = noise.slow * random.normal()
      }
      value += state ?? 0
      return value
    }
  }
}

/// A circuit drawn at random.
struct RandomCircuit {
  let parameters: CircuitParameters

  /// Draws a circuit whose resistances bend smoothly over the charge.
  init(seed: UInt64, pairs: Int = 1) {
    var random = Random(seed: seed &* 7_919)
    let capacity = 3_600 * (1.5 + 3.5 * random.uniform())
    let scale = 0.02 * exp(0.4 * random.normal()) * 9_000 / capacity
    let places = (0...40).map { Double($0) / 40 }
    func map(_ size: Double) -> CircuitMap {
      let rise = 0.5 * random.uniform()
      let width = 0.08 + 0.15 * random.uniform()
      let wave = 0.12 * random.normal()
      let phase = 2 * Double.pi * random.uniform()
      return CircuitMap(
        temperatures: [298.15], nodes: places,
        discharge: places.map {
          size * (1 + rise * exp(-$0 / width) + wave * sin(4 * $0 + phase))
        }, activationEnergy: 25_000)
    }
    let first = 15 * exp(1.2 * random.uniform())
    let shape = (
      height: 0.04 + 0.04 * random.uniform(), place: 0.25 + 0.4 * random.uniform(),
      slope: 0.8 + 0.2 * random.uniform()
    )
    let curve = MonotoneCurve(count: 401) { z in
      3.2 + shape.slope * z + shape.height * tanh((z - shape.place) * 12)
        - 0.25 * exp(-z * 25)
    }
    let series = map(scale)
    let others = (0..<pairs).map { k in
      CircuitPair(
        resistance: map(scale * (0.5 + 0.5 * random.uniform())),
        timeConstants: [first * pow(12, Double(k))])
    }
    parameters = CircuitParameters(
      name: "cell \(seed)", source: "test", capacity: capacity, cutOff: 2.5...4.4,
      openCircuit: OpenCircuitVoltage(curve: curve), seriesResistance: series, pairs: others)
  }

  func record(
    _ name: String, _ noise: RecordingNoise, seed: UInt64,
    _ profile: [(rate: Double, duration: Double, step: Double)]
  ) -> Recording {
    var source = RecordingNoise.Source(noise, seed: seed)
    let cell = CircuitCell(parameters)
    var state = CircuitCell.State(stateOfCharge: 1, temperature: 298.15)
    var (times, currents) = ([0.0], [0.0])
    var voltages = [cell.voltage(state, current: 0) + source.next(after: 0)]
    for part in profile {
      let current = part.rate * parameters.capacity / 3_600
      for _ in 0..<Int((part.duration / part.step).rounded()) {
        cell.advance(&state, current: current, duration: part.step, temperature: 298.15)
        times.append((times.last ?? 0) + part.step)
        currents.append(current)
        voltages.append(cell.voltage(state, current: current) + source.next(after: part.step))
      }
    }
    return Recording(
      name: name, times: times, currents: currents, voltages: voltages,
      temperatures: times.map { _ in 298.15 })
  }

  /// A C/20 discharge, and a pulse test with pulses both ways at every tenth of the charge.
  func tests(_ noise: RecordingNoise, seed: UInt64) -> [Recording] {
    var pulses: [(rate: Double, duration: Double, step: Double)] = [(0, 20, 2)]
    for _ in 0..<9 {
      pulses += [
        (2, 20, 1), (0, 100, 5), (-1, 20, 1), (0, 120, 5), (0.5, 680, 20), (0, 900, 10),
      ]
    }
    return [
      record("slow", noise, seed: 2 * seed + 1, [(0.05, 72_000, 120)]),
      record("pulses", noise, seed: 2 * seed, pulses),
    ]
  }

  /// Series resistance or that of a pair.
  func resistance(block: Int, at z: Double) -> Double {
    let map = block == 0 ? parameters.seriesResistance : parameters.pairs[block - 1].resistance
    return map.value(stateOfCharge: z, temperature: 298.15, dischargeShare: 1)
  }
}
