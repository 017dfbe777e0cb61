// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Trace of lithium plated on a charge, in the voltage of the rest after it.

/// Watches the rest after a charge for the plateau that stripping lithium leaves.
///
/// A healthy cell relaxes ever more slowly: the size of `dV/dt` falls all the time. Lithium plated on
/// the charge dissolves first and holds the voltage up, so `|dV/dt|` falls to a minimum and rises
/// again before it falls for good. The indicator is the rise after the minimum as a share of it.
///
/// - Reference: von Lüders et al. (2017), doi:10.1016/j.jpowsour.2016.12.032, and Konz et al. (2020),
///   doi:10.1149/2.0011914jes, for the plateau and its derivative.
public struct RelaxationPlateau<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// 0 for none, 1 for certain.
  public private(set) var indicator: Real = 0
  private var lastVoltage: Real = .nan
  private var span: Real = 0
  private var sum: Real = 0
  private var samples: Real = 0
  private var earlier: Real = .nan
  private var least: Real = .infinity
  private var elapsed: Real = 0
  private var isWatching = false

  /// A watch without history.
  public init() {}

  /// Begins to watch: a charge has just ended. The first minute belongs to the resistances.
  mutating func begin() {
    let held = indicator
    self = RelaxationPlateau()
    indicator = held
    isWatching = true
  }

  /// Ends the watch: a current flows again.
  mutating func end() { isWatching = false }

  /// Adds a reading of the resting cell.
  ///
  /// - Parameters:
  ///   - voltage: In volts; NaN is skipped.
  ///   - interval: Since the reading before, in seconds.
  mutating func step(voltage: Real, interval: Real) {
    guard isWatching, voltage.isFinite else { return }
    let dt = interval.finite(or: 0).clamped(0, 3_600)
    elapsed += dt
    span += dt
    sum += voltage
    samples += 1
    // Means over a growing span keep the noise of the slope below what it has fallen to.
    guard elapsed > 60, span >= max(60, elapsed / 12) else {
      if elapsed <= 60 { (span, sum, samples) = (0, 0, 0) }
      return
    }
    let mean = sum / samples
    if lastVoltage.isFinite {
      let rate = (lastVoltage - mean) / span
      if earlier.isFinite {
        // Two rates together: one odd mean is no plateau.
        let smooth = (rate + earlier) / 2
        if smooth < least { least = smooth }
        let noise: Real = 2e-6
        let rise = (smooth - least) / (max(least, 0) + noise)
        let present = ((rise - 0.25) / 1).clamped(0, 1)
        if elapsed < 14_400 { indicator = max(indicator, present) }
      }
      earlier = rate
    }
    if elapsed < 120 { indicator = 0 }
    lastVoltage = mean
    (span, sum, samples) = (0, 0, 0)
    if elapsed > 14_400 { isWatching = false }
  }
}
