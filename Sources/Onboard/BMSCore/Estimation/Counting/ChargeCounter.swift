// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ampere-hour counting with corrections, and how far it can be trusted.

/// Ampere-hour counting that knows its own uncertainty and is corrected where that helps.
///
/// The charge is an integer in nanocoulombs: adding never loses what rounding would. The standard
/// deviation grows with the offset and the gain error of the current sensor; a correction is taken
/// only when it is surer than the count by half, so the flat part of a curve never replaces a good
/// count. Every correction is recorded with cause, size and time.
public struct ChargeCounter<Real: CoreReal>: Sendable {
  /// Jumps of the count.
  public var resets = ResetLog<Real>()
  /// Charge put in and taken out since the start, both positive, in coulombs.
  public var throughput: Real = 0
  /// Whether the count was started.
  public var isStarted = false
  /// Times it ran, wrapping: a counter that stands still is a dead estimator.
  public var beats: UInt32 = 0
  @usableFromInline var charge: Int64 = 0
  @usableFromInline var startVariance: Real = 0.25
  @usableFromInline var drift: Real = 0
  @usableFromInline var gain: Real = 0
  @usableFromInline var unknown: Real = 0

  /// A counter that has not started.
  @inlinable
  public init() {}

  /// Counted state of charge, 0…1.
  @inlinable
  public func stateOfCharge(capacity: Real) -> Real {
    guard capacity > 0 else { return 0 }
    return (Real(charge) * 1e-9 / capacity).finite(or: 0).clamped(0, 1)
  }

  /// Net charge since the last start or correction is held in this; in coulombs.
  @inlinable
  public var coulombs: Real { Real(charge) * 1e-9 }

  /// Standard deviation of the count, 0…1.
  @inlinable
  public var deviation: Real {
    (startVariance + drift * drift + gain * gain + unknown).squareRoot().finite(or: 1)
      .clamped(0, 1)
  }

  /// Adds one interval.
  ///
  /// - Parameters:
  ///   - current: In amperes, discharge positive.
  ///   - interval: In seconds.
  ///   - variance: Of the current beyond the configured errors, in A².
  ///   - capacity: Of the cell, in coulombs.
  ///   - timeMilliseconds: Time of the sample.
  ///   - configuration: Errors of the sensor and the capacity.
  @inlinable
  public mutating func add(
    current: Real, interval: Real, variance: Real, capacity: Real, timeMilliseconds: UInt64,
    configuration: inout EstimationConfiguration<Real>
  ) {
    beats = beats &+ 1
    let dt = interval.finite(or: 0).clamped(0, 3_600)
    let i = current.finite(or: 0).clamped(-100_000, 100_000)
    guard capacity > 0 else { return }
    let efficiency = i < 0 ? configuration.circuit.coulombicEfficiency : 1
    let moved = i * dt * efficiency
    // At most 1e5 A × 3600 s = 3.6e8 C = 3.6e17 nC: inside Int64.
    let change = Int64((moved * 1e9).clamped(-4e17, 4e17))
    charge = charge.subtractingReportingOverflow(change).partialValue
    throughput += moved.magnitude
    drift += configuration.currentOffset * dt / capacity
    gain += configuration.currentGain * moved.magnitude / capacity
    let lost = variance.finite(or: i * i).clamped(0, 1e10).squareRoot() * dt / capacity
    unknown += lost * lost
    let z = Real(charge) * 1e-9 / capacity
    // A count outside by more than its own doubt is a fact worth keeping.
    if z > 1 || z < 0 {
      let held: Real = z > 1 ? 1 : 0
      if (z - held).magnitude > 0.001 {
        record(.bound, z, held, timeMilliseconds)
        set(held, capacity: capacity)
      }
    }
  }

  /// Starts or replaces the count.
  @inlinable
  public mutating func start(
    _ stateOfCharge: Real, deviation: Real, cause: ResetCause, capacity: Real,
    timeMilliseconds: UInt64
  ) {
    let before = isStarted ? self.stateOfCharge(capacity: capacity) : 0
    let after = stateOfCharge.finite(or: 0.5).clamped(0, 1)
    set(after, capacity: capacity)
    forget(deviation)
    isStarted = true
    record(cause, before, after, timeMilliseconds)
  }

  /// Takes a correction if it is surer than the count by half.
  ///
  /// - Parameters:
  ///   - stateOfCharge: What the correction says, 0…1.
  ///   - deviation: Its standard deviation.
  ///   - cause: What it rests on.
  ///   - capacity: Of the cell, in coulombs.
  ///   - timeMilliseconds: Time of the sample.
  /// - Returns: Whether it was taken.
  @discardableResult
  @inlinable
  public mutating func correct(
    _ stateOfCharge: Real, deviation: Real, cause: ResetCause, capacity: Real,
    timeMilliseconds: UInt64
  ) -> Bool {
    guard stateOfCharge.isFinite, deviation.isFinite, deviation < self.deviation / 2 else {
      return false
    }
    start(
      stateOfCharge, deviation: deviation, cause: cause, capacity: capacity,
      timeMilliseconds: timeMilliseconds)
    return true
  }

  /// Keeps the state of charge when the capacity it refers to is learnt anew.
  @inlinable
  mutating func rescale(by ratio: Real) {
    let scaled = (Real(charge) * ratio).finite(or: Real(charge))
    if ratio != 1 { charge = Int64(scaled.clamped(-4e17, 4e17)) }
  }

  @inlinable
  mutating func set(_ stateOfCharge: Real, capacity: Real) {
    charge = Int64((stateOfCharge * capacity * 1e9).finite(or: 0).clamped(0, 4e17))
  }

  @inlinable
  mutating func forget(_ deviation: Real) {
    let d = deviation.finite(or: 0.5).clamped(1e-4, 1)
    startVariance = d * d
    drift = 0
    gain = 0
    unknown = 0
  }

  @inlinable
  mutating func record(_ cause: ResetCause, _ before: Real, _ after: Real, _ time: UInt64) {
    resets.record(
      ChargeReset(cause: cause, before: before, after: after, timeMilliseconds: time))
  }
}
