// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat capacity and cooling of a cell from the temperatures of its tests.

import CellModels
import Foundation
import NumericalMethods

/// Heat capacity and cooling of a cell of one temperature, from tests that warm it.
struct HeatFit {
  let balance: LumpedHeat
  let note: String

  /// Smallest warming of a recording that is used, in kelvin.
  static let smallestRise = 1.0

  /// Fits; nil when no recording warms the cell by a kelvin, or the fit does not make sense.
  ///
  /// Each recording starts at the temperature of its surroundings, which are taken as constant.
  init?(_ recordings: [Recording], circuit: CircuitParameters, start: StartingPoint) {
    let cell = CircuitCell(circuit)
    var parts: [(recording: Recording, power: [Double])] = []
    for recording in recordings where recording.hasTemperatures {
      let part = recording.withinTemperature(band: 25)
      let first = part.temperatures.prefix(10).reduce(0, +) / Double(min(10, part.count))
      let rise = (part.temperatures.max() ?? 0) - first
      guard rise >= Self.smallestRise, part.duration < 6 * 3_600,
        part.temperatures.allSatisfy({ $0 > first - 1 })
      else { continue }
      var state = CircuitCell.State(
        stateOfCharge: start.initialStateOfCharge(part), temperature: first, hysteresis: 1)
      var power: [Double] = []
      for row in part.times.indices {
        let current = part.currents[row]
        let step = row > 0 ? part.times[row] - part.times[row - 1] : 0
        cell.advance(
          &state, current: current, duration: step, temperature: part.temperatures[row])
        let open = circuit.openCircuit
        let rest = open.voltage(at: state.stateOfCharge, temperature: state.temperature)
        power.append(
          current * (rest - part.voltages[row])
            - current * state.temperature * open.entropy(at: state.stateOfCharge))
      }
      parts.append((part, power))
    }
    guard !parts.isEmpty else { return nil }
    var kept: [[Int]] = []
    for part in parts {
      let stride = max(1, part.recording.count / 400)
      kept.append(part.recording.times.indices.filter { $0 % stride == 0 })
    }
    let count = kept.reduce(0) { $0 + $1.count }
    let fit = try? LevenbergMarquardt.fit([log(45), log(0.1)], count: count) { p, residuals in
      let capacity = exp(max(-20, min(20, p[0])))
      let conductance = exp(max(-20, min(20, p[1])))
      let balance = LumpedHeat(
        capacityJoulesPerKelvin: capacity, conductanceWattsPerKelvin: conductance)
      var out = 0
      for (part, rows) in zip(parts, kept) {
        let times = part.recording.times
        let ambient = part.recording.temperatures.prefix(10).reduce(0, +) / 10
        var temperature = ambient
        var next = 0
        for row in times.indices {
          if row > 0 {
            temperature = balance.advanced(
              temperature, power: part.power[row], ambient: ambient,
              duration: times[row] - times[row - 1])
          }
          if next < rows.count, rows[next] == row {
            residuals[out] = temperature - part.recording.temperatures[row]
            out += 1
            next += 1
          }
        }
      }
    }
    guard let fit, fit.rootMeanSquare < 3 else { return nil }
    let (capacity, conductance) = (exp(fit.parameters[0]), exp(fit.parameters[1]))
    guard (1...1e5).contains(capacity), (1e-4...1e3).contains(conductance) else { return nil }
    balance = LumpedHeat(
      capacityJoulesPerKelvin: capacity, conductanceWattsPerKelvin: conductance)
    let error = String(format: "%.2f", fit.rootMeanSquare)
    note =
      "heat balance from \(parts.count) recording(s) that warm the cell, surface temperature "
      + "within \(error) K rms"
  }
}
