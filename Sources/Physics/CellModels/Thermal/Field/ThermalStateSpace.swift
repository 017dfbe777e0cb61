// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A temperature field as linear state-space matrices.

import Foundation
public import NumericalMethods

/// What is read from a temperature field.
public enum ThermalOutput: Hashable, Sendable {
  /// The mean, weighted by heat capacity.
  case mean
  /// One volume.
  case node(Int)
  /// The mean over the area of a face.
  case face(Int)
}

/// A temperature field as linear state-space matrices: `dT/dt = A·T + B·u`, `y = C·T + D·u`.
///
/// Inputs are first the heats, in watts, then the temperatures of the surroundings of each face,
/// in kelvin. All matrices are row-major.
public struct ThermalStateSpace: Hashable, Sendable {
  /// Number of temperatures.
  public let stateCount: Int
  /// Number of inputs: heats, then faces.
  public let inputCount: Int
  /// Number of outputs.
  public let outputCount: Int
  /// `[stateCount × stateCount]`, in 1/s.
  public let a: [Double]
  /// `[stateCount × inputCount]`, in K/J and 1/s; with a step, in K/W and 1.
  public let b: [Double]
  /// `[outputCount × stateCount]`.
  public let c: [Double]
  /// `[outputCount × inputCount]`.
  public let d: [Double]
}

extension ThermalField {
  /// The matrices of the field.
  ///
  /// - Parameters:
  ///   - patterns: For each heat input its share in every volume, `[count]`, adding up to one; one
  ///     input spread by volume when nil.
  ///   - outputs: What is read.
  /// - Returns: The matrices in continuous time.
  public func stateSpace(
    patterns: [[Double]]? = nil, outputs: [ThermalOutput]
  ) -> ThermalStateSpace {
    let total = volumes.reduce(0, +)
    let heats = patterns ?? [volumes.map { $0 / total }]
    precondition(heats.allSatisfy { $0.count == count }, "a share for every volume")
    let inputs = heats.count + faceNames.count
    var a = [Double](repeating: 0, count: count * count)
    var b = [Double](repeating: 0, count: count * inputs)
    for link in links {
      for (i, j) in [(link.first, link.second), (link.second, link.first)] {
        a[i * count + j] += link.conductance / capacities[i]
        a[i * count + i] -= link.conductance / capacities[i]
      }
    }
    for boundary in boundaries {
      let i = boundary.node
      let rate = boundary.conductance / capacities[i]
      a[i * count + i] -= rate
      b[i * inputs + heats.count + boundary.face] += rate
    }
    for (column, pattern) in heats.enumerated() {
      for i in 0..<count { b[i * inputs + column] = pattern[i] / capacities[i] }
    }
    var c = [Double](repeating: 0, count: outputs.count * count)
    var d = [Double](repeating: 0, count: outputs.count * inputs)
    for (row, output) in outputs.enumerated() {
      switch output {
      case .mean:
        for i in 0..<count { c[row * count + i] = capacities[i] / capacity }
      case .node(let i): c[row * count + i] = 1
      case .face(let face):
        let members = boundaries.filter { $0.face == face }
        let area = members.reduce(0) { $0 + $1.area }
        for member in members {
          let share = member.area / area
          c[row * count + member.node] += share * (1 - member.inside)
          d[row * inputs + heats.count + face] += share * member.inside
        }
      }
    }
    return ThermalStateSpace(
      stateCount: count, inputCount: inputs, outputCount: outputs.count, a: a, b: b, c: c, d: d)
  }

  /// The matrices for steps of constant inputs: `T⁺ = A·T + B·u`, exact at the ends of steps.
  ///
  /// - Parameters:
  ///   - step: In seconds; positive.
  ///   - patterns: As in ``stateSpace(patterns:outputs:)``.
  ///   - outputs: What is read.
  /// - Returns: The matrices of a step.
  /// - Throws: `NumericalError` when the eigenvalues are not found.
  /// - Complexity: O(count³).
  public func stateSpace(
    step: Double, patterns: [[Double]]? = nil, outputs: [ThermalOutput]
  ) throws(NumericalError) -> ThermalStateSpace {
    precondition(step > 0, "a step must be positive")
    let continuous = stateSpace(patterns: patterns, outputs: outputs)
    let n = count
    // With heat capacities taken to both sides by their roots the matrix is symmetric.
    let roots = capacities.map { $0.squareRoot() }
    var symmetric = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        let entry = -continuous.a[i * n + j] * roots[i] / roots[j]
        symmetric[i * n + j] += 0.5 * entry
        symmetric[j * n + i] += 0.5 * entry
      }
    }
    let modes = try SymmetricEigenproblem(symmetric, size: n)
    var a = [Double](repeating: 0, count: n * n)
    var integral = a
    for k in 0..<n {
      let rate = max(0, modes.values[k])
      let decay = exp(-rate * step)
      let gain = rate * step > 1e-12 ? -expm1(-rate * step) / rate : step
      for i in 0..<n {
        for j in 0..<n {
          let pair = modes.vectors[k * n + i] * modes.vectors[k * n + j] * roots[j] / roots[i]
          a[i * n + j] += decay * pair
          integral[i * n + j] += gain * pair
        }
      }
    }
    let inputs = continuous.inputCount
    var b = [Double](repeating: 0, count: n * inputs)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<inputs {
          b[i * inputs + k] += integral[i * n + j] * continuous.b[j * inputs + k]
        }
      }
    }
    return ThermalStateSpace(
      stateCount: n, inputCount: inputs, outputCount: continuous.outputCount, a: a, b: b,
      c: continuous.c, d: continuous.d)
  }
}
