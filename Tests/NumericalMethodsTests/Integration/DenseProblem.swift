// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A small stiff problem with a dense matrix, for the tests of the integrator.

import NumericalMethods

/// A small problem given by its right side, with a matrix by central differences.
struct DenseProblem: StiffSystem, ~Copyable {
  let unknownCount: Int
  var refreshesMatrixEveryIteration = false
  let mass: [Double]
  let tolerance: [Double]
  let rightSide: (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  var event: ((UnsafePointer<Double>) -> Double)?
  var eventCount: Int { event == nil ? 0 : 1 }
  let factors: DenseFactorization
  let scratch: DoubleWorkspace

  init(
    mass: [Double], tolerance: [Double],
    rightSide: @escaping (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    unknownCount = mass.count
    self.mass = mass
    self.tolerance = tolerance
    self.rightSide = rightSide
    factors = DenseFactorization(size: mass.count)
    scratch = DoubleWorkspace(count: 3 * mass.count)
  }

  func fillMass(_ target: UnsafeMutablePointer<Double>) {
    for n in 0..<unknownCount { target[n] = mass[n] }
  }

  func fillAbsoluteTolerances(
    _ target: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    for n in 0..<unknownCount { target[n] = tolerance[n] * relativeTolerance }
  }

  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    rightSide(time, state, rates)
    return (0..<unknownCount).allSatisfy { rates[$0].isFinite }
  }

  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    let n = unknownCount
    let y = scratch.base
    let above = y + n
    let below = above + n
    for i in 0..<n { y[i] = state[i] }
    for column in 0..<n {
      let shift = 1e-6 * max(abs(y[column]), tolerance[column])
      y[column] = state[column] + shift
      rightSide(time, y, above)
      y[column] = state[column] - shift
      rightSide(time, y, below)
      y[column] = state[column]
      for row in 0..<n {
        let slope = (above[row] - below[row]) / (2 * shift)
        factors.matrix[row * n + column] = (row == column ? leading * mass[row] : 0) - slope
      }
    }
    rightSide(time, state, rates)
    return factors.factor()
  }

  mutating func solve(_ right: UnsafeMutablePointer<Double>) { factors.solve(right) }

  mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    values[0] = event?(state) ?? 1
  }
}
