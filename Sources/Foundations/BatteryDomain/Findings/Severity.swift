// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How urgent a finding is, in words that say what to do.

/// How urgently a finding asks for action; the raw value orders them.
public enum Severity: String, CaseIterable, Codable, Hashable, Sendable {
  /// Worth knowing; nothing to do.
  case note
  /// A standing deviation: look again at the next review.
  case watch
  /// A fault that develops or already exceeds its limit: inspect within days.
  case act
  /// An immediate hazard: take the battery out of use now.
  case stop

  /// Position from 0 (note) to 3 (stop).
  public var rank: Int {
    switch self {
    case .note: 0
    case .watch: 1
    case .act: 2
    case .stop: 3
    }
  }
}

extension Severity: Comparable {
  /// Orders from note to stop.
  public static func < (lhs: Severity, rhs: Severity) -> Bool { lhs.rank < rhs.rank }
}
