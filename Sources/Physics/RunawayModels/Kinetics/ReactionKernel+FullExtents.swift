// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How far reactions go when nothing stops them.

import NumericalMethods

extension ReactionKernel {
  /// Extents of all reactions of a fresh, fully charged cell kept at 900 K for an hour, which uses
  /// up everything that can react.
  ///
  /// - Returns: `[reactionCount]` extents.
  public func fullExtents() -> [Double] {
    var system = FixedTemperatureSystem(kernel: self, temperature: 900)
    var integrator = StiffIntegrator(
      unknownCount: reactionCount, options: StiffOptions(relativeTolerance: 1e-6))
    let start = [Double](repeating: 0, count: reactionCount)
    guard integrator.start(&system, at: 0, from: start, span: 1e-6) else { return start }
    _ = integrator.advance(&system, until: 3_600)
    return (0..<reactionCount).map { max(0, integrator.state[$0]) }
  }
}

/// Reactions alone, at one temperature.
private struct FixedTemperatureSystem: StiffSystem, ~Copyable {
  let kernel: ReactionKernel
  let temperature: Double
  let contents: DoubleWorkspace
  let slopes: DoubleWorkspace
  var factorization: DenseFactorization

  init(kernel: ReactionKernel, temperature: Double) {
    self.kernel = kernel
    self.temperature = temperature
    contents = DoubleWorkspace(count: kernel.contentCount)
    slopes = DoubleWorkspace(count: kernel.reactionCount)
    factorization = DenseFactorization(size: kernel.reactionCount)
  }

  var unknownCount: Int { kernel.reactionCount }

  func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for n in 0..<unknownCount { mass[n] = 1 }
  }

  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    kernel.freshContents.withUnsafeBufferPointer { fresh in
      guard let base = fresh.baseAddress else { return }
      kernel.fillContents(initial: base, extents: state, into: contents.base)
    }
    _ = kernel.evaluate(temperature: temperature, contents: contents.base, rates: rates)
    return true
  }

  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    kernel.freshContents.withUnsafeBufferPointer { fresh in
      guard let base = fresh.baseAddress else { return }
      kernel.fillContents(initial: base, extents: state, into: contents.base)
    }
    let matrix = factorization.matrix
    _ = kernel.linearize(
      temperature: temperature, contents: contents.base, rates: rates, slopes: slopes.base,
      jacobian: matrix)
    let count = unknownCount
    for n in 0..<count * count { matrix[n] = -matrix[n] }
    for n in 0..<count { matrix[n * count + n] += leading }
    return factorization.factor()
  }

  mutating func solve(_ rightSide: UnsafeMutablePointer<Double>) {
    factorization.solve(rightSide)
  }
}
