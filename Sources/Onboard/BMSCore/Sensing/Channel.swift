// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Plausibility and filters of one measuring channel.

/// Memory of one measuring channel: what it last delivered, its filters and its health.
public struct Channel<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// The filtered value; the last usable one while the channel is flagged.
  public var value: Real = 0
  /// The last reading that was plausible, calibrated but not filtered.
  public var accepted: Real = .nan
  /// The flags of the last sample.
  public var quality = Quality.missing
  /// How the channel has behaved.
  public var health = ChannelHealth<Real>()

  @usableFromInline var previous: Real = .nan
  @usableFromInline var sinceAccepted: Real = 0
  @usableFromInline var consistentFor: Real = 0
  @usableFromInline var referenceAtMove: Real = .nan
  @usableFromInline var stillFor: Real = 0
  @usableFromInline var stillMoves: UInt8 = 0
  @usableFromInline var isRecovering = false
  @usableFromInline var filled: UInt8 = 0
  @usableFromInline var history = InlineArray<4, Real>(repeating: 0)

  /// A channel that has delivered nothing.
  @inlinable
  public init() {}

  /// Judges and filters one reading.
  ///
  /// A reading outside the range or faster than physics is not believed, and neither is the channel
  /// until its readings have agreed with each other for the time of recovery. A reading that does
  /// not change in any bit while what it belongs to moves is frozen.
  ///
  /// - Parameters:
  ///   - reading: Calibrated reading in SI; NaN where none arrived.
  ///   - limits: What readings of this class can be.
  ///   - interval: Since the previous sample, in seconds, not negative.
  ///   - reference: Value that moves together with the channel, for example the mean of its
  ///     siblings; NaN where there is none.
  ///   - isCorroborated: An independent path shows the same now: then a fast change is real.
  ///   - flags: Flags known beforehand, for example of the link; the reading is not used.
  /// - Complexity: O(1).
  @inlinable
  mutating func step(
    _ reading: Real, _ limits: ChannelLimits<Real>, interval: Real, reference: Real,
    isCorroborated: Bool = false, flags: Quality = Quality()
  ) {
    let before = quality
    sinceAccepted += interval
    var found = flags
    if !reading.isFinite {
      found.formUnion(.missing)
      consistentFor = 0
    } else if flags.isEmpty {
      found = judge(
        reading, limits, interval: interval, reference: reference, isCorroborated: isCorroborated)
    }
    if found.isEmpty { accept(reading, limits, interval: interval) }
    quality = found
    health.note(found, before: before)
  }

  @inlinable
  mutating func judge(
    _ reading: Real, _ limits: ChannelLimits<Real>, interval: Real, reference: Real,
    isCorroborated: Bool
  ) -> Quality {
    var found = Quality()
    if reading < limits.low || reading > limits.high { found.formUnion(.outOfRange) }
    let isFrozen = frozen(reading, limits, interval: interval, reference: reference)
    if isFrozen { found.formUnion(.frozen) }
    let last = previous
    previous = reading
    let allowed = limits.greatestRate * interval + limits.noise
    let agrees =
      limits.greatestRate <= 0 || interval <= 0 || !last.isFinite
      || (reading - last).magnitude <= allowed
    consistentFor = agrees && found.isEmpty ? consistentFor + interval : 0
    if !found.isEmpty {
      isRecovering = true
      return found
    }
    if isCorroborated {
      isRecovering = false
      return found
    }
    // Without a time, at the start and after a jump of the clock, there is no rate.
    if limits.greatestRate > 0 && interval > 0 && accepted.isFinite && !isRecovering {
      let reach = limits.greatestRate * sinceAccepted + limits.noise
      if (reading - accepted).magnitude > reach {
        isRecovering = true
        consistentFor = 0
        return .rateTooHigh
      }
    }
    if isRecovering {
      if consistentFor < limits.recoverySeconds { return agrees ? .stale : .rateTooHigh }
      isRecovering = false
      // What lay before the fault is no history of what comes after it.
      filled = 0
    }
    return found
  }

  /// Whether the reading has stood still, bit by bit, while its reference moved again and again.
  ///
  /// One repeated code is chance: a sound channel shows it where its reference moved by less than a
  /// step of the converter, and where cells of one telemetry row are read at different moments. So
  /// three moves of a third of the excursion each have to be missed, and a quarter of a second: front
  /// ends that are read in turn all refresh within it. A reference that comes back counts as well.
  @inlinable
  mutating func frozen(
    _ reading: Real, _ limits: ChannelLimits<Real>, interval: Real, reference: Real
  ) -> Bool {
    guard limits.frozenExcursion > 0, reference.isFinite else { return false }
    if reading != previous || !referenceAtMove.isFinite {
      referenceAtMove = reference
      stillFor = 0
      stillMoves = 0
      return false
    }
    stillFor = min(1e6, stillFor + interval)
    // The hair under a third: three thirds by rounding are the excursion.
    if (reference - referenceAtMove).magnitude > limits.frozenExcursion * 0.333 {
      referenceAtMove = reference
      if stillMoves < 3 { stillMoves += 1 }
    }
    return stillMoves >= 3 && stillFor >= 0.25
  }

  @inlinable
  mutating func accept(
    _ reading: Real, _ limits: ChannelLimits<Real>, interval: Real
  ) {
    accepted = reading
    sinceAccepted = 0
    var filtered = reading
    if limits.medianWidth == 5 && filled >= 4 {
      filtered = medianOfFive(history[0], history[1], history[2], history[3], reading)
    } else if limits.medianWidth >= 3 && filled >= 2 {
      filtered = medianOfThree(history[0], history[1], reading)
    }
    let isFirst = filled == 0
    history[3] = history[2]
    history[2] = history[1]
    history[1] = history[0]
    history[0] = reading
    if filled < 4 { filled += 1 }
    if isFirst || limits.lowPassSeconds <= 0 {
      value = filtered
    } else {
      value += (filtered - value) * (interval / (limits.lowPassSeconds + interval))
    }
  }

  /// Sets the flags of the last sample after comparison with other channels.
  @inlinable
  mutating func flag(_ more: Quality) { quality.formUnion(more) }

  /// The value with its quality.
  @inlinable
  public var measured: Measured<Real> { Measured(value, quality: quality) }
}
