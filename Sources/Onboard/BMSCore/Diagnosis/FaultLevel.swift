// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How far a value is beyond its limits.

/// How far an indicator is beyond its limits; names and order as in the domain's limit levels.
public enum FaultLevel: UInt8, Sendable, BitwiseCopyable, Comparable {
  /// Within the limits.
  case within
  /// Beyond the maximum operating limit (MOL): recorded.
  case operating
  /// Beyond the recommended safety limit (RSL): warned and derated.
  case recommended
  /// Beyond the maximum safety limit (MSL): the trip.
  case safety

  /// Orders from within to beyond the maximum safety limit.
  @inlinable
  public static func < (lhs: FaultLevel, rhs: FaultLevel) -> Bool { lhs.rawValue < rhs.rawValue }
}
