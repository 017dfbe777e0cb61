// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The unscented Kalman filter of the average cell.

extension AverageCell {
  /// One step of the unscented Kalman filter over the same model and uncertainties as
  /// ``stepExtended(_:configuration:)``.
  ///
  /// Nineteen points (α = 1/2, β = 2, κ = 0) carry the curvature of the open-circuit voltage through
  /// the correction; the prediction is linear but for products and uses the same transition.
  ///
  /// - Parameters:
  ///   - input: Means over the window.
  ///   - configuration: Uncertainties of the model and the sensors.
  /// - Returns: The innovation; nil without a usable voltage.
  /// - Complexity: O(1): about 8,000 multiplications.
  /// - Reference: Wan & van der Merwe (2000), doi:10.1109/ASSPCC.2000.882463.
  @inlinable
  public mutating func stepSigmaPoint(
    _ input: FilterInput<Real>, configuration: inout EstimationConfiguration<Real>
  ) -> Innovation<Real>? {
    let input = input.bounded(&configuration)
    let step = transition(input, configuration: &configuration)
    let change = -step.charge * (input.current - state[8])
    var points = sigmaPoints()
    for k in 0..<19 { points[k] = moved(points[k], step, current: input.current) }
    let mean = Self.mean(points)
    var spread = Self.covariance(points, about: mean)
    for k in 0..<9 { spread.rows[k][k] += step.noise[k] }
    covariance = spread
    setMean(mean, change: change)
    bound(&configuration)
    defer { lastCurrent = input.current }
    guard !input.voltage.isNaN else { return nil }
    points = sigmaPoints()
    var voltages = InlineArray<19, Real>(repeating: 0)
    var predicted: Real = 0
    for k in 0..<19 {
      voltages[k] = voltage(
        of: points[k], current: input.current, temperature: input.temperature,
        circuit: &configuration.circuit)
      predicted += Self.meanWeight(k) * voltages[k]
    }
    let noise = rapidVariance(input, configuration: &configuration)
    var variance = noise.effective
    var cross = InlineArray<9, Real>(repeating: 0)
    for k in 0..<19 {
      let weight = Self.covarianceWeight(k) * (voltages[k] - predicted)
      variance += weight * (voltages[k] - predicted)
      for j in 0..<9 { cross[j] += weight * (points[k][j] - state[j]) }
    }
    let innovation = Innovation(
      value: input.voltage - predicted, variance: variance - noise.effective + noise.marginal)
    guard variance > 0, variance.isFinite, innovation.value.isFinite else { return nil }
    let total = max(variance, variance * innovation.normalisedSquare / 16)
    var gain = InlineArray<9, Real>(repeating: 0)
    for i in 0..<9 { gain[i] = cross[i] / total }
    for i in Self.partiallyUpdated { gain[i] *= configuration.slowGain }
    for i in 0..<9 { state[i] += gain[i] * innovation.value }
    covariance.correct(gain: gain, cross: cross, variance: total)
    bound(&configuration)
    return innovation
  }

  // n + λ = α²·n = 9/4.
  @inlinable
  static func meanWeight(_ k: Int) -> Real { k == 0 ? -3 : 2.0 / 9 }
  @inlinable
  static func covarianceWeight(_ k: Int) -> Real { k == 0 ? -0.25 : 2.0 / 9 }

  @inlinable
  mutating func sigmaPoints() -> InlineArray<19, InlineArray<9, Real>> {
    var points = InlineArray<19, InlineArray<9, Real>>(repeating: state)
    let factor = repairedFactor()
    for k in 0..<9 {
      for i in 0..<9 {
        let reach = 1.5 * factor.rows[i][k]
        points[1 + k][i] += reach
        points[10 + k][i] -= reach
      }
    }
    return points
  }

  /// Cholesky factor; where rounding made the covariance indefinite, its diagonal replaces it.
  @inlinable
  mutating func repairedFactor() -> SmallMatrix<9, Real> {
    if let factor = covariance.choleskyFactor() { return factor }
    var factor = SmallMatrix<9, Real>()
    for i in 0..<9 {
      let variance = covariance.rows[i][i].finite(or: 1).clamped(1e-12, 10)
      for j in 0..<9 { covariance.rows[i][j] = 0 }
      covariance.rows[i][i] = variance
      factor.rows[i][i] = variance.squareRoot()
    }
    return factor
  }

  @inlinable
  static func mean(_ points: InlineArray<19, InlineArray<9, Real>>) -> InlineArray<9, Real> {
    var mean = InlineArray<9, Real>(repeating: 0)
    for k in 0..<19 {
      for i in 0..<9 { mean[i] += meanWeight(k) * points[k][i] }
    }
    return mean
  }

  @inlinable
  static func covariance(
    _ points: InlineArray<19, InlineArray<9, Real>>, about mean: InlineArray<9, Real>
  ) -> SmallMatrix<9, Real> {
    var spread = SmallMatrix<9, Real>()
    for k in 0..<19 {
      let weight = covarianceWeight(k)
      for i in 0..<9 {
        let d = weight * (points[k][i] - mean[i])
        for j in 0..<9 { spread.rows[i][j] += d * (points[k][j] - mean[j]) }
      }
    }
    return spread
  }
}
