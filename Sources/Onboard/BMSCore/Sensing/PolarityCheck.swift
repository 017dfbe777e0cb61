// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Whether the current sensor counts in the direction the cells answer to.

/// Tells a current sensor that is mounted the wrong way round: cells fall when discharge rises.
@usableFromInline
struct PolarityCheck<Real: CoreReal>: Sendable, BitwiseCopyable {
  @usableFromInline var score: Int8 = 0
  @usableFromInline var current: Real = .nan
  @usableFromInline var voltage: Real = .nan

  @inlinable
  init() {}

  /// Whether the last steps of the current all had the wrong sign.
  @inlinable
  var isReversed: Bool { score >= 3 }

  /// Takes in one sample; slow samples and small steps say nothing.
  ///
  /// - Parameters:
  ///   - now: Pack current, discharge positive, in amperes; NaN where none arrived.
  ///   - mean: Mean cell voltage up to a constant, in volts; NaN where none arrived.
  ///   - interval: Since the previous sample, in seconds.
  ///   - step: Step of the current from which the answer is looked at, in amperes.
  @inlinable
  mutating func step(current now: Real, voltage mean: Real, interval: Real, step: Real) {
    defer {
      current = now
      voltage = mean
    }
    let change = now - current
    let answer = mean - voltage
    // NaN fails every comparison, and so ends here.
    guard interval > 0, interval <= 1.5, change.magnitude >= step, answer.magnitude >= 0.002 else {
      return
    }
    if (change > 0) == (answer > 0) {
      if score < 4 { score += 1 }
    } else if score > -4 {
      score -= 1
    }
  }
}
