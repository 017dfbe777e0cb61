// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every jump of a state of charge, with cause, size and time.

/// Why a state of charge jumped.
public enum ResetCause: UInt8, Sendable, BitwiseCopyable {
  /// Start without stored state.
  case start
  /// State kept across sleep or power loss.
  case restored
  /// Open-circuit voltage after a rest.
  case restVoltage
  /// End of a full charge.
  case fullCharge
  /// Cell at its lower cut-off under a small load.
  case fullDischarge
  /// The count had left 0…1.
  case bound
  /// Voltages contradicted the filter for long: its uncertainty was raised.
  case divergence
}

/// One jump of a state of charge.
public struct ChargeReset<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Why.
  public var cause: ResetCause
  /// Counted state of charge before.
  public var before: Real
  /// Counted state of charge after.
  public var after: Real
  /// When, on the clock of the samples, in milliseconds.
  public var timeMilliseconds: UInt64

  @inlinable
  init(cause: ResetCause, before: Real, after: Real, timeMilliseconds: UInt64) {
    self.cause = cause
    self.before = before
    self.after = after
    self.timeMilliseconds = timeMilliseconds
  }

  /// Size of the jump, with sign.
  @inlinable
  public var size: Real { after - before }
}

/// The last sixteen jumps, oldest overwritten first, and how many there were in all.
public struct ResetLog<Real: CoreReal>: Sendable {
  @usableFromInline var entries: InlineArray<16, ChargeReset<Real>>
  /// Number of jumps since the start.
  public var total: UInt32 = 0

  /// An empty log.
  @inlinable
  public init() {
    entries = InlineArray(
      repeating: ChargeReset(cause: .start, before: 0, after: 0, timeMilliseconds: 0))
  }

  /// Number of jumps still held, 0…16.
  @inlinable
  public var count: Int { Int(min(total, 16)) }

  /// A jump by age, 0 the latest; nil beyond ``count``.
  @inlinable
  public subscript(age age: Int) -> ChargeReset<Real>? {
    guard age >= 0, age < count else { return nil }
    return entries[Int((total &- 1 &- UInt32(age)) % 16)]
  }

  @inlinable
  mutating func record(_ reset: ChargeReset<Real>) {
    entries[Int(total % 16)] = reset
    total = total == .max ? 16 : total + 1
  }
}
