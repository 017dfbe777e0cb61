// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Why the core commands the declared safe state.

/// Why the core commands the declared safe state; empty while it does not.
public struct SafeStateReason: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt8
  /// A set of reasons.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// No configuration that passed its checks.
  @inlinable
  public static var noConfiguration: SafeStateReason { SafeStateReason(rawValue: 1 << 0) }
  /// Too few cell voltages, no current or no temperature can be believed.
  @inlinable
  public static var inputNotTrusted: SafeStateReason { SafeStateReason(rawValue: 1 << 1) }
  /// The clock stands still: no debounce and no deadline can be kept.
  @inlinable
  public static var clockStopped: SafeStateReason { SafeStateReason(rawValue: 1 << 2) }
  /// The estimators stand still.
  @inlinable
  public static var estimationSilent: SafeStateReason { SafeStateReason(rawValue: 1 << 3) }
  /// The control stands still.
  @inlinable
  public static var controlSilent: SafeStateReason { SafeStateReason(rawValue: 1 << 4) }
  /// A command was not a finite number inside its range.
  @inlinable
  public static var commandNotFinite: SafeStateReason { SafeStateReason(rawValue: 1 << 5) }
}
