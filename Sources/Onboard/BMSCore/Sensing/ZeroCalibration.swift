// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The zero of a current sensor, corrected only while no current can flow.

/// What the zero calibration of a current sensor has done.
public struct ZeroRecord<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Calibrations applied since the start.
  public var applied: UInt16 = 0
  /// Calibrations refused because the offset was beyond the limit.
  public var refused: UInt16 = 0
  /// When the last one was applied, in milliseconds since the start.
  public var timeMilliseconds: UInt64 = 0
  /// By how much it changed the offset, in amperes.
  public var change: Real = 0
  /// The offset that was refused last, in amperes.
  public var refusedOffset: Real = 0

  /// Nothing done yet.
  @inlinable
  public init() {}
}

/// Corrects the zero of a current sensor while the contactors read open.
///
/// The mean reading over a rest is the offset. It is taken only when both main contactors and the
/// precharge contactor have read open for the whole time, and only within a bound: a larger offset
/// is a fault of the sensor to be reported, not a zero to be learnt.
public struct ZeroCalibration<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Offset subtracted from the calibrated reading, in amperes.
  public var offset: Real = 0
  /// What has been done.
  public var record = ZeroRecord<Real>()

  @usableFromInline var openFor: Real = 0
  @usableFromInline var averagedFor: Real = 0
  @usableFromInline var sum: Real = 0
  @usableFromInline var count: Real = 0

  /// No offset yet.
  @inlinable
  public init() {}

  /// Takes in one reading.
  ///
  /// - Parameters:
  ///   - reading: Calibrated reading without this offset, in amperes; NaN where none arrived.
  ///   - isOpen: All contactors read open.
  ///   - interval: Since the previous sample, in seconds.
  ///   - timeMilliseconds: Now, for the record.
  ///   - configuration: Bounds and times.
  @inlinable
  mutating func step<let cells: Int, let probes: Int>(
    _ reading: Real, isOpen: Bool, interval: Real, timeMilliseconds: UInt64,
    _ configuration: inout SensingConfiguration<cells, probes, Real>
  ) {
    guard isOpen else {
      openFor = 0
      restart()
      return
    }
    openFor += interval
    guard openFor >= configuration.zeroSettleSeconds, reading.isFinite else { return }
    sum += reading
    count += 1
    averagedFor += interval
    guard averagedFor >= configuration.zeroAverageSeconds else { return }
    let mean = sum / count
    if mean.magnitude <= configuration.zeroLimit {
      record.change = mean - offset
      record.timeMilliseconds = timeMilliseconds
      if record.applied < .max { record.applied += 1 }
      offset = mean
    } else {
      record.refusedOffset = mean
      if record.refused < .max { record.refused += 1 }
    }
    restart()
  }

  @inlinable
  mutating func restart() {
    averagedFor = 0
    sum = 0
    count = 0
  }
}
