// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The circuit at one temperature: linear unknowns, and time constants around them.

import CellModels
import Foundation
import NumericalMethods
import Quantities

/// The circuit of a cell at one temperature, fitted to whole recordings.
///
/// For given time constants the voltage is linear in everything else: corrections of the
/// open-circuit voltage and resistances at nodes of the state of charge. These are solved for
/// exactly, with weak priors of smoothness, and the time constants are searched around that
/// solution (variable projection; Golub & Pereyra 2003, doi:10.1088/0266-5611/19/2/201).
struct GroupFit {
  var rows: [FitRows]
  /// Open-circuit voltage that the correction is added to.
  var base: MonotoneCurve
  /// Size of the correction, in volts.
  var openLevel: Double
  let settings: CircuitFitSettings
  /// Temperature that the resistances refer to, in kelvin.
  let temperature: Double
  /// Typical resistance of a jump, in ohms.
  let scale: Double
  /// Whether charge has resistances of its own.
  let hasCharge: Bool
  var activationEnergy: Double
  /// Noise of the slow test that the base curve was made of.
  var curveNoise: CurveNoise?
  var hysteresis = (amplitude: 0.0, rate: 50.0, capacity: 1.0)

  var directions: Int { hasCharge ? 2 : 1 }

  func unknowns(pairs: Int) -> Int {
    settings.openNodes + (1 + pairs) * directions * settings.nodes.count
  }

  /// Place of a resistance: block 0 is the series resistance, the others are pairs.
  func index(block: Int, direction: Int, node: Int) -> Int {
    settings.openNodes + (block * directions + direction) * settings.nodes.count + node
  }

  /// A solution for given time constants.
  struct Solution {
    var timeConstants: [Double]
    var values: [Double]
    var free: [Bool]
    /// Residuals in volts, model minus measurement.
    var residuals: [Double]
    /// Squared residuals and priors in units of the noise.
    var objective: Double

    var rootMeanSquare: Double {
      (residuals.reduce(0) { $0 + $1 * $1 } / Double(max(1, residuals.count))).squareRoot()
    }
  }

  /// Voltage of the base curve and the matrix of the linear unknowns at the kept rows.
  func system(_ timeConstants: [Double]) -> (matrix: [Double], targets: [Double]) {
    let n = settings.nodes.count
    let size = unknowns(pairs: timeConstants.count)
    let total = rows.reduce(0) { $0 + $1.kept.count }
    var matrix = [Double](repeating: 0, count: total * size)
    var targets = [Double](repeating: 0, count: total)
    let openLast = Double(settings.openNodes - 1)
    var out = 0
    for part in rows {
      let recording = part.recording
      var states = [Double](repeating: 0, count: timeConstants.count * directions * n)
      var loop = 0.0
      var next = 0
      for row in 0..<recording.count {
        let current = recording.currents[row]
        let step = row > 0 ? recording.times[row] - recording.times[row - 1] : 0
        let z = max(0, min(1, part.charge[row]))
        let place = Self.place(z, settings.nodes)
        let arrhenius = factor(recording.temperatures[row])
        let direction = current < 0 && hasCharge ? 1 : 0
        if step > 0 {
          for k in timeConstants.indices {
            let decay = exp(-step / timeConstants[k])
            let start = k * directions * n
            for j in start..<start + directions * n { states[j] *= decay }
            let drive = (1 - decay) * current * arrhenius
            let at = start + direction * n + place.index
            states[at] += drive * (1 - place.weight)
            if place.weight > 0 { states[at + 1] += drive * place.weight }
          }
          let moved = current * step / hysteresis.capacity
          if moved != 0 {
            let target = moved > 0 ? -1.0 : 1.0
            loop = target + (loop - target) * exp(-hysteresis.rate * moved.magnitude)
          }
        }
        guard next < part.kept.count, part.kept[next] == row else { continue }
        next += 1
        let start = out * size
        let position = z * openLast
        let openIndex = min(settings.openNodes - 2, Int(position))
        matrix[start + openIndex] = 1 - (position - Double(openIndex))
        matrix[start + openIndex + 1] = position - Double(openIndex)
        let series = start + index(block: 0, direction: direction, node: place.index)
        matrix[series] = -current * arrhenius * (1 - place.weight)
        if place.weight > 0 { matrix[series + 1] = -current * arrhenius * place.weight }
        let pairs = start + index(block: 1, direction: 0, node: 0)
        for j in states.indices where abs(states[j]) > 1e-12 { matrix[pairs + j] = -states[j] }
        targets[out] =
          recording.voltages[row] - base.value(at: part.charge[row])
          - hysteresis.amplitude * loop
        out += 1
      }
    }
    return (matrix, targets)
  }

  private func factor(_ kelvin: Double) -> Double {
    exp(activationEnergy / PhysicalConstants.gas * (1 / kelvin - 1 / temperature))
  }

  static func place(_ z: Double, _ nodes: [Double]) -> (index: Int, weight: Double) {
    var index = 0
    while index < nodes.count - 2, nodes[index + 1] <= z { index += 1 }
    return (index, (z - nodes[index]) / (nodes[index + 1] - nodes[index]))
  }

  /// The normal equations with priors, for a noise in volts.
  func equations(_ system: (matrix: [Double], targets: [Double]), pairs: Int, noise: Double)
    -> NormalEquations
  {
    var equations = NormalEquations(size: unknowns(pairs: pairs))
    equations.add(system.matrix, targets: system.targets, weight: 1 / (noise * noise))
    for prior in priors(pairs: pairs) {
      equations.add(prior: prior.terms, deviation: prior.deviation)
    }
    return equations
  }

  func priors(pairs: Int) -> [(terms: [(index: Int, factor: Double)], deviation: Double)] {
    var priors: [(terms: [(index: Int, factor: Double)], deviation: Double)] = []
    let open = settings.openNodes
    for j in 0..<open { priors.append(([(j, 1)], openLevel)) }
    for j in 1..<max(1, open - 1) {
      priors.append(([(j - 1, 0.5), (j, -1), (j + 1, 0.5)], settings.openCurvature))
    }
    let nodes = settings.nodes
    for block in 0...pairs {
      for direction in 0..<directions {
        let start = index(block: block, direction: direction, node: 0)
        for j in 1..<max(1, nodes.count - 1) {
          let (before, after) = (nodes[j] - nodes[j - 1], nodes[j + 1] - nodes[j])
          let whole = before + after
          priors.append(
            (
              [
                (start + j - 1, after / whole), (start + j, -1), (start + j + 1, before / whole),
              ], settings.mapCurvature * scale
            ))
        }
        for j in nodes.indices { priors.append(([(start + j, 1)], settings.largest * scale)) }
      }
      guard hasCharge else { continue }
      for j in nodes.indices {
        priors.append(
          (
            [
              (index(block: block, direction: 0, node: j), 1),
              (index(block: block, direction: 1, node: j), -1),
            ], settings.asymmetry * scale
          ))
      }
    }
    return priors
  }

  /// Solves for the linear unknowns.
  func solve(_ timeConstants: [Double], noise: Double) -> Solution? {
    let pairs = timeConstants.count
    let system = system(timeConstants)
    let equations = equations(system, pairs: pairs, noise: noise)
    let size = equations.size
    guard let found = equations.solution(bounded: settings.openNodes..<size) else { return nil }
    let residuals = Self.residuals(system, found.values)
    var objective = residuals.reduce(0) { $0 + $1 * $1 } / (noise * noise)
    for prior in priors(pairs: pairs) {
      let value = prior.terms.reduce(0) { $0 + $1.factor * found.values[$1.index] }
      objective += value * value / (prior.deviation * prior.deviation)
    }
    return Solution(
      timeConstants: timeConstants, values: found.values, free: found.free,
      residuals: residuals, objective: objective)
  }

  static func residuals(_ system: (matrix: [Double], targets: [Double]), _ values: [Double])
    -> [Double]
  {
    let size = values.count
    return system.matrix.withUnsafeBufferPointer { matrix in
      values.withUnsafeBufferPointer { values in
        system.targets.indices.map { row in
          var sum = -system.targets[row]
          let start = row * size
          for column in 0..<size { sum += matrix[start + column] * values[column] }
          return sum
        }
      }
    }
  }
}
