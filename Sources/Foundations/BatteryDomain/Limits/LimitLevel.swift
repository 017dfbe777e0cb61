// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The three levels of a limit and what each asks for.

/// How far a value is beyond its limits; the names and reactions are those of foxBMS.
public enum LimitLevel: String, CaseIterable, Codable, Hashable, Sendable {
  /// Within the operating limits.
  case within
  /// Beyond the maximum operating limit (MOL): record it.
  case maximumOperatingLimit = "mol"
  /// Beyond the recommended safety limit (RSL): warn and reduce power.
  case recommendedSafetyLimit = "rsl"
  /// Beyond the maximum safety limit (MSL): stop the current and open the contactors.
  case maximumSafetyLimit = "msl"

  /// Position from 0 (within) to 3 (MSL).
  public var rank: Int {
    switch self {
    case .within: 0
    case .maximumOperatingLimit: 1
    case .recommendedSafetyLimit: 2
    case .maximumSafetyLimit: 3
    }
  }

  /// What the level asks for.
  public var reaction: String {
    switch self {
    case .within: "none"
    case .maximumOperatingLimit: "record"
    case .recommendedSafetyLimit: "warn and reduce power"
    case .maximumSafetyLimit: "stop the current and open the contactors"
    }
  }

  /// The severity of a finding at this level; nil within the limits.
  public var severity: Severity? {
    switch self {
    case .within: nil
    case .maximumOperatingLimit: .watch
    case .recommendedSafetyLimit: .act
    case .maximumSafetyLimit: .stop
    }
  }
}

extension LimitLevel: Comparable {
  /// Orders from within to beyond the maximum safety limit.
  public static func < (lhs: LimitLevel, rhs: LimitLevel) -> Bool { lhs.rank < rhs.rank }
}
