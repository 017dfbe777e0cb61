// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What is known about the trustworthiness of one measured value.

/// Why a measured value may not be trusted; empty means good.
///
/// Every value that leaves `Sensing` carries one. A value with any flag is never shown or used as
/// if it were good: users decide by flag what they can still do with it.
public struct Quality: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt16

  /// Values before the first cycle.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// No value arrived in this cycle.
  @inlinable
  public static var missing: Quality { Quality(rawValue: 1 << 0) }
  /// Outside what the sensor can measure or the quantity can be.
  @inlinable
  public static var outOfRange: Quality { Quality(rawValue: 1 << 1) }
  /// Changed faster than physics allows.
  @inlinable
  public static var rateTooHigh: Quality { Quality(rawValue: 1 << 2) }
  /// Has not changed for longer than noise allows.
  @inlinable
  public static var frozen: Quality { Quality(rawValue: 1 << 3) }
  /// Disagrees with a redundant path.
  @inlinable
  public static var disagrees: Quality { Quality(rawValue: 1 << 4) }
  /// The sense wire is open.
  @inlinable
  public static var openWire: Quality { Quality(rawValue: 1 << 5) }
  /// Behaves as the neighbour's channel.
  @inlinable
  public static var swapped: Quality { Quality(rawValue: 1 << 6) }
  /// Replaced by a redundant path or a reconstruction.
  @inlinable
  public static var substituted: Quality { Quality(rawValue: 1 << 7) }
  /// Older than one cycle allows.
  @inlinable
  public static var stale: Quality { Quality(rawValue: 1 << 8) }
  /// The link or front end reported an error (CRC, time-out).
  @inlinable
  public static var linkFault: Quality { Quality(rawValue: 1 << 9) }
  /// Taken while balancing or switching disturbed the reading.
  @inlinable
  public static var disturbed: Quality { Quality(rawValue: 1 << 10) }

  /// Whether the value may be used: good, or replaced by a trustworthy substitute.
  @inlinable
  public var isUsable: Bool { subtracting(.substituted).isEmpty }
}
