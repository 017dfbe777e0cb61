// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The part of a battery that a finding is about.

/// The part of a battery that a finding is about.
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
}
