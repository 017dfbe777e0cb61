// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What readings of one class of channels can be, and how they are filtered.

/// Plausibility limits and filters of one class of channels, in coherent SI.
public struct ChannelLimits<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Lowest possible reading.
  public var low: Real
  /// Highest possible reading.
  public var high: Real
  /// Fastest possible change, a second; 0 for no check.
  public var greatestRate: Real
  /// Noise that may add to a change between two samples.
  public var noise: Real
  /// Movement of what the channel belongs to, in three steps of a third, during which a reading that
  /// does not change at all is frozen; in the channel's unit, 0 for no check.
  public var frozenExcursion: Real
  /// Width of the median filter: 1 (none), 3 or 5 samples.
  public var medianWidth: UInt8
  /// Time constant of the low-pass filter, in seconds; 0 for none.
  public var lowPassSeconds: Real
  /// How long a channel must be good again before it is believed, in seconds.
  public var recoverySeconds: Real

  /// Limits of a class of channels.
  public init(
    low: Real, high: Real, greatestRate: Real, noise: Real, frozenExcursion: Real,
    medianWidth: UInt8 = 3, lowPassSeconds: Real = 0, recoverySeconds: Real = 1
  ) {
    self.low = low
    self.high = high
    self.greatestRate = greatestRate
    self.noise = noise
    self.frozenExcursion = frozenExcursion
    self.medianWidth = medianWidth
    self.lowPassSeconds = lowPassSeconds
    self.recoverySeconds = recoverySeconds
  }

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(&low, "low", unit: "", in: -1e6...1e12, "lowest possible reading, SI")
    visitor.number(&high, "high", unit: "", in: -1e6...1e12, "highest possible reading, SI")
    visitor.number(
      &greatestRate, "greatest_rate", unit: "1/s", in: 0...1e12,
      "fastest possible change a second, SI; 0 for no check")
    visitor.number(
      &noise, "noise", unit: "", in: 0...1e6, "noise that may add to a change, SI")
    visitor.number(
      &frozenExcursion, "frozen_excursion", unit: "", in: 0...1e6,
      "movement around a still channel, in three steps, that means frozen; 0 for no check")
    visitor.integer(
      &medianWidth, "median_width", in: 1...5, "width of the median filter: 1, 3 or 5 samples")
    visitor.number(
      &lowPassSeconds, "low_pass_seconds", unit: "s", in: 0...3600,
      "time constant of the low-pass filter; 0 for none")
    visitor.number(
      &recoverySeconds, "recovery_seconds", unit: "s", in: 0...3600,
      "how long a channel must be good again before it is believed")
  }

  /// The bounds are in order and the median filter has a width it can have.
  public func inconsistency() -> ConfigurationRule? {
    if low >= high { return .boundsOutOfOrder }
    return medianWidth == 1 || medianWidth == 3 || medianWidth == 5 ? nil : .medianWidth
  }
}
