// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Trace of lithium plated on a charge, in the voltage of the rest after it.

/// Watches the rest after a charge for the plateau that stripping lithium leaves.
///
/// A healthy cell relaxes ever more slowly: the size of `dV/dt` falls all the time. Lithium plated on
/// the charge dissolves first and holds the voltage up, so `|dV/dt|` falls to a minimum and rises
/// again before it falls for good. The indicator is the rise after the minimum, beyond what noise can
/// do, as a share of the minimum.
///
/// - Reference: von Lüders et al. (2017), doi:10.1016/j.jpowsour.2016.12.032, and Konz et al. (2020),
///   doi:10.1149/2.0011914jes, for the plateau and its derivative.
public struct RelaxationPlateau<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// 0 for none, 1 for certain.
  public var indicator: Real = 0
  @usableFromInline var lastVoltage: Real = .nan
  @usableFromInline var span: Real = 0
  @usableFromInline var sum: Real = 0
  @usableFromInline var samples: Real = 0
  @usableFromInline var squares: Real = 0
  @usableFromInline var first: Real = 0
  @usableFromInline var leastNoise: Real = 0
  @usableFromInline var least: Real = .infinity
  @usableFromInline var elapsed: Real = 0
  @usableFromInline var isWatching = false

  /// A watch without history.
  @inlinable
  public init() {}

  /// Begins to watch: a charge has just ended. The first minute belongs to the resistances.
  @inlinable
  mutating func begin() {
    self = RelaxationPlateau()
    isWatching = true
  }

  /// Ends the watch: a current flows again.
  @inlinable
  mutating func end() { isWatching = false }

  /// Adds a reading of the resting cell.
  ///
  /// - Parameters:
  ///   - voltage: In volts; NaN is skipped.
  ///   - interval: Since the reading before, in seconds.
  @inlinable
  mutating func step(voltage: Real, interval: Real) {
    guard isWatching, voltage.isFinite else { return }
    let dt = interval.finite(or: 0).clamped(0, 3_600)
    elapsed += dt
    span += dt
    if samples == 0 { first = voltage }
    let off = voltage - first
    sum += off
    squares += off * off
    samples += 1
    // Means over a growing span keep the noise of the slope below what it has fallen to.
    guard elapsed > 60, samples >= 4, span >= max(120, elapsed / 6) else {
      if elapsed <= 60 { (span, sum, squares, samples) = (0, 0, 0, 0) }
      return
    }
    let mean = first + sum / samples
    if lastVoltage.isFinite { judge(rate: (lastVoltage - mean) / span) }
    lastVoltage = mean
    (span, sum, squares, samples) = (0, 0, 0, 0)
    if elapsed > 14_400 { isWatching = false }
  }

  /// A rise of the rate counts when it exceeds five deviations of what the scatter of the readings
  /// makes of a difference of two means.
  @inlinable
  mutating func judge(rate: Real) {
    let spread = max(0, squares / samples - (sum / samples) * (sum / samples))
    let noise = (2 * spread / samples).squareRoot() / span
    if rate < least { (least, leastNoise) = (rate, noise) }
    let doubt = 5 * (noise * noise + leastNoise * leastNoise).squareRoot()
    let rise = (rate - least - doubt) / (max(least, 0) + doubt / 5 + 1e-9)
    indicator = max(indicator, rise.finite(or: 0).clamped(0, 1))
  }
}
