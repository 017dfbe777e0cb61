// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Whether the estimators run, and whether the state of charge stays believable.

/// Liveness of every estimator, and leaps of the state of charge beyond counted charge.
public struct EstimatorWatch<Real: CoreReal>: Sendable, BitwiseCopyable {
  @usableFromInline var counter: UInt32?
  @usableFromInline var silentMilliseconds: UInt32 = 0
  @usableFromInline var runs = InlineArray<7, UInt32>(repeating: 0)
  @usableFromInline var silences = InlineArray<7, UInt32>(repeating: 0)
  @usableFromInline var stateOfCharge: Real = .nan

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Returns: Milliseconds since the estimator that is silent longest ran, with its place in
  ///   ``EstimatorBeats`` (−1 where all are silent), and the leap of the state of charge as a share
  ///   (1 where it left the range 0…1 by more than 0.005 or is not a number).
  @inlinable
  public mutating func advance<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>, capacity: Real, milliseconds: UInt32
  ) -> (silence: Indicator<Real>, leap: Indicator<Real>) {
    if counter == estimate.livenessCounter {
      silentMilliseconds = Self.longer(silentMilliseconds, by: milliseconds)
    } else {
      silentMilliseconds = 0
      counter = estimate.livenessCounter
    }
    var silence = Indicator(Real(silentMilliseconds))
    for part in 0..<7 {
      guard runs[part] == estimate.beats.runs[part] else {
        silences[part] = 0
        runs[part] = estimate.beats.runs[part]
        continue
      }
      // This cycle is not counted yet: parts take turns, and after hours of sleep one may come a
      // cycle later than the others.
      if silences[part] > silentMilliseconds, Real(silences[part]) > silence.value {
        silence = Indicator(Real(silences[part]), at: part)
      }
      silences[part] = Self.longer(silences[part], by: milliseconds)
    }
    let present = estimate.stateOfCharge
    var leap: Real = 0
    if present.isNaN || present < -0.005 || present > 1.005 {
      leap = 1
    } else if estimate.isConverged, stateOfCharge.isFinite, capacity > 0 {
      let current =
        sample.current.isUsable ? sample.current.value.finite(or: 0) : 0
      let counted = current * Real(milliseconds) / (3_600_000 * capacity)
      leap = (present - stateOfCharge + counted).magnitude
    }
    stateOfCharge = estimate.isConverged ? present : .nan
    return (silence, Indicator(leap.finite(or: 1)))
  }

  /// A silence longer by a cycle, bounded.
  @inlinable
  static func longer(_ silence: UInt32, by milliseconds: UInt32) -> UInt32 {
    min(silence &+ min(milliseconds, 1_000_000_000), 1_000_000_000)
  }
}
