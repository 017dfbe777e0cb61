// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity from charge moved between states of charge known without counting.

/// Capacity by total least squares from charge moved between two states of charge known otherwise.
///
/// Both sides are uncertain, the difference of the states of charge and the counted charge, so
/// ordinary least squares would be biased towards small capacities. The sums fade, so that the
/// estimate follows ageing; memory is constant. The prior is the nominal capacity, 5 % uncertain.
///
/// - Reference: Plett (2011), doi:10.1016/j.jpowsour.2010.10.101, approximate weighted total least
///   squares with fading memory.
public struct CapacityLearner<Real: CoreReal>: Sendable {
  /// Present estimate, in coulombs.
  public var capacity: Real
  /// Its standard deviation as a share.
  public var relativeDeviation: Real = 0.05
  /// Number of measurements that entered.
  public var count: UInt32 = 0
  /// Times it ran, wrapping: a counter that stands still is a dead estimator.
  public var beats: UInt32 = 0
  @usableFromInline let nominal: Real
  @usableFromInline var sums = InlineArray<6, Real>(repeating: 0)
  @usableFromInline var anchorCharge: Real = .nan
  @usableFromInline var anchorDeviation: Real = 1
  @usableFromInline var moved: Real = 0
  @usableFromInline var through: Real = 0
  @usableFromInline var seconds: Real = 0
  @usableFromInline var isKnown = true

  /// Share of a measurement's weight that is left after the next.
  @inlinable
  static var fading: Real { 0.97 }

  /// A learner that knows the nominal capacity, in coulombs.
  @inlinable
  public init(nominal: Real) {
    self.nominal = max(1, nominal.finite(or: 1))
    capacity = self.nominal
    // The prior as one measurement: half the capacity moved, 5 % uncertain in sum.
    add(difference: 0.5, charge: 0.5, differenceVariance: 3.1e-4, chargeVariance: 3.1e-4)
    count = 0
    solve()
  }

  /// Whether anything was learnt beyond the nominal capacity.
  @inlinable
  public var isLearnt: Bool { count > 0 }

  /// Counts charge between two anchors.
  @inlinable
  mutating func add(current: Real, interval: Real, isKnown: Bool, efficiency: Real) {
    beats = beats &+ 1
    let change = (current * interval).finite(or: 0)
    moved += change < 0 ? change * efficiency : change
    through += change.magnitude
    seconds += interval
    if !isKnown { self.isKnown = false }
  }

  /// A state of charge known without counting.
  ///
  /// - Parameters:
  ///   - stateOfCharge: 0…1.
  ///   - deviation: Its standard deviation.
  ///   - offset: Standard deviation of the offset of the current sensor, in amperes.
  ///   - gain: That of its gain, as a share.
  @inlinable
  public mutating func anchor(stateOfCharge: Real, deviation: Real, offset: Real, gain: Real) {
    if anchorCharge.isFinite, isKnown {
      let difference = anchorCharge - stateOfCharge
      let variance = anchorDeviation * anchorDeviation + deviation * deviation
      let byOffset = offset * seconds / nominal
      let byGain = gain * through / nominal
      let chargeVariance = byOffset * byOffset + byGain * byGain + 1e-8
      // A short way between anchors would only add their errors.
      let ratio = moved / nominal / difference
      let spread =
        (variance + chargeVariance).squareRoot() / difference.magnitude + relativeDeviation
      let distance = (ratio - capacity / nominal).magnitude
      // A pair beyond four deviations tells of a wrong anchor, not of another capacity.
      let isLikely = distance < 4 * spread && ratio > 0.3 && ratio < 1.5
      if difference.magnitude > 0.1, difference * difference > 25 * variance, isLikely {
        add(
          difference: difference, charge: moved / nominal, differenceVariance: variance,
          chargeVariance: chargeVariance)
        count = count == .max ? count : count + 1
        solve()
      } else if difference.magnitude <= 0.1, deviation >= anchorDeviation {
        return  // keep the surer anchor and go on counting from it
      }
    }
    anchorCharge = stateOfCharge
    anchorDeviation = deviation
    moved = 0
    through = 0
    seconds = 0
    isKnown = true
  }

  /// Adds a pair directly: what a partial charge or a test in the workshop tells.
  ///
  /// - Parameters:
  ///   - x: Change of the state of charge.
  ///   - y: Charge moved over the nominal capacity.
  ///   - differenceVariance: Variance of the first.
  ///   - chargeVariance: Variance of the second.
  @inlinable
  mutating func add(
    difference x: Real, charge y: Real, differenceVariance: Real, chargeVariance: Real
  ) {
    guard x.isFinite, y.isFinite, differenceVariance > 0, chargeVariance > 0 else { return }
    let a = x < 0 ? -x : x
    let b = x < 0 ? -y : y
    for k in 0..<6 { sums[k] *= Self.fading }
    sums[0] += a * a / chargeVariance
    sums[1] += a * b / chargeVariance
    sums[2] += b * b / chargeVariance
    sums[3] += a * a / differenceVariance
    sums[4] += a * b / differenceVariance
    sums[5] += b * b / differenceVariance
  }

  /// The merit function of approximate weighted total least squares.
  @inlinable
  func merit(_ q: Real) -> Real {
    // Horner's scheme, a term at a time: the type checker gives up on the whole.
    var value: Real = sums[3] * q
    value -= 2 * sums[4]
    value *= q
    value += sums[0] + sums[5]
    value *= q
    value -= 2 * sums[1]
    value *= q
    value += sums[2]
    let s: Real = 1 + q * q
    return value / (s * s)
  }

  /// Minimum by golden section on 0.3…1.5 of the nominal capacity; variance from the curvature.
  @inlinable
  mutating func solve() {
    var low: Real = 0.3
    var high: Real = 1.5
    for _ in 0..<40 {
      let span = (high - low) * 0.381966
      if merit(low + span) < merit(high - span) { high -= span } else { low += span }
    }
    let best = (low + high) / 2
    let h: Real = 0.01
    let curvature = (merit(best + h) - 2 * merit(best) + merit(best - h)) / (h * h)
    guard curvature > 0, curvature.isFinite else { return }
    capacity = best * nominal
    relativeDeviation = (2 / curvature).squareRoot().finite(or: 0.3).clamped(1e-3, 0.3)
  }
}
