// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Non-linear least squares with standard errors.

/// Non-linear least squares by the Levenberg–Marquardt method, with the covariance of the fit.
///
/// Damping scales with the diagonal of `JᵀJ` (Marquardt) and follows the gain ratio (Nielsen);
/// the Jacobian is taken by forward differences. Constrain parameters by fitting their logarithm.
///
/// - Reference: Marquardt (1963), doi:10.1137/0111030; Madsen, Nielsen & Tingleff (2004),
///   "Methods for Non-Linear Least Squares Problems", 2nd ed., DTU.
public enum LevenbergMarquardt {
  /// The result of a fit.
  public struct Fit: Sendable {
    /// Best parameters.
    public var parameters: [Double]
    /// Covariance `σ²·(JᵀJ)⁻¹`, `[n × n]`, row-major, with `σ²` from the residuals; empty when
    /// the data do not determine all parameters.
    public var covariance: [Double]
    /// Sum of squared residuals.
    public var sumOfSquares: Double
    /// Number of residuals minus number of parameters.
    public var degreesOfFreedom: Int
    /// Accepted and rejected steps.
    public var iterations: Int
    /// Whether the steps or the gradient became negligible before the limit of iterations.
    public var converged: Bool

    /// Standard errors of the parameters; NaN where the data do not determine them.
    public var standardErrors: [Double] {
      let n = parameters.count
      guard covariance.count == n * n else { return Array(repeating: .nan, count: n) }
      return (0..<n).map { max(0, covariance[$0 * n + $0]).squareRoot() }
    }

    /// Root-mean-square residual.
    public var rootMeanSquare: Double {
      (sumOfSquares / Double(degreesOfFreedom + parameters.count)).squareRoot()
    }
  }

  /// Fits parameters so that the sum of squared residuals is least.
  ///
  /// - Parameters:
  ///   - initial: Start values.
  ///   - count: Number of residuals; at least the number of parameters.
  ///   - iterationLimit: Most steps tried.
  ///   - tolerance: Relative size of a step, or of the gain of a step, taken as negligible.
  ///   - residuals: Writes `count` residuals for given parameters.
  /// - Returns: The best parameters found with their covariance.
  /// - Throws: ``NumericalError/tooFewData(count:needed:)`` or ``NumericalError/notFinite`` when
  ///   the start values already give a residual that is not finite.
  /// - Complexity: O(iterations · count · n²) plus n residual evaluations a step.
  public static func fit(
    _ initial: [Double], count: Int, iterationLimit: Int = 200, tolerance: Double = 1e-10,
    residuals: (_ parameters: [Double], _ into: inout [Double]) -> Void
  ) throws(NumericalError) -> Fit {
    let n = initial.count
    guard count >= n, n > 0 else { throw .tooFewData(count: count, needed: max(1, n)) }
    var work = Workspace(parameters: initial, count: count)
    residuals(work.parameters, &work.residual)
    work.cost = sumOfSquares(work.residual)
    guard work.cost.isFinite else { throw .notFinite }
    var damping = 1e-3
    var growth = 2.0
    var converged = work.cost == 0
    var iterations = 0
    work.linearise(residuals)
    while iterations < iterationLimit, !converged {
      iterations += 1
      guard let step = work.step(damping: damping) else {
        damping *= growth
        growth *= 2
        if damping > 1e20 { break }
        continue
      }
      let trial = zip(work.parameters, step).map { $0 + $1 }
      residuals(trial, &work.trialResidual)
      let cost = sumOfSquares(work.trialResidual)
      let predicted = work.predictedGain(step, damping: damping)
      let gain = predicted > 0 ? (work.cost - cost) / predicted : -1
      let scale = zip(step, work.parameters).map { abs($0) / (abs($1) + tolerance) }.max() ?? 0
      if cost.isFinite, gain > 0 {
        converged = scale < tolerance || work.cost - cost <= tolerance * tolerance * work.cost
        work.parameters = trial
        swap(&work.residual, &work.trialResidual)
        work.cost = cost
        let shape = 1 - (2 * gain - 1) * (2 * gain - 1) * (2 * gain - 1)
        damping *= max(1.0 / 3, shape)
        growth = 2
        work.linearise(residuals)
      } else {
        if scale < tolerance { converged = true }
        damping *= growth
        growth *= 2
        if damping > 1e20 { converged = converged || predicted <= 1e-30 }
        if damping > 1e20 { break }
      }
    }
    return work.result(iterations: iterations, converged: converged)
  }

  static func sumOfSquares(_ values: [Double]) -> Double {
    var sum = 0.0
    for value in values { sum += value * value }
    return sum
  }
}

extension LevenbergMarquardt {
  /// Storage of one fit, allocated once.
  struct Workspace {
    var parameters: [Double]
    var residual: [Double]
    var trialResidual: [Double]
    var cost = Double.infinity
    /// `[count × n]`, row-major.
    private var jacobian: [Double]
    private var normal: [Double]
    private var gradient: [Double]

    init(parameters: [Double], count: Int) {
      self.parameters = parameters
      residual = Array(repeating: 0, count: count)
      trialResidual = residual
      jacobian = Array(repeating: 0, count: count * parameters.count)
      normal = Array(repeating: 0, count: parameters.count * parameters.count)
      gradient = Array(repeating: 0, count: parameters.count)
    }

    /// Takes the Jacobian at the parameters and forms `JᵀJ` and `Jᵀr`.
    mutating func linearise(_ residuals: ([Double], inout [Double]) -> Void) {
      let n = parameters.count
      let count = residual.count
      for column in 0..<n {
        var shifted = parameters
        // Square root of the machine precision balances truncation and rounding.
        let step = 1.5e-8 * max(abs(shifted[column]), 1e-4)
        shifted[column] += step
        let taken = shifted[column] - parameters[column]
        residuals(shifted, &trialResidual)
        for row in 0..<count {
          jacobian[row * n + column] = (trialResidual[row] - residual[row]) / taken
        }
      }
      for a in 0..<n {
        var slope = 0.0
        for row in 0..<count { slope += jacobian[row * n + a] * residual[row] }
        gradient[a] = slope
        for b in 0...a {
          var sum = 0.0
          for row in 0..<count { sum += jacobian[row * n + a] * jacobian[row * n + b] }
          normal[a * n + b] = sum
          normal[b * n + a] = sum
        }
      }
    }

    /// The damped Gauss–Newton step, or nil when the damped matrix is still singular.
    func step(damping: Double) -> [Double]? {
      let n = parameters.count
      var damped = normal
      for a in 0..<n { damped[a * n + a] += damping * max(normal[a * n + a], 1e-300) }
      guard let factor = try? DenseSolvers.cholesky(damped, size: n) else { return nil }
      return DenseSolvers.solve(choleskyFactor: factor, size: n, gradient.map { -$0 })
    }

    /// The reduction of the sum of squares that the linear model predicts for a step.
    func predictedGain(_ step: [Double], damping: Double) -> Double {
      let n = parameters.count
      var gain = 0.0
      for a in 0..<n {
        gain += step[a] * (damping * normal[a * n + a] * step[a] - gradient[a])
      }
      return gain
    }

    func result(iterations: Int, converged: Bool) -> Fit {
      let n = parameters.count
      let freedom = residual.count - n
      var covariance: [Double] = []
      if freedom > 0, let inverse = scaledInverse() {
        let variance = cost / Double(freedom)
        covariance = inverse.map { $0 * variance }
      }
      return Fit(
        parameters: parameters, covariance: covariance, sumOfSquares: cost,
        degreesOfFreedom: freedom, iterations: iterations, converged: converged)
    }

    /// `(JᵀJ)⁻¹`, inverted with a unit diagonal so that units do not matter; nil when singular.
    private func scaledInverse() -> [Double]? {
      let n = parameters.count
      let scales = (0..<n).map { normal[$0 * n + $0].squareRoot() }
      guard scales.allSatisfy({ $0 > 0 }) else { return nil }
      var scaled = normal
      for a in 0..<n {
        for b in 0..<n { scaled[a * n + b] /= scales[a] * scales[b] }
      }
      guard var inverse = try? DenseSolvers.inverse(positiveDefinite: scaled, size: n) else {
        return nil
      }
      for a in 0..<n {
        for b in 0..<n { inverse[a * n + b] /= scales[a] * scales[b] }
      }
      return inverse
    }
  }
}
