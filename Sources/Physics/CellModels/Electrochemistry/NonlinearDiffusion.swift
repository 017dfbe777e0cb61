// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Diffusion in a sphere with a diffusivity that depends on the stoichiometry.

import NumericalMethods

/// Diffusion in spheres whose diffusivity depends on the stoichiometry, in the modes of
/// ``ParticleModes``.
///
/// Galerkin's method with the same even polynomials as for a constant diffusivity:
///
///     dq_k/dt = −(D₀/R²)·3·∫ ρ(x(r))·x'(r)·φ_k'(r)·r² dr − b_k·(flux)/R ,  ρ = D/D₀
///
/// by Gauss's rule on even functions, exact for a constant `ρ`. `φ_0' = 0`, so the mean changes by
/// the flux alone and lithium is conserved exactly. The Newton matrix is one dense block per
/// particle, factored without pivoting (its symmetric part is positive unless `ρ` is very steep; a
/// pivot that is not positive is reported and the step is then made shorter).
///
/// All arrays are `[mode × particle]`, the particle fastest, so that the loops run over particles.
struct NonlinearDiffusion: Sendable {
  /// Number of modes.
  let count: Int
  private let points: Int
  /// `[points × count]` values and slopes of the modes, `[points]` weights `3·w·r²`.
  private let values: [Double]
  private let slopes: [Double]
  private let weights: [Double]
  /// Keeps the memory of `density` alive.
  private let table: FunctionTable
  private let density: FunctionTable.View

  /// Prepares the quadrature.
  ///
  /// - Parameters:
  ///   - relative: Diffusivity over that at the stoichiometry 0.5, by stoichiometry; positive.
  ///   - modes: The modes.
  init(relative: (Double) -> Double, modes: ParticleModes) {
    count = modes.count
    // 2n points on [−1, 1] are exact for even polynomials of degree 4n − 2, with n ≥ count.
    let half = modes.count + 3
    points = half
    let rule = GaussLegendre(count: 2 * half)
    var values: [Double] = []
    var slopes: [Double] = []
    var weights: [Double] = []
    for (node, weight) in zip(rule.nodes, rule.weights) where node > 0.5 {
      let r = 2 * node - 1
      let shapes = modes.tabulate(at: r)
      values += shapes.values
      slopes += [0] + shapes.slopes.dropFirst()
      weights.append(3 * 2 * weight * r * r)
    }
    self.values = values
    self.slopes = slopes
    self.weights = weights
    table = FunctionTable(over: 0...1, intervals: 2_000) { max(relative($0), 1e-12) }
    density = table.view
  }

  /// Memory that ``addRates(_:into:particles:rate:scratch:)`` and the factoring need, per particle.
  static func scratchCount(modes: Int) -> Int { 3 + modes }
  /// Memory of the factors, per particle.
  static func factorCount(modes: Int) -> Int { modes * modes }

  /// Adds diffusion to the rates of the modes.
  ///
  /// - Parameters:
  ///   - amplitudes: `[count × particles]`.
  ///   - rates: `[count × particles]`, added to.
  ///   - n: Number of particles.
  ///   - rate: `D₀/R²`, in 1/s.
  ///   - scratch: ``scratchCount(modes:)`` per particle.
  func addRates(
    _ amplitudes: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>, particles n: Int,
    rate: Double, scratch: UnsafeMutablePointer<Double>
  ) {
    for point in 0..<points {
      evaluate(point, amplitudes, n, rate, scratch)
      let flow = scratch
      for k in 1..<count {
        let slope = slopes[point * count + k]
        let f = rates + k * n
        for i in 0..<n { f[i] -= slope * flow[i] }
      }
    }
  }

  /// At one point: weighted flow, weighted diffusivity, and weighted change of the flow by the
  /// stoichiometry, in the first three vectors of the scratch.
  @inline(__always)
  private func evaluate(
    _ point: Int, _ amplitudes: UnsafePointer<Double>, _ n: Int, _ rate: Double,
    _ scratch: UnsafeMutablePointer<Double>
  ) {
    let weight = rate * weights[point]
    let flow = scratch
    let conductance = scratch + n
    let change = scratch + 2 * n
    for i in 0..<n {
      conductance[i] = amplitudes[i]
      flow[i] = 0
    }
    for k in 1..<count {
      let q = amplitudes + k * n
      let value = values[point * count + k]
      let slope = slopes[point * count + k]
      for i in 0..<n {
        conductance[i] += value * q[i]
        flow[i] += slope * q[i]
      }
    }
    for i in 0..<n {
      let x = conductance[i]
      // Beyond the ends the diffusivity stays what it is there.
      let inner = max(0, min(1, x))
      let (d, slope) = density.evaluate(inner)
      conductance[i] = weight * d
      change[i] = inner == x ? weight * slope * flow[i] : 0
      flow[i] *= weight * d
    }
  }

  /// Factors `leading − ∂(rates)/∂(amplitudes)` for every particle.
  ///
  /// - Parameters:
  ///   - amplitudes: `[count × particles]`.
  ///   - n: Number of particles.
  ///   - rate: `D₀/R²`, in 1/s.
  ///   - leading: Leading coefficient of the integrator, in 1/s.
  ///   - factors: ``factorCount(modes:)`` per particle; written.
  ///   - scratch: ``scratchCount(modes:)`` per particle.
  /// - Returns: False when a pivot is not positive.
  func factor(
    _ amplitudes: UnsafePointer<Double>, particles n: Int, rate: Double, leading: Double,
    factors: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Bool {
    for index in 0..<count * count * n { factors[index] = 0 }
    for k in 0..<count {
      let diagonal = factors + (k * count + k) * n
      for i in 0..<n { diagonal[i] = leading }
    }
    let column = scratch + 3 * n
    for point in 0..<points {
      evaluate(point, amplitudes, n, rate, scratch)
      let conductance = scratch + n
      let change = scratch + 2 * n
      for m in 0..<count {
        let slope = slopes[point * count + m]
        let value = values[point * count + m]
        let c = column + m * n
        for i in 0..<n { c[i] = slope * conductance[i] + value * change[i] }
      }
      for k in 1..<count {
        let slope = slopes[point * count + k]
        let row = factors + k * count * n
        for index in 0..<count * n { row[index] += slope * column[index] }
      }
    }
    return eliminate(factors, n)
  }

  /// LU factors in place, for all particles at once; diagonals are stored as inverses.
  private func eliminate(_ factors: UnsafeMutablePointer<Double>, _ n: Int) -> Bool {
    var least = Double.infinity
    for c in 0..<count {
      let pivot = factors + (c * count + c) * n
      for i in 0..<n {
        least = pivot[i] < least || pivot[i].isNaN ? pivot[i] : least
        pivot[i] = 1 / pivot[i]
      }
      guard least > 0 else { return false }
      for r in c + 1..<max(count, c + 1) {
        let lower = factors + (r * count + c) * n
        for i in 0..<n { lower[i] *= pivot[i] }
        // The first row holds its diagonal alone.
        if c == 0 { continue }
        for m in c + 1..<count {
          let target = factors + (r * count + m) * n
          let upper = factors + (c * count + m) * n
          for i in 0..<n { target[i] -= lower[i] * upper[i] }
        }
      }
    }
    return true
  }

  /// Solves with the factors, in place.
  ///
  /// - Parameters:
  ///   - right: `[count × particles]`.
  ///   - n: Number of particles.
  ///   - factors: Of the last successful factoring.
  func solve(
    _ right: UnsafeMutablePointer<Double>, particles n: Int,
    factors: UnsafePointer<Double>
  ) {
    for r in 1..<count {
      let target = right + r * n
      for c in 0..<r {
        let lower = factors + (r * count + c) * n
        let x = right + c * n
        for i in 0..<n { target[i] -= lower[i] * x[i] }
      }
    }
    for r in stride(from: count - 1, through: 0, by: -1) {
      let target = right + r * n
      if r > 0 {
        for c in r + 1..<max(count, r + 1) {
          let upper = factors + (r * count + c) * n
          let x = right + c * n
          for i in 0..<n { target[i] -= upper[i] * x[i] }
        }
      }
      let inverse = factors + (r * count + r) * n
      for i in 0..<n { target[i] *= inverse[i] }
    }
  }
}
