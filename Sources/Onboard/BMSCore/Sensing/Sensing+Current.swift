// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Pack current: zero calibration, plausibility and vote of two sensors.

extension Sensing {
  @inlinable
  mutating func stepCurrent(
    _ raw: inout RawSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>, interval: Real,
    into sample: inout PackSample<cells, probes, Real>
  ) {
    let isOpen =
      !raw.feedback.contains(.positiveClosed) && !raw.feedback.contains(.negativeClosed)
      && !raw.feedback.contains(.prechargeClosed)
    let isSilent = raw.link.contains(.currentSensorSilent)
    let reading =
      isSilent ? .nan : configuration.busGain[0] * raw.current + configuration.busOffset[0]
    let other = configuration.busGain[1] * raw.redundantCurrent + configuration.busOffset[1]
    if other.isFinite { hasRedundantCurrent = true }
    zero.step(
      reading, isOpen: isOpen, interval: interval, timeMilliseconds: raw.timeMilliseconds,
      &configuration)
    redundantZero.step(
      other, isOpen: isOpen, interval: interval, timeMilliseconds: raw.timeMilliseconds,
      &configuration)
    // At open contactors a current that never changes is what is expected.
    let reference: Real = isOpen ? .nan : fastVoltage(interval: interval)
    current.step(
      reading - zero.offset, configuration.current, interval: interval, reference: reference,
      flags: isSilent ? .linkFault : Quality())
    redundantCurrent.step(
      other - redundantZero.offset, configuration.current, interval: interval,
      reference: reference)
    let limit =
      configuration.currentDisagreement + configuration.currentDisagreementShare
      * current.value.magnitude
    sample.current = currentVote.step(
      current.measured, redundantCurrent.measured, hasSecond: hasRedundantCurrent, limit: limit,
      change: .nan, truth: isOpen ? 0 : .nan)
  }

  /// The part of the cells' movement that happened within about a second, in volts: the part that
  /// only a current can cause.
  @inlinable
  mutating func fastVoltage(interval: Real) -> Real {
    if interval <= 0 { slowMovement = cellMovement }
    slowMovement += (cellMovement - slowMovement) * (interval / (1 + interval))
    return cellMovement - slowMovement
  }
}
