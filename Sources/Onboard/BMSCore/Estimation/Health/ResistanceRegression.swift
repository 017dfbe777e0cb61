// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Resistance online from steps of the current, by recursive least squares.

/// Series resistance online by recursive least squares with forgetting.
///
/// Changes from window to window obey `ΔV = −R₀·Δi + a·ΔV₋₁ + b·Δi₋₁`: open-circuit voltage and slow
/// losses cancel, and the two older terms take the fast pair. Updates run only while the current
/// moves (excitation), and the covariance is bounded, so that a long steady drive does not wind it up.
///
/// - Reference: Ljung & Söderström (1983), "Theory and Practice of Recursive Identification".
public struct ResistanceRegression<Real: CoreReal>: Sendable {
  /// Series resistance, in ohms; 0 before enough steps.
  public var resistance: Real = 0
  /// Number of steps used.
  public var steps: UInt32 = 0
  /// Times it ran, wrapping: a counter that stands still is a dead estimator.
  public var beats: UInt32 = 0
  @usableFromInline var parameters = InlineArray<3, Real>(repeating: 0)
  @usableFromInline var covariance = SmallMatrix<3, Real>()
  @usableFromInline var lastCurrent: Real = .nan
  @usableFromInline var lastVoltage: Real = .nan
  @usableFromInline var lastStep: Real = 0
  @usableFromInline var lastChange: Real = 0

  /// A regression without data.
  @inlinable
  public init() { restart() }

  @inlinable
  mutating func restart() {
    covariance = SmallMatrix()
    covariance.rows[0][0] = 1
    covariance.rows[1][1] = 1
    covariance.rows[2][2] = 1
  }

  /// Adds a window.
  ///
  /// - Parameters:
  ///   - current: Mean current, in amperes, discharge positive.
  ///   - voltage: Mean voltage of a cell, in volts.
  ///   - interval: In seconds; beyond 2 s a step no longer tells the series resistance.
  ///   - threshold: Smallest step of the current that excites, in amperes.
  @inlinable
  public mutating func add(current: Real, voltage: Real, interval: Real, threshold: Real) {
    beats = beats &+ 1
    guard current.isFinite, voltage.isFinite, interval > 0, interval <= 2 else {
      lastCurrent = .nan
      return
    }
    guard lastCurrent.isFinite else {
      (lastCurrent, lastVoltage, lastStep, lastChange) = (current, voltage, 0, 0)
      return
    }
    let step = current - lastCurrent
    let change = voltage - lastVoltage
    if step.magnitude > threshold, step.magnitude < 1e5, change.magnitude < 10 {
      update(step, lastStep, lastChange, change)
    }
    (lastCurrent, lastVoltage, lastStep, lastChange) = (current, voltage, step, change)
  }

  @inlinable
  mutating func update(_ step: Real, _ before: Real, _ fell: Real, _ change: Real) {
    var row = InlineArray<3, Real>(repeating: 0)
    row[0] = -step
    row[1] = -before
    row[2] = fell
    var projected = InlineArray<3, Real>(repeating: 0)
    for i in 0..<3 {
      for j in 0..<3 { projected[i] += covariance.rows[i][j] * row[j] }
    }
    // 0.998: a memory of five hundred steps, some minutes of driving.
    let forgetting: Real = 0.998
    var total = forgetting
    var predicted: Real = 0
    for i in 0..<3 {
      total += row[i] * projected[i]
      predicted += row[i] * parameters[i]
    }
    guard total > 0, total.isFinite else { return restart() }
    for i in 0..<3 { parameters[i] += projected[i] / total * (change - predicted) }
    for i in 0..<3 {
      for j in 0..<3 {
        covariance.rows[i][j] =
          (covariance.rows[i][j] - projected[i] * projected[j] / total) / forgetting
      }
    }
    var floor = InlineArray<3, Real>(repeating: 1e-9)
    floor[0] = 1e-9
    covariance.symmetrise(floor: floor)
    if !covariance.isFinite || covariance.rows[0][0] > 10 { restart() }
    steps = steps == .max ? steps : steps + 1
    let r = parameters[0]
    if steps > 20, r.isFinite, r > 0 { resistance = r }
  }
}
