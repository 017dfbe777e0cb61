// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Diffusion in a sphere as independent modes.

import NumericalMethods
import Synchronization

/// Radial diffusion in a sphere, reduced to independent modes by a spectral Galerkin method.
///
/// Concentration is expanded in even polynomials of the radius (degree `2·count − 2`). Galerkin's
/// method with weight `r²` gives a symmetric eigenvalue problem; in its eigenvectors
///
///     dq_k/dt = −(D/R²)·λ_k·q_k − b_k·(flux)/R ,  b_k = 3·φ_k(1)
///
/// with the mean as mode 0 (`λ_0 = 0`, `φ_0 = 1`), so lithium is conserved exactly, and the
/// surface value `Σ φ_k(1)·q_k`. The steady profile under constant flux is a parabola and thus
/// exact with two modes.
///
/// - Reference: Subramanian, Diwakar & Tapriyal (2005), doi:10.1149/1.2032427, for polynomial
///   profiles; Bizeray et al. (2015), doi:10.1016/j.jpowsour.2015.07.019, for spectral ones.
public struct ParticleModes: Sendable {
  /// Number of modes.
  public let count: Int
  /// Decay rates in units of `D/R²`, ascending; the first is 0.
  public let decay: [Double]
  /// Value of each mode at the surface; the first is 1.
  public let surface: [Double]
  /// Coefficients that take a mode to the profile, for ``profile(_:at:)``.
  let vectors: [Double]

  /// Computes the modes.
  ///
  /// - Parameter count: Number of modes, 2 to 24.
  public init(count: Int) {
    precondition((2...24).contains(count), "two to 24 modes")
    self.count = count
    let rule = GaussLegendre(count: 2 * count + 2)
    var stiffness = [Double](repeating: 0, count: count * count)
    for (r, w) in zip(rule.nodes, rule.weights) {
      let slopes = Self.basis(count, at: r).slopes
      for i in 0..<count {
        for j in 0..<count { stiffness[i * count + j] += 3 * w * r * r * slopes[i] * slopes[j] }
      }
    }
    // The matrix is finite and symmetric by construction, so the rotations converge.
    guard let spectrum = try? SymmetricEigenproblem(stiffness, size: count) else {
      preconditionFailure("Jacobi rotations did not converge on a symmetric matrix")
    }
    var decay = spectrum.values
    var vectors = spectrum.vectors
    // The constant is an eigenvector with value 0; set it exactly, so that lithium is conserved.
    decay[0] = 0
    for i in 0..<count { vectors[i] = i == 0 ? 1 : 0 }
    for k in 1..<count { vectors[k * count] = 0 }
    let atSurface = Self.basis(count, at: 1).values
    surface = (0..<count).map { k in
      (0..<count).reduce(0) { $0 + vectors[k * count + $1] * atSurface[$1] }
    }
    self.decay = decay
    self.vectors = vectors
  }

  /// The modes of a count, computed once for all models.
  ///
  /// - Parameter count: Number of modes, 2 to 24.
  /// - Returns: The modes.
  public static func shared(count: Int) -> ParticleModes {
    if let known = known.withLock({ $0[count] }) { return known }
    let made = ParticleModes(count: count)
    known.withLock { $0[count] = made }
    return made
  }

  private static let known = Mutex<[Int: ParticleModes]>([:])

  /// The profile value at a relative radius from the modes' amplitudes.
  ///
  /// - Parameters:
  ///   - amplitudes: `[count]`.
  ///   - radius: From 0 (centre) to 1 (surface).
  /// - Returns: The value, in the unit of the amplitudes.
  public func profile(_ amplitudes: [Double], at radius: Double) -> Double {
    let values = Self.basis(count, at: radius).values
    var sum = 0.0
    for k in 0..<count {
      for i in 0..<count { sum += amplitudes[k] * vectors[k * count + i] * values[i] }
    }
    return sum
  }

  /// Values and slopes of all modes at a relative radius.
  ///
  /// - Parameter radius: From 0 (centre) to 1 (surface).
  /// - Returns: `[count]` values and `[count]` derivatives by the relative radius.
  func tabulate(at radius: Double) -> (values: [Double], slopes: [Double]) {
    let basis = Self.basis(count, at: radius)
    func combine(_ k: Int, _ shapes: [Double]) -> Double {
      (0..<count).reduce(0) { $0 + vectors[k * count + $1] * shapes[$1] }
    }
    return (
      (0..<count).map { combine($0, basis.values) }, (0..<count).map { combine($0, basis.slopes) }
    )
  }

  /// Even polynomials, orthonormal in `3·∫ r² dr` on `[0, 1]`: `√((4k+3)/3)·P_{2k+1}(r)/r`.
  private static func basis(_ count: Int, at r: Double) -> (values: [Double], slopes: [Double]) {
    // P_{2k+1}(r)/r is a polynomial; near the centre its own recurrence avoids the division:
    // with t = r², p_k = P_{2k+1}(r)/r and e_k = P_{2k}(r).
    var values = [Double](repeating: 0, count: count)
    var slopes = [Double](repeating: 0, count: count)
    var even = 1.0
    var evenSlope = 0.0
    var odd = 1.0
    var oddSlope = 0.0
    for k in 0..<count {
      let scale = (Double(4 * k + 3) / 3).squareRoot()
      values[k] = scale * odd
      slopes[k] = scale * oddSlope
      // (n+1)·P_{n+1} = (2n+1)·r·P_n − n·P_{n−1}
      let n = Double(2 * k + 1)
      let nextEven = ((2 * n + 1) * r * r * odd - n * even) / (n + 1)
      let nextEvenSlope =
        ((2 * n + 1) * (2 * r * odd + r * r * oddSlope) - n * evenSlope) / (n + 1)
      let m = n + 1
      let nextOdd = ((2 * m + 1) * nextEven - m * odd) / (m + 1)
      let nextOddSlope = ((2 * m + 1) * nextEvenSlope - m * oddSlope) / (m + 1)
      (even, evenSlope, odd, oddSlope) = (nextEven, nextEvenSlope, nextOdd, nextOddSlope)
    }
    return (values, slopes)
  }
}
