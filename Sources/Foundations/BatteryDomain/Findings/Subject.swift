// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The part of a battery that a finding is about.

/// The part of a battery that a finding is about.
///
/// In JSON a subject is an object with its part and, where it has one, its number or name:
/// `{"part":"cell","number":82}`.
public enum Subject: Hashable, Sendable {
  /// The whole battery of a vehicle, storage unit or test.
  case pack
  /// A module, counted from 1.
  case module(Int)
  /// A cell or parallel group, counted from 1 as the source numbers it.
  case cell(Int)
  /// A temperature probe, counted from 1.
  case probe(Int)
  /// A measuring channel of the source, by its name there.
  case channel(String)

  /// Short text for lists, for example `cell 82`.
  public var label: String {
    switch self {
    case .pack: "pack"
    case .module(let number): "module \(number)"
    case .cell(let number): "cell \(number)"
    case .probe(let number): "probe \(number)"
    case .channel(let name): "channel \(name)"
    }
  }

  private var position: (kind: Int, number: Int, name: String) {
    switch self {
    case .pack: (0, 0, "")
    case .module(let number): (1, number, "")
    case .cell(let number): (2, number, "")
    case .probe(let number): (3, number, "")
    case .channel(let name): (4, 0, name)
    }
  }
}

extension Subject: Comparable {
  /// Orders from the pack down to its parts, then by number or name.
  public static func < (lhs: Subject, rhs: Subject) -> Bool { lhs.position < rhs.position }
}
